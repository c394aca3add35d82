package stats

import (
	"fmt"
	"math"
)

// Paired compares two series round by round: mode[i] and baseline[i] were
// measured side by side, and all values are positive, or there may be no
// interval. The estimate is the median of the rounds' ratios, with its
// order-statistic interval and what it could have detected. Without rounds it
// returns false.
//
// Ratios are handled as logarithms, so that mode/baseline and baseline/mode
// tell the same story: twice as much and half as much are equally far from 1.
func Paired(mode, baseline []float64) (Estimate, bool) {
	logs := LogRatios(mode, baseline)
	if len(logs) == 0 {
		return Estimate{}, false
	}
	e := ofLogs(logs)
	e.Detectable = Detectable(logs)
	return e, true
}

// LogRatios returns ln(mode[i]/baseline[i]) of every round. All values are
// positive.
func LogRatios(mode, baseline []float64) []float64 {
	if len(mode) != len(baseline) {
		panic(fmt.Sprintf("stats: %d rounds paired with %d", len(mode), len(baseline)))
	}
	logs := make([]float64, len(mode))
	for i := range mode {
		logs[i] = math.Log(mode[i] / baseline[i])
	}
	return logs
}

// ofLogs returns the median of rounds, at least one, and its interval.
func ofLogs(logs []float64) Estimate {
	e := Estimate{Ratio: math.Exp(Median(logs))}
	if i, ok := MedianInterval(logs, Confidence); ok {
		e.Interval = i.exp()
	}
	return e
}
