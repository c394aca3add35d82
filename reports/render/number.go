package render

import (
	"math"
	"strings"

	"github.com/wsimg/wsimg/reports"
)

// Signs of figures that are not numbers, or not the whole of one.
const (
	missing = "–" // the sample cannot support it
	level   = "~" // no difference was found

	atLeast = "≥ " // before a number that is only a lower bound
	atMost  = "≤ " // before one that is only an upper bound
)

// quantity is a physical unit and its decimal multiples, ascending by 1000.
type quantity []string

var (
	rates     = quantity{"/s"}
	bandwidth = quantity{"B/s", "KB/s", "MB/s", "GB/s"}
	volume    = quantity{"B", "KB", "MB", "GB"}
	duration  = quantity{"µs", "ms", "s"}
)

// widest is the largest number a column shows before it takes the next unit.
const widest = 99_999

// scale is one unit for a whole column.
type scale struct {
	unit    string
	divisor float64
}

// scaleOf returns the unit in which the smallest of xs is at least one, or the
// next one up if in it the largest would be too wide. Nil and zero don't count.
func (q quantity) scaleOf(xs []*float64) scale {
	smallest, largest := math.Inf(1), 0.0
	for _, x := range xs {
		if x != nil && *x > 0 {
			smallest, largest = min(smallest, *x), max(largest, *x)
		}
	}
	s := scale{q[0], 1}
	if largest == 0 {
		return s
	}
	for _, unit := range q[1:] {
		if smallest/s.divisor < 1000 && largest/s.divisor <= widest {
			break
		}
		s = scale{unit, s.divisor * 1000}
	}
	return s
}

// format writes x in the column's unit with three significant digits.
func (s scale) format(x *float64) string {
	if x == nil {
		return missing
	}
	return reports.FormatNumber(*x / s.divisor)
}

// trimmed writes x with three significant digits, without zeros at their end.
func trimmed(x float64) string {
	text := reports.FormatNumber(x)
	if strings.Contains(text, ".") && !strings.Contains(text, "e") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return text
}

// signed writes a ratio as a difference in per cent, without the unit.
func signed(ratio float64) string {
	return strings.TrimSuffix(reports.FormatDifference(ratio), " %")
}
