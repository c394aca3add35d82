package loadgen

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wsimg/wsimg/loadgen/churn"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/schedule"
)

// TestClientsWithNothingMoreDueStay has 20 clients of which each sends once, at
// most, in ten seconds: whatever ends their connections in the middle, they are
// part of the load until the end.
func TestClientsWithNothingMoreDueStay(t *testing.T) {
	const clients, length = 20, 10 * time.Second
	for _, tt := range []struct {
		name   string
		change func(*Block)
		falls  bool // the server, from 5 s to 6 s
		gone   func(*record.Connections) uint64
		least  uint64
		most   uint64
	}{
		{"the server is gone for a second", func(*Block) {}, true,
			func(c *record.Connections) uint64 { return c.Lost }, clients, clients},
		{"all are cut", func(b *Block) { b.Cuts = []time.Duration{5200 * time.Millisecond} }, false,
			func(c *record.Connections) uint64 { return c.Cut }, clients, clients},
		// The first of each number is up to a lifetime old.
		{"each lives for a second", func(b *Block) { b.Lifetime.Time = time.Second }, false,
			func(c *record.Connections) uint64 { return c.Retired }, 9 * clients, 11 * clients},
		{"each lives for two images", func(b *Block) { b.Lifetime.Images = 2 }, false,
			func(c *record.Connections) uint64 { return c.Retired }, 5, clients},
		{"all are cut in a closed loop", func(b *Block) {
			b.Load, b.Length, b.Cuts = Load{Think: 2 * length}, length, []time.Duration{5 * time.Second}
		}, false,
			func(c *record.Connections) uint64 { return c.Cut }, clients, clients},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := newVirtual(t, serial(always(swift)))
				if tt.falls {
					time.AfterFunc(5*time.Second, v.fall)
					time.AfterFunc(6*time.Second, v.rise)
				}
				b := Block{Load: Load{Plan: schedule.Steady(2, length), Arrivals: schedule.Constant}, Redial: true}
				tt.change(&b)
				got := play(t, v, Settings{Clients: clients}, watched(b))
				balanced(t, got)
				c := got.Connections
				if n := tt.gone(c); n < tt.least || n > tt.most || c.Connected != n || c.Vacant != 0 {
					t.Errorf("%d connections ended, %d came and %d are vacant; want %d to %d, as many and none", n, c.Connected, c.Vacant, tt.least, tt.most)
				}
				if !within(0.001, time.Duration(got.Seconds*1e9), length) || got.BlockImages != clients {
					t.Errorf("got %d images in %v s, want %d in %v", got.BlockImages, got.Seconds, clients, length)
				}
			})
		})
	}
}

// TestLifetimeGoesOnInTheNextBlock ends the connections of several blocks by
// one and the same age.
func TestLifetimeGoesOnInTheNextBlock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const clients, life = 10, 5 * time.Second
		v := newVirtual(t, serial(always(swift)))
		f := fleetOf(t, v, Settings{Clients: clients})
		defer f.Close()
		if err := f.Grow(t.Context(), clients); err != nil {
			t.Fatal(err)
		}
		for i, length := range []time.Duration{time.Second, life, 4 * life} {
			b := watched(Block{Load: Load{Think: 500 * time.Millisecond}, Length: length, Redial: true, Lifetime: churn.Lifetime{Time: life}})
			b.Traffic = newNumbers(t, record.Echo, clients)
			sample, _, err := f.Run(t.Context(), b)
			if err != nil {
				t.Fatal(err)
			}
			want := uint64(clients * length / life)
			if n := sample.Connections.Retired; n+2 < want || n > want+2 {
				t.Errorf("block %d, of %v: %d retired, want some %d", i, length, n, want)
			}
		}
	})
}

// TestServerWithAPlaceForEachClient takes no connection more than there are
// clients, and takes its time to end one: nobody comes before there is a place.
func TestServerWithAPlaceForEachClient(t *testing.T) {
	const clients = 8
	for _, tt := range []struct {
		name      string
		goodbye   time.Duration // from our close frame to the server's
		reconnect time.Duration
	}{
		{"that says goodbye", 20 * time.Millisecond, 20 * time.Millisecond},
		{"that says nothing", farewell + 100*time.Millisecond, farewell},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := newVirtual(t, serial(always(swift)))
				v.bid = func(int) { time.Sleep(tt.goodbye) }
				v.met = func() func(http.ResponseWriter) {
					if len(v.alive) < clients || tt.goodbye > farewell {
						return nil
					}
					return func(w http.ResponseWriter) { w.WriteHeader(http.StatusServiceUnavailable) }
				}
				load := Load{Plan: schedule.Steady(50, 10*time.Second), Arrivals: schedule.Constant}
				got := play(t, v, Settings{Clients: clients}, watched(Block{Load: load, Lifetime: churn.Lifetime{Images: 5}}))
				synctest.Wait() // for the server
				balanced(t, got)
				c := got.Connections
				if got.failed() != 0 || got.Images != 500 || c.Retired < 20 || c.Lost != 0 {
					t.Errorf("got %d images, %d retired, %d lost, failures %v; want 500, some, none and none", got.Images, c.Retired, c.Lost, got.Errors)
				}
				back := opened(t, c.Reconnect)
				if least, most := time.Duration(back.Min()), time.Duration(back.Max()); !within(0.01, least, tt.reconnect) || !within(0.01, most, tt.reconnect) {
					t.Errorf("reconnecting took %v to %v, want %v from our close frame", least, most, tt.reconnect)
				}
			})
		})
	}
}

