package plan

import (
	"math"
	"slices"
	"strconv"
)

// Origin is where a figure comes from.
type Origin string

// The origins, the weakest last: a figure has the weakest of what it is made
// of.
const (
	Given    Origin = "given"    // by the Input, or by arithmetic on it
	Measured Origin = "measured" // rests on what the runs measured
	Assumed  Origin = "assumed"  // rests on at least one assumption
)

// The units of figures, as they are in JSON.
const (
	ImagesPerS  = "images/s"
	Connections = "connections"
	Servers     = "servers"
	Cores       = "cores"
	Bytes       = "B"
	MbitPerS    = "Mbit/s" // 10^6 bits
	Microsecs   = "us"
	Share       = "share" // 0 to 1
	Money       = "money" // of the currency that the price is in
)

// Bound says that a figure is known from one side alone, or from neither.
type Bound string

// The bounds; none is the empty one.
const (
	AtLeast Bound = "at_least"
	AtMost  Bound = "at_most"
	// Perhaps is a figure that the highest load that passed stands in for a
	// capacity in. Its Low and High, if any, are no 95 % interval: they come of a
	// bracket, from the highest load that passed to the lowest that failed.
	Perhaps Bound = "perhaps"
)

// Figure is a number of a plan.
type Figure struct {
	Value *float64 `json:"value"` // nil: not known
	Low   *float64 `json:"low"`   // its 95 % interval, or a bracket by Bound; nil: there is none
	High  *float64 `json:"high"`
	Bound Bound    `json:"bound,omitempty"`
	Unit  string   `json:"unit"`

	Origin  Origin `json:"origin"`
	Assumes []int  `json:"assumes,omitempty"` // the numbers of the assumptions it rests on, ascending
}

// basis is what a figure rests on. The zero value is what is given.
type basis struct {
	measured bool
	assumes  []int
}

// measured is the basis of what the runs tell.
var measured = basis{measured: true}

// on returns the basis of what is made of all bs.
func on(bs ...basis) basis {
	var all basis
	for _, b := range bs {
		all.measured = all.measured || b.measured
		all.assumes = append(all.assumes, b.assumes...)
	}
	slices.Sort(all.assumes)
	all.assumes = slices.Compact(all.assumes)
	return all
}

func (b basis) origin() Origin {
	switch {
	case len(b.assumes) > 0:
		return Assumed
	case b.measured:
		return Measured
	}
	return Given
}

// figure returns value as a figure that rests on b; nil is not known.
func (b basis) figure(unit string, value *float64) Figure {
	return Figure{Value: rounded(value), Unit: unit, Origin: b.origin(), Assumes: b.assumes}
}

// within returns f with an interval, if both ends of it are known. The value is
// in it: an interval that was found in another way than the value is widened.
func (f Figure) within(low, high *float64) Figure {
	if f.Value == nil || low == nil || high == nil {
		return f
	}
	f.Low = rounded(number(min(*low, *f.Value)))
	f.High = rounded(number(max(*high, *f.Value)))
	return f
}

// rounded returns x with ten significant digits, which are the same on every
// machine, and nil for what is no number.
func rounded(x *float64) *float64 {
	if x == nil || math.IsNaN(*x) || math.IsInf(*x, 0) {
		return nil
	}
	r, err := strconv.ParseFloat(strconv.FormatFloat(*x, 'g', 10, 64), 64)
	if err != nil {
		return nil
	}
	return &r
}

// ordered returns a and b, the lesser first, and as they are where one is not
// known.
func ordered(a, b *float64) (low, high *float64) {
	if a != nil && b != nil && *a > *b {
		return b, a
	}
	return a, b
}

func number(x float64) *float64 { return &x }

// times returns x × y, nil where x is not known.
func times(x *float64, y float64) *float64 {
	if x == nil {
		return nil
	}
	return number(*x * y)
}

// sum returns the sum of xs, nil where one of them is not known.
func sum(xs ...*float64) *float64 {
	total := 0.0
	for _, x := range xs {
		if x == nil {
			return nil
		}
		total += *x
	}
	return &total
}
