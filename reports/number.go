package reports

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/wsimg/wsimg/loadgen/stats"
)

// significant rounds x to ten significant digits: more than any measurement
// here has, and few enough to be the same on every machine.
func significant(x float64) float64 {
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 10, 64), 64)
	if err != nil {
		return x
	}
	return rounded
}

// quotient returns a total's amount over its base, nil without a base.
func quotient(t stats.Total) *float64 {
	if t.Over <= 0 {
		return nil
	}
	return number(t.Amount / t.Over)
}

// number returns a pointer to x rounded, nil for what is no number.
func number(x float64) *float64 {
	if !finite(x) {
		return nil
	}
	x = significant(x)
	return &x
}

// notFinite is written for what came of a division by nothing.
const notFinite = "–"

// finite reports whether x is a number that can be written.
func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// microseconds turns nanoseconds into microseconds, exactly; nil unless ok.
func microseconds(ns int64, ok bool) *float64 {
	if !ok {
		return nil
	}
	us := float64(ns) / 1e3
	return &us
}

// FormatDifference writes a ratio as a signed difference in per cent: 1.333 is
// "+33.3 %", 0.77 "−23.0 %". From ten times on, without decimals.
func FormatDifference(ratio float64) string {
	if !finite(ratio) {
		return notFinite
	}
	x := 100 * (ratio - 1)
	return FormatPoints(x, PointDecimals(x)) + " %"
}

// PointDecimals returns with how many decimals a difference in per cent is
// written: one, and from ten times on none.
func PointDecimals(points float64) int {
	if math.Abs(points) >= 999.95 {
		return 0
	}
	return 1
}

// FormatPoints writes a difference in per cent, or a part of one, with its sign
// and that many decimals, thousands grouped.
func FormatPoints(points float64, decimals int) string {
	text := FormatFixed(points, decimals)
	if points > 0 && finite(points) && strings.Trim(text, "0.") != "" {
		return "+" + text
	}
	return text
}

// FormatNumber writes x with three significant digits and thousands grouped:
// 0.123, 1.23, 12.3, 123, 1,230. What is too large for a column takes an
// exponent, what is too small ends at four decimals.
func FormatNumber(x float64) string {
	if !finite(x) {
		return notFinite
	}
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

// FormatFixed writes x with that many decimals, thousands grouped, and a true
// minus. What is too large for a column takes an exponent.
func FormatFixed(x float64, decimals int) string {
	if !finite(x) {
		return notFinite
	}
	number := strconv.FormatFloat(math.Abs(x), 'f', decimals, 64)
	if math.Abs(x) >= 1e6 {
		number = strconv.FormatFloat(math.Abs(x), 'e', 1, 64)
	}
	if x < 0 && strings.Trim(number, "0.") != "" {
		return "−" + group(number)
	}
	return group(number)
}

// FormatCount writes n exactly, thousands grouped, as long as it fits a column.
func FormatCount(n uint64) string {
	if n >= 1e9 {
		return FormatNumber(float64(n))
	}
	return group(strconv.FormatUint(n, 10))
}

// FormatRate writes a rate as flags take it: "350/s", "1,230/s", "0.2/s".
func FormatRate(perS float64) string { return trimmed(FormatNumber(perS)) + "/s" }

// FormatLoad writes a load that was asked for, images/s or clients: to the last
// digit from a thousand on, for those about an edge differ by little.
func FormatLoad(load float64) string {
	if load >= 999.5 && load < 1e6 {
		return FormatFixed(load, 0)
	}
	return trimmed(FormatNumber(load))
}

// trimmed cuts off the zeros behind a number's point.
func trimmed(number string) string {
	if strings.Contains(number, ".") && !strings.Contains(number, "e") {
		return strings.TrimRight(strings.TrimRight(number, "0"), ".")
	}
	return number
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

// FormatSpan writes a time in µs in the unit that suits it: "870 µs", "12.3 ms",
// "2.05 s".
func FormatSpan(us float64) string {
	unit := "µs"
	for _, u := range []string{"ms", "s"} {
		if us < 999.5 {
			break
		}
		us, unit = us/1000, u
	}
	return FormatNumber(us) + " " + unit
}

// FormatShortSpan is FormatSpan without the zeros behind the point: "50 ms".
func FormatShortSpan(us float64) string {
	number, unit, _ := strings.Cut(FormatSpan(us), " ")
	return trimmed(number) + " " + unit
}

// percent writes a share in whole per cent, with a decimal below ten.
func percent(share float64) string {
	if share < 0.0995 {
		return fmt.Sprintf("%.1f %%", 100*share)
	}
	return FormatFixed(100*share, 0) + " %"
}

// count writes a number and its noun, in the plural where there are more.
func count(n uint64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%s %ss", FormatCount(n), noun)
}
