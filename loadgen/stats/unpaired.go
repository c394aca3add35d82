package stats

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// UnpairedTotals compares the totals of two series of blocks that were
// measured one after the other, and not side by side:
//
//	(Σ mode.Amount / Σ mode.Over) / (Σ baseline.Amount / Σ baseline.Over)
//
// Each series is resampled by itself (Efron & Tibshirani, An Introduction to
// the Bootstrap, §8.3), and the interval is widened for the shorter one. The
// blocks of a series are taken for independent, and both series for
// measurements of one machine: what drifted between them is in the ratio, and
// not in its interval. Detectable is the normal approximation, as in
// [QuantileRatio]. Without blocks, or with a total of zero, it returns false.
func UnpairedTotals(mode, baseline []Total, seed uint64) (Estimate, bool) {
	sum := func(ts []Total, weights []int64) Total {
		var all Total
		for i, w := range weights {
			all.Amount += float64(w) * ts[i].Amount
			all.Over += float64(w) * ts[i].Over
		}
		return all
	}
	return unpaired(len(mode), len(baseline), seed, func(m, b []int64) (float64, bool) {
		return sum(mode, m).ratio(sum(baseline, b))
	})
}

// UnpairedQuantile is [UnpairedTotals] of the q-quantile of two series of
// distributions, each merged. It returns false when either series has fewer
// than [SamplesNeeded].
func UnpairedQuantile(mode, baseline []Distribution, q float64, seed uint64) (Estimate, bool) {
	m, b := accumulate(mode), accumulate(baseline)
	need := SamplesNeeded(q)
	if m.count(ones(len(mode))) < need || b.count(ones(len(baseline))) < need {
		return Estimate{}, false
	}
	return unpaired(len(mode), len(baseline), seed, func(drawn, from []int64) (float64, bool) {
		if m.count(drawn) == 0 || b.count(from) == 0 {
			return 0, false
		}
		return float64(m.quantile(q, drawn)) / float64(b.quantile(q, from)), true
	})
}

// unpaired resamples n blocks of a mode and k of a baseline. Ratio is told how
// often each of them was drawn, and returns false where that makes none.
func unpaired(n, k int, seed uint64, ratio func(mode, baseline []int64) (float64, bool)) (Estimate, bool) {
	all, ok := ratio(ones(n), ones(k))
	if !ok {
		return Estimate{}, false
	}
	e := Estimate{Ratio: all}
	fewest := min(n, k)
	if fewest < minRounds {
		return e, true
	}
	draw := rand.New(rand.NewPCG(seed, uint64(n+k)))
	mode, baseline := make([]int64, n), make([]int64, k)
	logs := make([]float64, 0, quantileResamples)
	for range quantileResamples {
		for _, weights := range [][]int64{mode, baseline} {
			clear(weights)
			for range weights {
				weights[draw.IntN(len(weights))]++
			}
		}
		if r, ok := ratio(mode, baseline); ok {
			logs = append(logs, math.Log(r))
		}
	}
	if len(logs) == 0 {
		return e, true
	}
	e.Interval = percentileInterval(logs, fewest).exp()
	z := distuv.UnitNormal.Quantile(1-(1-Confidence)/2) + distuv.UnitNormal.Quantile(Power)
	e.Detectable = math.Expm1(z * stat.StdDev(logs, nil))
	return e, true
}

// ones are the weights of n blocks that were each drawn once.
func ones(n int) []int64 { return slices.Repeat([]int64{1}, n) }
