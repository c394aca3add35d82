package loadgen

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/schedule"
)

// TestEnoughClosesTheWindow stops a plan of 10 s after 2 s, then drives the same
// fleet through another block. A server that can't keep up still gets and
// answers what was due by then, and what was not is never missed.
func TestEnoughClosesTheWindow(t *testing.T) {
	const length, seen = 10 * time.Second, 2
	open := func(l time.Duration) Block {
		return Block{Load: Load{Plan: schedule.Steady(50, l), Arrivals: schedule.Constant}}
	}
	for _, tt := range []struct {
		name   string
		block  func(length time.Duration) Block
		takes  time.Duration
		images uint64
		drain  time.Duration // all that was due by then, but for what was answered in time
	}{
		{"an open loop", open, 5 * time.Millisecond, 100, 0},
		{"an open loop at 1.5 times the capacity", open, 30 * time.Millisecond, 100, time.Second + lead},
		{"an open loop behind a ramp-in", func(l time.Duration) Block {
			b := open(l)
			b.RampIn = time.Second
			return b
		}, 5 * time.Millisecond, 50, 0},
		{"a closed loop", func(l time.Duration) Block { return Block{Length: l} }, 10 * time.Millisecond, 198, 10 * time.Millisecond},
		{"a closed loop with think time", func(l time.Duration) Block {
			return Block{Length: l, Load: Load{Think: 90 * time.Millisecond}}
		}, 10 * time.Millisecond, 19, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := newVirtual(t, serial(always(tt.takes)))
				f := fleetOf(t, v, Settings{Clients: 1, Timeout: 20 * time.Second})
				defer f.Close()
				if err := f.Grow(t.Context(), 1); err != nil {
					t.Fatal(err)
				}
				b := watched(tt.block(length))
				b.Traffic = newNumbers(t, record.Echo, 1)
				asked, complete := 0, 0
				b.Watch = func(*record.Point) { complete++ }
				b.Enough = func(p *record.Point) bool {
					if asked++; asked != complete {
						t.Errorf("asked of point %d when %d were complete", asked, complete)
					}
					return asked == seen
				}
				began := time.Now()
				sample, _, err := f.Run(t.Context(), b)
				if err != nil {
					t.Fatal(err)
				}
				if b.RampIn == 0 { // of which the points tell, and the sample does not
					balanced(t, result{Sample: sample})
				}
				if asked != seen {
					t.Errorf("asked of %d points, want %d: nobody is asked of the drain", asked, seen)
				}
				if n := sample.Images; n < tt.images || n > tt.images+1 || len(sample.Errors) > 0 || sample.Censored > 0 {
					t.Errorf("got %d images, %d censored and failures %v, want %d and none", n, sample.Censored, sample.Errors, tt.images)
				}
				if b.Load.Open() && sample.Scheduled != tt.images {
					t.Errorf("%d were scheduled, want the %d that were due by then", sample.Scheduled, tt.images)
				}
				if took := time.Since(began); took < seen*time.Second+tt.drain || took > seen*time.Second+tt.drain+100*time.Millisecond {
					t.Errorf("it took %v, want %v and a drain of %v", took, seen*time.Second, tt.drain)
				}
				again := watched(tt.block(length))
				again.Traffic = b.Traffic
				sample, _, err = f.Run(t.Context(), again)
				if want := again.window().Seconds(); err != nil || sample.Seconds != want || len(sample.Errors) > 0 || sample.Redials > 0 {
					t.Errorf("the next block: got %v s, failures %v, %d redials and error %v; want all its %v s and none", sample.Seconds, sample.Errors, sample.Redials, err, want)
				}
			})
		})
	}
}

// TestEnoughOfAServerThatHangs counts what it owes, and what waited for it, and
// not what was to come.
func TestEnoughOfAServerThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVirtual(t, serial(always(time.Minute)))
		b := watched(Block{Load: Load{Plan: schedule.Steady(50, 10*time.Second), Arrivals: schedule.Constant}})
		b.Enough = func(*record.Point) bool { return true }
		got := play(t, v, Settings{Clients: 1, Timeout: 2 * time.Second}, b)
		balanced(t, got)
		if got.Scheduled != 50 || got.Censored != 50 || got.Errors[Unanswered] == 0 || got.Errors[Unsent] == 0 || got.failed() != 50 {
			t.Errorf("got %d scheduled, %d censored and failures %v, want 50 of each: those of one second", got.Scheduled, got.Censored, got.Errors)
		}
	})
}

func TestEnoughNeedsPoints(t *testing.T) {
	b := Block{Traffic: &Traffic{}, Length: time.Second, Enough: func(*record.Point) bool { return true }}
	if err := b.Validate(); err == nil || !strings.Contains(err.Error(), "Watch") {
		t.Errorf("got %v, want that it needs Watch", err)
	}
	if b = watched(b); b.Validate() != nil {
		t.Errorf("with Watch: got %v, want none", b.Validate())
	}
}
