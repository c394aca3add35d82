package calibrate

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/wsimg/wsimg/loadgen/alarm"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/stats"
)

// nap is how far ahead the instants are that waiters wait for: a rate of
// 1,000 images a second.
const nap = time.Millisecond

// waiter is a way to wait for an instant.
type waiter struct {
	name, note string
	until      func(time.Time)
}

// newTimers returns how late the ways to wait wake up, that of the runtime and
// that of the generator, and what gives up what they hold.
func newTimers() (all []ceiling, closing func() error, err error) {
	own, err := alarm.New()
	if err != nil {
		return nil, nil, err
	}
	for _, w := range []waiter{
		{"time.Sleep", "for 1 ms, with nothing else to do", func(due time.Time) { time.Sleep(time.Until(due)) }},
		{"generator's alarm", "the same", func(due time.Time) {
			for own.Set(due); time.Now().Before(due); {
				own.Wait()
			}
		}},
	} {
		all = append(all, &timer{waiter: w})
	}
	return all, func() error { own.Close(); return nil }, nil
}

// timer is how late one waiter wakes up.
type timer struct {
	waiter   waiter
	lateness [][]float64 // by repetition, in µs, sorted
}

func (t *timer) slots() []slot { return []slot{{timerWeight, t.measure}} }

func (t *timer) measure(ctx context.Context, d time.Duration) error {
	var late []float64
	for start := time.Now(); time.Since(start) < d && ctx.Err() == nil; {
		due := time.Now().Add(nap)
		t.waiter.until(due)
		late = append(late, time.Since(due).Seconds()*1e6)
	}
	if len(late) > 0 {
		slices.Sort(late)
		t.lateness = append(t.lateness, late)
	}
	return nil
}

func (t *timer) record() (record.Ceiling, bool) {
	found := record.Ceiling{Name: t.waiter.name, Kind: record.TimerCeiling, Cores: 1, Note: t.waiter.note}
	if len(t.lateness) == 0 {
		return found, false
	}
	pooled := slices.Sorted(slices.Values(slices.Concat(t.lateness...)))
	for _, p := range []struct {
		name string
		q    float64
	}{{"late by, p50", 0.50}, {"late by, p99", 0.99}} {
		var each []float64
		for _, late := range t.lateness {
			each = append(each, nearestRank(late, p.q))
		}
		var value *float64
		if int64(len(pooled)) >= stats.SamplesNeeded(p.q) {
			v := nearestRank(pooled, p.q)
			value = &v
		}
		found.Figures = append(found.Figures, figure(p.name, "µs", value, each))
	}
	return found, true
}

// nearestRank returns the least value that at least the share q of the sorted
// values does not exceed.
func nearestRank(sorted []float64, q float64) float64 {
	return sorted[max(0, int(math.Ceil(q*float64(len(sorted))))-1)]
}
