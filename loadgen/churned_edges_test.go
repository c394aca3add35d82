package loadgen

import (
	"errors"
	"maps"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wsimg/wsimg/loadgen/churn"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/schedule"
)

// TestFailuresBelongToWhenTheyHappened has something fail in each stretch of a
// block, and in none other.
func TestFailuresBelongToWhenTheyHappened(t *testing.T) {
	const clients, ramp, length = 4, 2 * time.Second, 2 * time.Second
	closed := Block{Load: Load{Think: 900 * time.Millisecond}, Length: 1800 * time.Millisecond}
	open := Block{Load: Load{Plan: schedule.Steady(20, length), Arrivals: schedule.Constant}}
	cut := func(b Block) Block {
		b.Cuts = []time.Duration{time.Second}
		return b
	}
	for _, tt := range []struct {
		name               string
		block              Block
		ramp               time.Duration
		work               time.Duration // of the server on an image
		falls, rises       time.Duration // from the start of the block; 0: never
		before, in, behind string        // the kind of failure to be found there
	}{
		// All send at 0 and 1,050 ms, are cut at 1,150 ms, and rest until the window
		// closes at 1,950 ms: the block has drained before.
		{name: "a cut in a closed loop", block: cut(closed), work: 150 * time.Millisecond, in: Lost},
		{name: "a cut in an open loop", block: cut(open), work: 150 * time.Millisecond, in: Lost},
		{name: "a server that falls in the ramp", block: closed, ramp: ramp, work: swift, falls: time.Second, rises: 1100 * time.Millisecond, before: Dropped},
		{name: "a server that falls in the window", block: open, ramp: ramp, work: swift, falls: 3 * time.Second, rises: 3100 * time.Millisecond, in: Dropped},
		{name: "a server that is too slow", block: open, work: 900 * time.Millisecond, behind: Unsent},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := newVirtual(t, serial(always(tt.work)))
				f := fleetOf(t, v, Settings{Clients: clients, Timeout: time.Second})
				defer f.Close()
				if tt.ramp == 0 {
					if err := f.Grow(t.Context(), clients); err != nil {
						t.Fatal(err)
					}
				}
				if tt.falls > 0 {
					time.AfterFunc(tt.falls, v.fall)
					time.AfterFunc(tt.rises, v.rise)
				}
				b := watched(tt.block)
				b.Redial, b.Ramp, b.Traffic = true, tt.ramp, newNumbers(t, record.Echo, clients)
				sample, _, err := f.Run(t.Context(), b)
				if err != nil {
					t.Fatal(err)
				}
				if sample.Ramp == nil {
					sample.Ramp = new(record.Stretch)
				}
				in := maps.Clone(sample.Errors)
				for _, edge := range []map[string]uint64{sample.Ramp.Errors, sample.Drain.Errors} {
					for kind, n := range edge {
						in[kind] -= n
					}
				}
				for _, stretch := range []struct {
					name string
					got  map[string]uint64
					want string
				}{{"ramp", sample.Ramp.Errors, tt.before}, {"window", in, tt.in}, {"drain", sample.Drain.Errors, tt.behind}} {
					for kind, n := range stretch.got {
						if want := kind == stretch.want || kind == Refused && stretch.want == Dropped || kind == Unanswered && stretch.want == Unsent; n > 0 && !want {
							t.Errorf("%s: got %d %s, want %q alone", stretch.name, n, kind, stretch.want)
						}
					}
					if stretch.want != "" && stretch.got[stretch.want] == 0 {
						t.Errorf("%s: got %v, want some %s", stretch.name, stretch.got, stretch.want)
					}
				}
			})
		})
	}
}

// TestNobodyAtTheLastInstant is no server that is gone, when all connections
// ended shortly before and nothing more is due.
func TestNobodyAtTheLastInstant(t *testing.T) {
	const length = 4 * time.Second
	backoff := churn.Backoff{Base: time.Second, Most: 2 * time.Second}
	for _, tt := range []struct {
		name  string
		cut   time.Duration
		falls time.Duration // the server, for good; 0: never
		want  error
	}{
		{"cut 10 ms before the end", length - 10*time.Millisecond, 0, nil},
		{"gone 10 ms before the end", 0, length - 10*time.Millisecond, nil},
		{"gone while images are due", 0, length - 2500*time.Millisecond, errNobody},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := newVirtual(t, serial(always(150*time.Millisecond)))
				if tt.falls > 0 {
					time.AfterFunc(tt.falls, v.fall)
				}
				// The last one is due 100 ms before the end.
				b := watched(Block{Load: Load{Plan: schedule.Steady(10, length), Arrivals: schedule.Constant}, Redial: true})
				if tt.cut > 0 {
					b.Cuts = []time.Duration{tt.cut}
				}
				got, err := playFor(t.Context(), t, v, Settings{Clients: 3, Backoff: backoff}, b)
				if !errors.Is(err, tt.want) {
					t.Errorf("got error %v, want %v", err, tt.want)
				}
				if c := got.Connections; c.Vacant != 3 || got.failed() == 0 {
					t.Errorf("%d vacant and failures %v, want all clients and what was in flight", c.Vacant, got.Errors)
				}
			})
		})
	}
}

