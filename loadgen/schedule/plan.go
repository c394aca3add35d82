package schedule

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// Stage is one part of a plan: the rate goes evenly From → To, in images a
// second.
type Stage struct {
	From, To float64
	Length   time.Duration
}

// count is how many images the stage holds.
func (s Stage) count() float64 { return (s.From + s.To) / 2 * s.Length.Seconds() }

// until is how many of them are due in its first seconds.
func (s Stage) until(seconds float64) float64 {
	return s.From*seconds + (s.To-s.From)/2*seconds*seconds/s.Length.Seconds()
}

// at is the second at which n of them are due: the root of until(t) = n, in
// the form that loses no digits when the rate is even.
func (s Stage) at(n float64) float64 {
	if n <= 0 {
		return 0
	}
	slope := (s.To - s.From) / s.Length.Seconds()
	return 2 * n / (s.From + math.Sqrt(max(0, s.From*s.From+2*slope*n)))
}

// Plan is stages, one after the other. It is read-only once made, and then
// safe for concurrent use.
type Plan []Stage

// Steady is a plan of one rate, in images a second.
func Steady(rate float64, length time.Duration) Plan {
	return Plan{{From: rate, To: rate, Length: length}}
}

// Validate reports everything that is wrong with p in one error.
func (p Plan) Validate() error {
	var faults []error
	for i, s := range p {
		if s.Length <= 0 {
			faults = append(faults, fmt.Errorf("stage %d lasts %v: give it a positive duration", i+1, s.Length))
		}
		for _, rate := range []float64{s.From, s.To} {
			if math.IsNaN(rate) || rate < 0 || rate > MaxRate {
				faults = append(faults, fmt.Errorf("stage %d has a rate of %g images/s: give 0 to %g", i+1, rate, float64(MaxRate)))
			}
		}
	}
	if len(faults) == 0 && p.Count(p.Length()) == 0 {
		faults = append(faults, errors.New("no image is ever due: give a rate above 0"))
	}
	return errors.Join(faults...)
}

// Length is how long the plan lasts.
func (p Plan) Length() time.Duration {
	var sum time.Duration
	for _, s := range p {
		sum += s.Length
	}
	return sum
}

// Mean is the plan's mean rate, in images a second; 0 for an empty one.
func (p Plan) Mean() float64 {
	if p.Length() <= 0 {
		return 0
	}
	return p.Count(p.Length()) / p.Length().Seconds()
}

// Count is Λ: how many images should be due until at.
func (p Plan) Count(at time.Duration) float64 {
	var sum float64
	for _, s := range p {
		if at < s.Length {
			return sum + s.until(max(0, at.Seconds()))
		}
		at -= s.Length
		sum += s.count()
	}
	return sum
}

// Instant is Λ⁻¹: when image n, counted from 0, is due. It reports false when
// the plan ends before.
func (p Plan) Instant(n float64) (time.Duration, bool) {
	var start time.Duration
	for _, s := range p {
		if c := s.count(); n >= c {
			n -= c
			start += s.Length
			continue
		}
		within := time.Duration(s.at(n) * float64(time.Second))
		return start + min(within, s.Length-1), true
	}
	return 0, false
}
