package stats

import (
	"math"
	"slices"
)

// Median returns the middle value of xs, the mean of the two middle ones when
// their number is even. It panics when xs is empty and leaves xs as it was.
func Median(xs []float64) float64 {
	return median(slices.Sorted(slices.Values(xs)))
}

func median(sorted []float64) float64 {
	n := len(sorted)
	if n%2 == 1 {
		return sorted[n/2]
	}
	return (sorted[n/2-1] + sorted[n/2]) / 2
}

// MedianInterval returns the exact order-statistic interval of the median of
// the population that xs was drawn from, and false when xs is too small for
// the confidence: 95 % needs six values. It assumes no distribution.
//
// With xs sorted, [x(r), x(n+1-r)] misses the median only when fewer than r of
// n values fall on one side of it, each falling there with probability 1/2:
//
//	coverage = 1 − 2·P(B < r),  B ~ Binomial(n, 1/2)
//
// The largest r that keeps the confidence gives the shortest interval (David
// & Nagaraja, Order Statistics, 3rd ed., §7.1; Hahn & Meeker, Statistical
// Intervals, §5.2).
func MedianInterval(xs []float64, confidence float64) (Interval, bool) {
	r := medianRank(len(xs), confidence)
	if r == 0 {
		return Interval{}, false
	}
	sorted := slices.Sorted(slices.Values(xs))
	return Interval{sorted[r-1], sorted[len(sorted)-r]}, true
}

// medianRank returns the largest r ≥ 1 for which [x(r), x(n+1-r)] covers the
// median with at least the given confidence, 0 when there is none.
func medianRank(n int, confidence float64) int {
	allowed := (1-confidence)/2 + 1e-12 // a tail of exactly half is allowed
	logP := -float64(n) * math.Ln2      // of P(B = r), which itself would underflow from n = 1075 on
	tail := math.Exp(logP)              // P(B ≤ r)
	r := 0
	for r < n/2 && tail <= allowed {
		logP += math.Log(float64(n-r) / float64(r+1))
		tail += math.Exp(logP)
		r++
	}
	return r
}