// TestSpoiledConnectionIsClosed though nobody takes its place: what it has to
// say proves nothing, and it must not be a load on the server.
func TestSpoiledConnectionIsClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const clients, wrong = 4, 50
		v := newVirtual(t, func(s *session, m message) {
			time.Sleep(10 * time.Millisecond)
			if m.n == wrong && ownerOf(m.image, clients) == 1 {
				m.data[0] = 'x'
			}
			s.echo(m)
		})
		alive := 0
		time.AfterFunc(1500*time.Millisecond, func() {
			v.mu.Lock()
			defer v.mu.Unlock()
			alive = len(v.alive)
		})
		got := play(t, v, Settings{Clients: clients, Forsake: true}, watched(Block{Length: 2 * time.Second, Redial: true}))
		if got.failed() != 1 || got.Errors[Flipped] != 1 {
			t.Errorf("failures: got %v, want one %s", got.Errors, Flipped)
		}
		if alive != clients-1 {
			t.Errorf("the server has %d sessions after the wrong reply, want %d", alive, clients-1)
		}
	})
}

// TestAbandonedImageSaysHowLongItWaited overloads a server until patience ends,
// 1.5 s behind the plan and at the next look: what is then on its way since
// 2.4 s has not taken too long.
func TestAbandonedImageSaysHowLongItWaited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVirtual(t, serial(always(300*time.Millisecond)))
		load := Load{Plan: schedule.Steady(20, time.Second), Arrivals: schedule.Constant}
		got := play(t, v, Settings{Clients: 1, Timeout: 500 * time.Millisecond}, Block{Load: load})
		e := got.examples[Unanswered]
		if want := "image 8 had waited 150ms for its answer when the run ended"; e.Detail != want {
			t.Errorf("got %q, want %q", e.Detail, want)
		}
		if e.Local == "" || e.Remote == "" {
			t.Errorf("got example %+v, want both ends", e)
		}
	})
}

// TestRampCountsWhatWasVerifiedInIt has a server go away in the ramp and come
// back in the window: what was due in the ramp and had to wait is in the ramp's
// latency, and in the window's rate. No image is in two rates.
func TestRampCountsWhatWasVerifiedInIt(t *testing.T) {
	const clients, ramp, length = 20, 4 * time.Second, 6 * time.Second
	for _, tt := range []struct {
		name  string
		block Block
	}{
		{"an open loop", Block{Load: Load{Plan: schedule.Steady(100, length), Arrivals: schedule.Constant}}},
		{"a closed loop", Block{Load: Load{Think: 200 * time.Millisecond}, Length: length}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := newVirtual(t, serial(always(swift)))
				f := fleetOf(t, v, Settings{Clients: clients, Backoff: churn.Backoff{Base: time.Second, Most: time.Second}})
				defer f.Close()
				time.AfterFunc(2*time.Second, v.fall)
				time.AfterFunc(5*time.Second, v.rise)
				b := watched(tt.block)
				b.Redial, b.Ramp, b.Traffic = true, ramp, newNumbers(t, record.Echo, clients)
				got, _, err := f.Run(t.Context(), b)
				if err != nil {
					t.Fatal(err)
				}
				r := got.Ramp
				var early uint64 // verified in the first two seconds
				for _, p := range got.Series[:2] {
					early += p.Images
				}
				if r.Within == nil || r.Within.Images < early || r.Within.Images > early+clients || r.Within.Bytes != 8*r.Within.Images {
					t.Errorf("in the ramp: got %+v verified, want the %d of its first two seconds, of 8 bytes", r.Within, early)
				}
				if r.Within.Images+uint64(got.Credit+0.5)+got.Drain.Within.Images > got.BlockImages+clients {
					t.Errorf("%d count in the ramp, %v in the window, %d in the drain; want %d in all", r.Within.Images, got.Credit, got.Drain.Within.Images, got.BlockImages)
				}
				if tt.block.Load.Open() && (r.Images != r.Scheduled || r.Within.Images+100 > r.Images) {
					t.Errorf("of %d due in the ramp %d were verified and %d in the ramp; want all of them, and half of them", r.Scheduled, r.Images, r.Within.Images)
				}
			})
		})
	}
}
