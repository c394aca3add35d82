package stats

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sort"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// quantileResamples is half of what totals get: a percentile interval from
// histograms is no finer than their three digits.
const quantileResamples = 1000

// QuantileRatio compares the q-quantile of two series of blocks measured side
// by side: the quantile of mode's distributions merged, over that of
// baseline's. It returns false when either has fewer than [SamplesNeeded].
//
// The interval is a percentile bootstrap over whole rounds, mode and baseline
// drawn together and merged again each time (Efron & Tibshirani, An
// Introduction to the Bootstrap, §8.6): round trips within a block resemble
// each other, so the round and not the round trip is what varies
// independently. Detectable is the normal approximation
// (z₀.₉₇₅ + z₀.₈)·SE, with the standard error of the resampled log ratios.
func QuantileRatio(mode, baseline []Distribution, q float64, seed uint64) (Estimate, bool) {
	if len(mode) != len(baseline) {
		panic(fmt.Sprintf("stats: %d rounds paired with %d", len(mode), len(baseline)))
	}
	n := len(mode)
	m, b := accumulate(mode), accumulate(baseline)
	once := slices.Repeat([]int64{1}, n)
	if need := SamplesNeeded(q); m.count(once) < need || b.count(once) < need {
		return Estimate{}, false
	}
	logRatio := func(weights []int64) float64 {
		return math.Log(float64(m.quantile(q, weights)) / float64(b.quantile(q, weights)))
	}
	e := Estimate{Ratio: math.Exp(logRatio(once))}
	if n < minRounds {
		return e, true
	}
	draw := rand.New(rand.NewPCG(seed, uint64(n)))
	weights := make([]int64, n)
	logs := make([]float64, 0, quantileResamples)
	for range quantileResamples {
		clear(weights)
		for range n {
			weights[draw.IntN(n)]++
		}
		if m.count(weights) > 0 && b.count(weights) > 0 {
			logs = append(logs, logRatio(weights))
		}
	}
	if len(logs) == 0 {
		return e, true
	}
	e.Interval = percentileInterval(logs, n).exp()
	z := distuv.UnitNormal.Quantile(1-(1-Confidence)/2) + distuv.UnitNormal.Quantile(Power)
	e.Detectable = math.Expm1(z * stat.StdDev(logs, nil))
	return e, true
}

// rounds holds the distributions of all rounds over one list of values, as
// counts at or below each value. Resampling rounds is then weighting columns,
// and a quantile a binary search over rows: values are touched some twelve
// times a resample and not once each.
type rounds struct {
	values []int64
	below  [][]int64 // below[v][r]: counts of round r at or below values[v]
}

func accumulate(ds []Distribution) rounds {
	merged := Merge(ds...)
	rs := rounds{values: make([]int64, len(merged)), below: make([][]int64, len(merged))}
	cells := make([]int64, len(merged)*len(ds))
	next := make([]int, len(ds))
	running := make([]int64, len(ds))
	for v, bar := range merged {
		rs.values[v] = bar.Value
		for r, d := range ds {
			if next[r] < len(d) && d[next[r]].Value == bar.Value {
				running[r] += d[next[r]].Count
				next[r]++
			}
		}
		rs.below[v] = cells[v*len(ds) : (v+1)*len(ds)]
		copy(rs.below[v], running)
	}
	return rs
}

func (rs rounds) count(weights []int64) int64 {
	if len(rs.below) == 0 {
		return 0
	}
	return weigh(rs.below[len(rs.below)-1], weights)
}

// quantile of the rounds merged, each as often as its weight says.
func (rs rounds) quantile(q float64, weights []int64) int64 {
	rank := nearestRank(q, rs.count(weights))
	return rs.values[sort.Search(len(rs.values)-1, func(v int) bool {
		return weigh(rs.below[v], weights) >= rank
	})]
}

func weigh(counts, weights []int64) int64 {
	var sum int64
	for i, w := range weights {
		sum += w * counts[i]
	}
	return sum
}
