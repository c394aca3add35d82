package stats

import "math"

// Confidence is the level of every interval in this package.
const Confidence = 0.95

// Interval is a two-sided confidence interval, both ends included.
type Interval struct {
	Low, High float64
}

// Contains reports whether x lies within the interval.
func (i Interval) Contains(x float64) bool { return i.Low <= x && x <= i.High }

// Estimate is a ratio with what is known of its precision.
type Estimate struct {
	Ratio float64
	// Interval is nil when there are too few rounds for one, or too many of them
	// have nothing to divide by.
	Interval *Interval
	// Detectable is the smallest relative difference that the comparison
	// would have found with 80 % power: 0.02 is 2 %. Zero when unknown.
	Detectable float64
}

// Significant reports whether there is an interval and it leaves out 1, "no
// difference".
func (e Estimate) Significant() bool { return e.Interval != nil && !e.Interval.Contains(1) }

// HalfWidth returns half the width of the interval relative to the ratio (0.03
// is 3 %), and false when there is none.
func (e Estimate) HalfWidth() (float64, bool) {
	if e.Interval == nil {
		return 0, false
	}
	return (e.Interval.High - e.Interval.Low) / 2 / e.Ratio, true
}

// exp turns an interval of logarithms into one of ratios. One that reaches 0 or
// infinity says nothing and is none: rounds were too short for their counts, and
// had nothing.
func (i Interval) exp() *Interval {
	r := Interval{math.Exp(i.Low), math.Exp(i.High)}
	if !(r.Low > 0) || !(r.High <= math.MaxFloat64) {
		return nil
	}
	return &r
}
