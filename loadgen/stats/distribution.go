package stats

import (
	"cmp"
	"math"
	"slices"
)

// Bar is a value and how often it was counted.
type Bar struct {
	Value int64
	Count int64
}

// Distribution is a histogram as bars, values ascending, each at most once.
// The zero value is empty.
type Distribution []Bar

// Merge returns the distribution of everything counted in any of ds.
func Merge(ds ...Distribution) Distribution {
	all := slices.Concat(ds...)
	slices.SortFunc(all, func(a, b Bar) int { return cmp.Compare(a.Value, b.Value) })
	merged := all[:0]
	for _, b := range all {
		if last := len(merged) - 1; last >= 0 && merged[last].Value == b.Value {
			merged[last].Count += b.Count
			continue
		}
		merged = append(merged, b)
	}
	return merged
}

// Count returns how many values were counted.
func (d Distribution) Count() int64 {
	var n int64
	for _, b := range d {
		n += b.Count
	}
	return n
}

// Quantile returns the q-quantile by nearest rank, the smallest value with at
// least a share q of the counts at or below it, and false when the counts are
// fewer than [SamplesNeeded].
func (d Distribution) Quantile(q float64) (int64, bool) {
	n := d.Count()
	if n < SamplesNeeded(q) {
		return 0, false
	}
	rank := nearestRank(q, n)
	var seen int64
	for _, b := range d {
		if seen += b.Count; seen >= rank {
			return b.Value, true
		}
	}
	return 0, false
}

// Max returns the largest value, and false when there is none.
func (d Distribution) Max() (int64, bool) {
	if len(d) == 0 {
		return 0, false
	}
	return d[len(d)-1].Value, true
}

// SamplesNeeded returns the fewest samples for which an upper confidence
// bound of the q-quantile exists, 0 < q < 1: the largest of n samples lies
// above the quantile with probability 1 − q^n, which must reach [Confidence]
// (Hahn & Meeker, Statistical Intervals, §5.2). p50 needs 5, p90 29, p99 299,
// p99.9 2,995 and p99.99 29,956.
func SamplesNeeded(q float64) int64 {
	return int64(math.Ceil(math.Log(1-Confidence) / math.Log(q)))
}

// nearestRank returns the rank, from 1, of the q-quantile of n values. The
// small step back keeps 0.999·1000 at 999 where floating point says 999.0001.
func nearestRank(q float64, n int64) int64 {
	return max(int64(math.Ceil(q*float64(n)-1e-9*float64(n))), 1)
}
