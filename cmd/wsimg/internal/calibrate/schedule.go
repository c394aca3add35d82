package calibrate

import (
	"context"
	"slices"
	"time"
)

const (
	// repetitions is how often everything is measured.
	repetitions = 5
	// warmupShare is how much of the time left after the preparations goes to
	// the warm-up of the echoes: with the default budget and sizes, 0.7 s each.
	warmupShare = 0.25
	// shortest is the least a slot of weight 1 gets when time is short.
	shortest = 500 * time.Microsecond
)

// slot is one thing to be measured once in every repetition.
type slot struct {
	// weight is its share of a repetition, against that of the others.
	weight int
	// measure takes about d and keeps what it found.
	measure func(ctx context.Context, d time.Duration) error
}

// schedule measures slots in turn, again and again.
type schedule struct {
	slots       []slot
	repetitions int
	now         func() time.Time
	tell        func() // called before every slot
}

// run measures until all repetitions are done, or the deadline has passed and
// every slot has been measured at least once. It stops at the first error, and
// when ctx is done with its cause.
func (s schedule) run(ctx context.Context, deadline time.Time) error {
	weights := 0
	for _, slot := range s.slots {
		weights += slot.weight
	}
	order := slices.Clone(s.slots)
	for r := range s.repetitions {
		left := deadline.Sub(s.now())
		if r > 0 && left <= 0 {
			return nil
		}
		unit := max(shortest, left/time.Duration((s.repetitions-r)*max(1, weights)))
		for _, slot := range order {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			s.tell()
			if err := slot.measure(ctx, unit*time.Duration(slot.weight)); err != nil {
				return err
			}
		}
		slices.Reverse(order)
	}
	return nil
}
