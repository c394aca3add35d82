package reports

import (
	"fmt"
	"math"
	"strconv"

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
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil
	}
	x = significant(x)
	return &x
}

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
	x := math.Round(1000*(ratio-1)) / 10
	decimals := 1
	if x >= 1000 {
		decimals = 0
	}
	number := strconv.FormatFloat(math.Abs(x), 'f', decimals, 64)
	switch {
	case x > 0:
		return "+" + number + " %"
	case x < 0:
		return "−" + number + " %"
	}
	return number + " %"
}

// percent writes a share in whole per cent, with a decimal below ten.
func percent(share float64) string {
	if share < 0.0995 {
		return fmt.Sprintf("%.1f %%", 100*share)
	}
	return fmt.Sprintf("%.0f %%", 100*share)
}

// count writes a number and its noun, in the plural where there are more.
func count(n uint64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