// TestGoodbyeOutlastsItsBlock retires a client at the end of a block: in the next
// one it waits, as in the middle of a block, until the server has let go.
func TestGoodbyeOutlastsItsBlock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const clients, goodbye = 4, 500 * time.Millisecond
		v := newVirtual(t, serial(always(swift)))
		v.bid = func(int) { time.Sleep(goodbye) }
		v.met = func() func(http.ResponseWriter) {
			if len(v.alive) < clients {
				return nil
			}
			return func(w http.ResponseWriter) { w.WriteHeader(http.StatusServiceUnavailable) }
		}
		f := fleetOf(t, v, Settings{Clients: clients})
		if err := f.Grow(t.Context(), clients); err != nil {
			t.Fatal(err)
		}
		var sum record.Connections
		for range 2 {
			b := watched(Block{Load: Load{Plan: schedule.Steady(10, time.Second), Arrivals: schedule.Constant}, Lifetime: churn.Lifetime{Time: time.Second}})
			b.Traffic = newNumbers(t, record.Echo, clients)
			sample, _, err := f.Run(t.Context(), b)
			if err != nil || len(sample.Errors) > 0 {
				t.Errorf("got error %v and failures %v, want none", err, sample.Errors)
			}
			if err := sum.Add(*sample.Connections); err != nil {
				t.Fatal(err)
			}
		}
		f.Close()
		synctest.Wait() // for the server
		if sum.Retired < clients || sum.Lost > 0 {
			t.Errorf("%d retired and %d lost, want %d or more and none", sum.Retired, sum.Lost, clients)
		}
	})
}

// TestFirstConnectionsAreNoRedials has clients come for the first time in a
// block: nothing is replaced.
func TestFirstConnectionsAreNoRedials(t *testing.T) {
	const clients = 10
	for _, tt := range []struct {
		name   string
		ramp   time.Duration
		full   time.Duration // the server takes three until then; 0: it takes all
		length time.Duration
	}{
		{"by a ramp", time.Second, 0, time.Second},
		{"since the server was full", 0, 20 * time.Second, 20 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := newVirtual(t, serial(always(swift)))
				f := fleetOf(t, v, Settings{Clients: clients})
				defer f.Close()
				if tt.full > 0 {
					met := 0
					v.met = func() func(http.ResponseWriter) {
						if met++; met <= 3 || v.since(time.Now()) > tt.full {
							return nil
						}
						return func(w http.ResponseWriter) { w.WriteHeader(http.StatusServiceUnavailable) }
					}
					if err := f.Grow(t.Context(), clients); !errors.Is(err, ErrVacant) {
						t.Fatalf("got %v, want %v", err, ErrVacant)
					}
				}
				b := watched(Block{Load: Load{Think: 500 * time.Millisecond}, Length: tt.length, Redial: true, Ramp: tt.ramp})
				b.Traffic = newNumbers(t, record.Echo, clients)
				sample, _, err := f.Run(t.Context(), b)
				if err != nil {
					t.Fatal(err)
				}
				c := sample.Connections
				if again := opened(t, c.Reconnect).TotalCount(); sample.Redials != 0 || again != 0 || c.Connected < 7 || c.Vacant != 0 {
					t.Errorf("%d came, %d vacant, of which %d redials and %d reconnected; want all, none, none and none", c.Connected, c.Vacant, sample.Redials, again)
				}
			})
		})
	}
}

// TestImagesDelayedByTwoLosses counts what became due while the client had no
// connection, though it lost another one before it had caught up.
func TestImagesDelayedByTwoLosses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const falls, rises, gap = 1050 * time.Millisecond, 2050 * time.Millisecond, 100 * time.Millisecond
		var mu sync.Mutex
		var back time.Duration // with the connection that lasts
		sessions := 0
		v := newVirtual(t, func(s *session, m message) {
			mu.Lock()
			if m.n == 0 {
				sessions++
				back = s.server.since(m.at)
			}
			drops := m.n == 0 && sessions == 2
			mu.Unlock()
			if drops {
				s.drop()
				return
			}
			time.Sleep(swift)
			s.echo(m)
		})
		time.AfterFunc(lead+falls, v.fall)
		time.AfterFunc(lead+rises, v.rise)
		load := Load{Plan: schedule.Steady(10, 6*time.Second), Arrivals: schedule.Constant}
		got := play(t, v, Settings{Clients: 1, Backoff: churn.Backoff{Base: 50 * time.Millisecond, Most: 200 * time.Millisecond}}, watched(Block{Load: load, Redial: true}))
		balanced(t, got)
		if want := uint64(back/gap - falls/gap); got.Connections.DelayedImages != want {
			t.Errorf("got %d delayed images, want %d: all that were due from %v to %v", got.Connections.DelayedImages, want, falls, back)
		}
	})
}

