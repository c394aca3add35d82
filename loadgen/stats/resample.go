package stats

import "math/rand/v2"

// Resample returns the intervals of statistics of n rounds by the percentile
// bootstrap: rounds are drawn with replacement, n at a time, and the statistics
// are computed of each draw; the interval is what the middle of the
// results spans (Efron & Tibshirani, An Introduction to the Bootstrap, §13). A
// round is drawn whole, so whatever its blocks share stays shared (§8).
//
// The interval is widened for the least number of rounds that any of what the
// statistics are made of was measured in: what was measured in six of sixty
// rounds is known as well as six rounds tell.
//
// Statistics is told which rounds were drawn, each 0 to n-1 and some more than
// once, and returns as many values each time, in a slice that it may use again;
// false leaves the draw out. There is one interval for each value, and none
// where least is too few rounds for one. The same seed gives the same draws.
func Resample(n, least int, seed uint64, statistics func(drawn []int) ([]float64, bool)) []Interval {
	if least = min(least, n); least < minRounds {
		return nil
	}
	draw := rand.New(rand.NewPCG(seed, uint64(n)))
	drawn := make([]int, n)
	var results [][]float64 // by statistic
	for range resamples {
		for i := range drawn {
			drawn[i] = draw.IntN(n)
		}
		values, ok := statistics(drawn)
		if !ok {
			continue
		}
		if results == nil {
			results = make([][]float64, len(values))
		}
		for k, value := range values {
			results[k] = append(results[k], value)
		}
	}
	var intervals []Interval
	for _, xs := range results {
		intervals = append(intervals, *percentileInterval(xs, least))
	}
	return intervals
}
