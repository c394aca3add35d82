package search

import (
	"math"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/stats"
)

// MinConfirmations is the fewest confirmations, of each mode that a figure is
// of, that have an interval.
const MinConfirmations = 6

// Answer is the highest load that meets the objectives.
type Answer struct {
	// Load is the median of what the confirmations leave likely, and the middle of
	// the bracket, by its logarithm, while they do not have both a pass and a fail. 0:
	// not known. Where loads are whole it lies between two of them: see [Answer.Whole].
	Load          float64
	Interval      *stats.Interval // 95 %; nil: too few confirmations for one
	Confirmations int             // probes that the interval is of: those that passed or failed
	Low, High     float64         // bracket: highest that passed, lowest that failed; 0: none
	Unmet         bool            // the least load failed
	Unbounded     bool            // the most load passed; it is Load
}

// Whole returns the answer where loads are whole numbers, such as of clients:
// the highest that is not above what was found. An edge between 3 and 4 is 3.
func (a Answer) Whole() Answer {
	a.Load = math.Floor(a.Load)
	if a.Interval != nil {
		a.Interval = &stats.Interval{Low: math.Floor(a.Interval.Low), High: math.Floor(a.Interval.High)}
	}
	return a
}

// Answered returns what the probes of one mode come to, in their order.
//
// The logarithm of the capacity is taken for one number, met with a noise of its
// own in each probe ([Probe] passes when its load is below). What is left likely
// after the confirmations, over all noises and all capacities near the loads
// tried, is the answer: the interval holds 95 % of it. Where the capacity drifted
// it is the mean of it meanwhile, for drift passes for noise.
func Answered(probes []Probe) Answer {
	var a Answer
	a.Low, a.High = bracket(probes)
	confirmed := confirmations(probes)
	for _, p := range confirmed {
		if p.tells() {
			a.Confirmations++
		}
	}
	a.Unmet, a.Unbounded = ended(probes)
	switch {
	case a.Unmet:
	case a.Unbounded:
		a.Load = probes[len(probes)-1].Load
	case straddle(confirmed):
		d := edge(confirmed)
		a.Load = math.Exp(d.quantile(0.5))
		if a.Confirmations >= MinConfirmations {
			a.Interval = middle(d)
		}
	case a.Low > 0 && a.High > 0:
		a.Load = math.Sqrt(a.Low * a.High)
	}
	return a
}

// edge returns how likely each logarithm of the capacity is.
func edge(confirmed []Probe) density {
	const points = 200
	low, high := span(confirmed)
	from, step := low-margin, (high-low+2*margin)/(points-1)
	logs := nothing(points)
	for of, weight := range doubts() {
		for i := range logs {
			mass := math.Log(weight)
			for _, p := range confirmed {
				mass += math.Log(p.likelihood(from+step*float64(i)-math.Log(p.Load), of))
			}
			logs[i] = plus(logs[i], mass)
		}
	}
	return likely(from, step, logs)
}

// confirmations returns the probes of the last phase, inconclusive ones too.
func confirmations(probes []Probe) []Probe {
	var confirmed []Probe
	for _, p := range probes {
		if p.Phase == record.Confirm {
			confirmed = append(confirmed, p)
		}
	}
	return confirmed
}

// straddle reports whether there are loads that passed and that failed.
func straddle(probes []Probe) bool {
	var passed, failed bool
	for _, p := range probes {
		passed = passed || p.passed()
		failed = failed || p.Verdict == record.Fail
	}
	return passed && failed
}

// span returns the logarithms of the least and the most load.
func span(probes []Probe) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, p := range probes {
		x := math.Log(p.Load)
		low, high = min(low, x), max(high, x)
	}
	return low, high
}

// middle returns the interval that holds the middle of the mass at the
// confidence of package stats, of what d is the logarithm of.
func middle(d density) *stats.Interval {
	const tail = (1 - stats.Confidence) / 2
	return &stats.Interval{Low: math.Exp(d.quantile(tail)), High: math.Exp(d.quantile(1 - tail))}
}