// TestInterruptedRamp counts what was due until the interruption, and nothing
// that lay behind it.
func TestInterruptedRamp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const clients = 20
		v := newVirtual(t, serial(always(swift)))
		f := fleetOf(t, v, Settings{Clients: clients})
		defer f.Close()
		ctx, cancel := context.WithTimeout(t.Context(), 1630*time.Millisecond)
		defer cancel()
		load := Load{Plan: schedule.Steady(100, time.Minute), Arrivals: schedule.Constant}
		b := watched(Block{Load: load, Ramp: 10 * time.Second, Traffic: newNumbers(t, record.Echo, clients)})
		sample, _, err := f.Run(ctx, b)
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got error %v, want %v", err, context.DeadlineExceeded)
		}
		balanced(t, result{Sample: sample})
		if r := sample.Ramp; r.Scheduled == 0 || r.Scheduled != sample.BlockImages || sample.Scheduled != 0 {
			t.Errorf("%d were due in the ramp, %d behind it, and %d were verified; want as many, and none", r.Scheduled, sample.Scheduled, sample.BlockImages)
		}
	})
}

// TestLastPointIsOfTheSamplesInstant loses the connections of idle clients while
// the last point is being shown: that is of the next block.
func TestLastPointIsOfTheSamplesInstant(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const length = 2 * time.Second
		v := newVirtual(t, serial(always(swift)))
		shown := 0
		got, err := playFor(t.Context(), t, v, Settings{Clients: 10}, Block{
			Load: Load{Plan: schedule.Steady(20, length), Arrivals: schedule.Constant}, Active: 2, Every: time.Second,
			Traffic: newNumbers(t, record.Echo, 10),
			Watch: func(p *record.Point) {
				if p.AtSeconds >= length.Seconds() {
					shown++
					v.fall()
					synctest.Wait()
				}
			},
		})
		if err != nil || shown != 1 {
			t.Fatalf("got error %v and %d last points, want none and 1", err, shown)
		}
		balanced(t, got)
		if c := got.Connections; c.Lost != 0 || len(got.Drain.Errors) > 0 {
			t.Errorf("%d lost and failures %v in the drain, want none: they were lost later", c.Lost, got.Drain.Errors)
		}
		if n := got.Errors[Dropped]; n != 10 {
			t.Errorf("%d %s in all, want 10, told of by Close", n, Dropped)
		}
	})
}

// TestInterruptedImages are not said to have taken too long.
func TestInterruptedImages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVirtual(t, serial(always(7*time.Second)))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		load := Load{Plan: schedule.Steady(10, time.Minute), Arrivals: schedule.Constant}
		got, err := playFor(ctx, t, v, Settings{Clients: 1, Timeout: 8 * time.Second}, Block{Load: load})
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got error %v, want %v", err, context.DeadlineExceeded)
		}
		for _, kind := range []string{Unanswered, Unsent} {
			if e := got.examples[kind]; !strings.Contains(e.Detail, "interrupted") || !strings.HasPrefix(e.Remedy, "nothing") {
				t.Errorf("%s: got %+v, want that the run was interrupted, and that there is nothing to do", kind, e)
			}
		}
	})
}

// TestServerThatDoesNotReadAGoodbye stops reading when the connection's lifetime
// is over: its client does not wait with its close frame until the block ends.
func TestServerThatDoesNotReadAGoodbye(t *testing.T) {
	for _, inFlight := range []int{1, 4} {
		synctest.Test(t, func(t *testing.T) {
			const clients, images = 4, 5
			var mu sync.Mutex
			done := false
			v := newVirtual(t, serial(always(swift)))
			v.deaf = func(m message) bool {
				mu.Lock()
				defer mu.Unlock()
				if done || m.n != images-1 {
					return false
				}
				done = true
				return true
			}
			load := Load{Plan: schedule.Steady(20, 20*time.Second), Arrivals: schedule.Constant}
			got := play(t, v, Settings{Clients: clients, InFlight: inFlight}, watched(Block{Load: load, Lifetime: churn.Lifetime{Images: images}}))
			balanced(t, got)
			if !done || got.failed() != 0 || got.Images != 400 {
				t.Errorf("%d in flight: got %d images and failures %v, want 400 and none", inFlight, got.Images, got.Errors)
			}
			if most := time.Duration(opened(t, got.Connections.Reconnect).Max()); !within(0.01, most, farewell) {
				t.Errorf("%d in flight: reconnecting took up to %v, want %v", inFlight, most, farewell)
			}
		})
	}
}
