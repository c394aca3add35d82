package stats

import (
	"fmt"
	"math"
)

// Paired compares two series round by round: mode[i] and baseline[i] were
// measured side by side, and all values are positive. The estimate is the
// median of the rounds' ratios, with its order-statistic interval and what it
// could have detected. Without rounds it returns false.
//
// Ratios are handled as logarithms, so that mode/baseline and baseline/mode
// tell the same story: twice as much and half as much are equally far from 1.
func Paired(mode, baseline []float64) (Estimate, bool) {
	if len(mode) != len(baseline) {
		panic(fmt.Sprintf("stats: %d rounds paired with %d", len(mode), len(baseline)))
	}
	if len(mode) == 0 {
		return Estimate{}, false
	}
	logs := make([]float64, len(mode))
	for i := range mode {
		logs[i] = math.Log(mode[i] / baseline[i])
	}
	e := Estimate{Ratio: math.Exp(Median(logs)), Detectable: Detectable(logs)}
	if i, ok := MedianInterval(logs, Confidence); ok {
		e.Interval = i.exp()
	}
	return e, true
}
