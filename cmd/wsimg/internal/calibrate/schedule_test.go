package calibrate

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// rehearsal is a schedule of two slots, a and b of the weights 1 and 3, and
// what became of them.
type rehearsal struct {
	overhead time.Duration // what a slot takes besides what it is given
	after    func(slot string) error

	order string
	given []time.Duration
}

func (r *rehearsal) run(ctx context.Context, budget time.Duration) error {
	s := schedule{repetitions: 3, now: time.Now, tell: func() {}}
	for _, one := range []struct {
		name   string
		weight int
	}{{"a", 1}, {"b", 3}} {
		s.slots = append(s.slots, slot{one.weight, func(_ context.Context, d time.Duration) error {
			r.order += one.name
			r.given = append(r.given, d)
			time.Sleep(d + r.overhead)
			if r.after != nil {
				return r.after(one.name)
			}
			return nil
		}})
	}
	return s.run(ctx, time.Now().Add(budget))
}

func TestScheduleSharesTheTimeByWeight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		var r rehearsal
		if err := r.run(t.Context(), 12*time.Second); err != nil {
			t.Fatal(err)
		}
		if r.order != "abbaab" {
			t.Errorf("order: got %s, want abbaab", r.order)
		}
		if r.given[0] != time.Second || r.given[1] != 3*time.Second {
			t.Errorf("given %v, want 1s for a and 3s for b", r.given)
		}
		if took := time.Since(began); took != 12*time.Second {
			t.Errorf("took %v, want 12s", took)
		}
	})
}

func TestScheduleMakesUpForWhatTakesTooLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		r := rehearsal{overhead: 500 * time.Millisecond}
		if err := r.run(t.Context(), 12*time.Second); err != nil {
			t.Fatal(err)
		}
		// 1 s too late after the first repetition, 1.5 s less for the others.
		if took := time.Since(began); len(r.given) != 6 || took > 13*time.Second {
			t.Errorf("took %v for %d slots, want at most the overhead of one repetition above 12s", took, len(r.given))
		}
		if last := r.given[5]; last >= r.given[1] {
			t.Errorf("the last b was given %v, want less than the first with %v", last, r.given[1])
		}
	})
}

func TestScheduleMeasuresEverySlotOnceHoweverLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r rehearsal
		if err := r.run(t.Context(), -time.Second); err != nil {
			t.Fatal(err)
		}
		if r.order != "ab" || r.given[0] != shortest || r.given[1] != 3*shortest {
			t.Errorf("got %s with %v, want ab with the shortest there is", r.order, r.given)
		}
	})
}

func TestScheduleStopsAtTheFirstError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("broken")
		r := rehearsal{after: func(name string) error {
			if name == "b" {
				return broken
			}
			return nil
		}}
		if err := r.run(t.Context(), time.Second); !errors.Is(err, broken) || r.order != "ab" {
			t.Errorf("got %v after %s, want %v after ab", err, r.order, broken)
		}
	})
}

func TestScheduleStopsWhenInterrupted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, interrupt := context.WithCancel(t.Context())
		r := rehearsal{after: func(string) error { interrupt(); return nil }}
		if err := r.run(ctx, time.Second); !errors.Is(err, context.Canceled) || r.order != "a" {
			t.Errorf("got %v after %s, want %v after a", err, r.order, context.Canceled)
		}
	})
}
