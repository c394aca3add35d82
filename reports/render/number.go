package render

import (
	"math"
	"strconv"
	"strings"

	"github.com/wsimg/wsimg/reports"
)

// Signs of figures that are not numbers.
const (
	missing = "–" // the sample cannot support it
	level   = "~" // no difference was found
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
	return threeDigits(*x / s.divisor)
}

// threeDigits writes x with three significant digits and thousands grouped:
// 0.123, 1.23, 12.3, 123, 1,230. What is too large for a column takes an
// exponent, what is too small ends at four decimals.
func threeDigits(x float64) string {
	if x == 0 {
		return "0"
	}
	magnitude := math.Floor(math.Log10(math.Abs(x)))
	if rounded := math.Pow(10, magnitude+1); math.Abs(x) >= rounded*0.9995 {
		magnitude++ // 9.996 is written as 10.0
	}
	if magnitude >= 9 {
		return strconv.FormatFloat(x, 'e', 2, 64)
	}
	decimals := int(min(max(2-magnitude, 0), 4))
	if magnitude > 2 {
		unit := math.Pow(10, magnitude-2)
		x = math.Round(x/unit) * unit
	}
	return group(strconv.FormatFloat(x, 'f', decimals, 64))
}

// integer writes n exactly, thousands grouped, as long as it fits a column.
func integer(n uint64) string {
	if n >= 1e9 {
		return threeDigits(float64(n))
	}
	return group(strconv.FormatUint(n, 10))
}

// group puts a comma before every three digits of the whole part.
func group(number string) string {
	whole, fraction, ok := strings.Cut(number, ".")
	var b strings.Builder
	for i, digit := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 && whole[i-1] != '-' {
			b.WriteByte(',')
		}
		b.WriteRune(digit)
	}
	if ok {
		b.WriteString("." + fraction)
	}
	return b.String()
}

// signed writes a ratio as a difference in per cent, without the unit.
func signed(ratio float64) string {
	return strings.TrimSuffix(reports.FormatDifference(ratio), " %")
}
