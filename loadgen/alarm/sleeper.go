package alarm

import (
	"sync/atomic"
	"time"
)

var _ Alarm = (*sleeper)(nil)

// sleeper waits on a timer of the runtime, a margin short of the instant.
type sleeper struct {
	margin time.Duration
	set    chan time.Time // holds the latest instant that Wait has not seen
	at     time.Time      // being waited for
	timer  *time.Timer
	cost   atomic.Int64
}

// NewSleeper returns an alarm that needs no more than the runtime's timers,
// which it sets margin early. With margin 0 it never yields: such a one obeys a
// test's virtual clock.
func NewSleeper(margin time.Duration) Alarm {
	s := &sleeper{margin: margin, set: make(chan time.Time, 1), timer: time.NewTimer(time.Hour)}
	s.timer.Stop()
	return s
}

func (s *sleeper) Set(at time.Time) {
	for {
		select {
		case s.set <- at:
			return
		case <-s.set: // never seen, and no longer wanted
		}
	}
}

// Wait must not return because the alarm was set: who sets it anew whenever
// Wait returns would never sleep.
func (s *sleeper) Wait() {
	for {
		select {
		case s.at = <-s.set:
			s.timer.Reset(time.Until(s.at) - s.margin)
		case <-s.timer.C:
			if s.margin > 0 {
				s.cost.Add(int64(yieldUntil(s.at)))
			}
			return
		}
	}
}

func (s *sleeper) Cost() time.Duration { return time.Duration(s.cost.Load()) }

func (s *sleeper) Close() { s.timer.Stop() }
