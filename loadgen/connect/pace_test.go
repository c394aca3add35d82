package connect

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// simulated is a server in virtual time: how long it takes for an attempt that
// begins, and what becomes of it.
type simulated interface {
	dial() (took time.Duration, err error)
}

// connected has so many clients connect by a pace, each until it has a
// connection, and tells how long that took, how many attempts were refused, and
// how many were under way at the same time at most.
type connected struct {
	took                    time.Duration
	attempts, peak, refused int
}

func simulate(t testing.TB, p *Pace, clients int, s simulated) connected {
	var (
		mu      sync.Mutex
		c       connected
		running int
		all     sync.WaitGroup
	)
	begun := time.Now()
	for range clients {
		all.Go(func() {
			for {
				done, err := p.Begin(t.Context())
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				c.attempts++
				running++
				c.peak = max(c.peak, running)
				took, err := s.dial()
				mu.Unlock()
				time.Sleep(took)
				mu.Lock()
				running--
				if err != nil {
					c.refused++
				}
				mu.Unlock()
				done(err, took)
				if err == nil {
					return
				}
			}
		})
	}
	all.Wait()
	c.took = time.Since(begun)
	return c
}

// queueing takes so long for a connection, so many a second, and has the others
// wait; it is the bundled target when per is 250 µs.
type queueing struct {
	rtt, per time.Duration
	free     time.Time // when the queue is empty
	backlog  int       // what is more is refused; 0: no limit
}

func (q *queueing) dial() (time.Duration, error) {
	now := time.Now()
	q.free = later(q.free, now)
	if q.backlog > 0 && q.free.Sub(now) > time.Duration(q.backlog)*q.per {
		return q.rtt, errRefused
	}
	q.free = q.free.Add(q.per)
	return q.rtt + q.free.Sub(now), nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// limiting lets so many in a second, with as many again at once, and asks the
// others to come back, as the bundled target does: a bucket of tokens.
type limiting struct {
	rtt    time.Duration
	rate   float64
	tokens float64
	since  time.Time
}

func (l *limiting) dial() (time.Duration, error) {
	now := time.Now()
	l.tokens = min(l.tokens+now.Sub(l.since).Seconds()*l.rate, l.rate)
	l.since = now
	if l.tokens < 1 {
		return l.rtt, &HandshakeError{Status: http.StatusTooManyRequests, RetryAfter: time.Second}
	}
	l.tokens--
	return l.rtt, nil
}

// gone refuses everything until it is back.
type gone struct {
	simulated
	back time.Time
}

func (g *gone) dial() (time.Duration, error) {
	if time.Now().Before(g.back) {
		return ms, errRefused
	}
	return g.simulated.dial()
}

func TestPaceMeetsServers(t *testing.T) {
	for name, tt := range map[string]struct {
		clients int
		server  func() simulated
		within  time.Duration // all are connected
		refused int           // at most
		peak    int           // at the same time, at most
	}{
		"one close by that takes 4,000 a second": {15_000, func() simulated {
			return &queueing{rtt: ms / 5, per: ms / 4}
		}, 3800 * ms, 0, firstLimit + fewLimit},
		"one far away that takes 4,000 a second": {15_000, func() simulated {
			return &queueing{rtt: 100 * ms, per: ms / 4}
		}, 5 * time.Second, 0, mostLimit},
		"one that takes 20 a second": {200, func() simulated {
			return &queueing{rtt: ms, per: 50 * ms}
		}, 10100 * ms, 0, firstLimit + fewLimit},
		"one with a short queue": {3000, func() simulated {
			return &queueing{rtt: 20 * ms, per: ms, backlog: 10}
		}, 5000 * ms, 150, 64},
		"one that lets 1,000 in a second, 1,000 at once": {15_000, func() simulated {
			return &limiting{rtt: ms, rate: 1000, tokens: 1000, since: time.Now()}
		}, 16 * time.Second, 450, 300},
		"one that lets 50 in a second, far away": {500, func() simulated {
			return &limiting{rtt: 50 * ms, rate: 50, tokens: 50, since: time.Now()}
		}, 12 * time.Second, 100, 64},
		"one that is gone for five seconds": {15_000, func() simulated {
			return &gone{&queueing{rtt: ms / 5, per: ms / 4}, time.Now().Add(5 * time.Second)}
		}, 10 * time.Second, 80, firstLimit + fewLimit},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				clients := tt.clients
				if raceEnabled {
					clients /= 10
				}
				got := simulate(t, NewPace(0), clients, tt.server())
				t.Logf("%d clients in %v, %d refused, %d at the same time", clients, got.took, got.refused, got.peak)
				if got.took > tt.within || got.refused > tt.refused || got.peak > tt.peak {
					t.Errorf("%d clients took %v with %d refusals, %d at the same time; want at most %v, %d and %d",
						clients, got.took, got.refused, got.peak, tt.within, tt.refused, tt.peak)
				}
			})
		})
	}
}

func TestGivenPace(t *testing.T) {
	for name, tt := range map[string]struct {
		rate    float64
		clients int
		server  func() simulated
		took    time.Duration
		peak    int
	}{
		"a hundred a second":                   {100, 300, func() simulated { return &queueing{rtt: ms} }, 2991 * ms, 1},
		"one every ten seconds":                {0.1, 4, func() simulated { return &queueing{rtt: ms} }, 30001 * ms, 1},
		"a thousand a second, slowly answered": {1000, 2000, func() simulated { return &queueing{rtt: 500 * ms} }, 2499 * ms, 501},
		"no more at the same time than may be": {10_000, 5000, func() simulated { return &queueing{rtt: time.Second} }, 2000*ms + 90400*time.Microsecond, MaxAttempts},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				got := simulate(t, NewPace(tt.rate), tt.clients, tt.server())
				if (got.took-tt.took).Abs() > ms || got.peak > tt.peak {
					t.Errorf("it took %v with %d at the same time, want %v with at most %d", got.took, got.peak, tt.took, tt.peak)
				}
			})
		})
	}
}

func TestNoPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got := simulate(t, nil, 2000, &queueing{rtt: ms})
		if got.took != ms || got.peak != 2000 {
			t.Errorf("it took %v with %d at the same time, want all of them at once", got.took, got.peak)
		}
	})
}

// TestBound lets in as many as may be, and nobody rests for a refusal.
func TestBound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		busy := &HandshakeError{Status: http.StatusServiceUnavailable, RetryAfter: 3 * time.Second}
		got := simulate(t, NewBound(64), 640, &drawn{takes: []time.Duration{ms}, fails: []error{busy, nil}})
		if got.took > 50*ms || got.peak != 64 || got.refused < 600 {
			t.Errorf("it took %v with %d at the same time, %d refused; want some %v with 64, and some 640", got.took, got.peak, got.refused, 20*ms)
		}
	})
}

// TestTurnThatIsGivenBack: an attempt that was not made takes no instant of a
// given rate, and one that was cancelled does.
func TestTurnThatIsGivenBack(t *testing.T) {
	for name, tt := range map[string]struct {
		took, want time.Duration
	}{
		"not made":  {0, 0},
		"cancelled": {ms, 10 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			p, begun := NewPace(0.1), time.Now()
			for range 2 {
				done, err := p.Begin(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				done(context.Canceled, tt.took)
			}
			if waited := time.Since(begun); waited != tt.want || p.limit.running != 0 {
				t.Errorf("%s: the next began after %v with %d under way, want %v and none", name, waited, p.limit.running, tt.want)
			}
		})
	}
}

// TestPaceServesInTurn: who has waited longest begins next.
func TestPaceServesInTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &Pace{limit: limit{allowed: 1, threshold: 1, rest: firstRest}}
		first, err := p.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var order []int
		var all sync.WaitGroup
		for i := range 5 {
			all.Go(func() {
				done, err := p.Begin(t.Context())
				if err != nil {
					t.Error(err)
					return
				}
				order = append(order, i)
				done(errors.New("says nothing"), ms)
			})
			synctest.Wait()
		}
		first(errors.New("says nothing"), ms)
		all.Wait()
		for i, got := range order {
			if got != i {
				t.Errorf("client %d was served in place %d", got, i)
			}
		}
	})
}

// TestWhoLeavesTheQueue takes no place with him, whenever that is, and no
// instant of a given rate.
func TestWhoLeavesTheQueue(t *testing.T) {
	for name, next := range map[string]struct {
		pace *Pace
		at   time.Duration // the next one begins
	}{
		"adaptive": {&Pace{limit: limit{allowed: 1, threshold: 1, rest: firstRest}}, 20 * ms},
		"given":    {NewPace(0.1), 10 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			p, begun := next.pace, time.Now()
			done, err := p.Begin(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var all sync.WaitGroup
			for i := range 20 {
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i+1)*ms)
				defer cancel()
				all.Go(func() {
					if _, err := p.Begin(ctx); !errors.Is(err, context.DeadlineExceeded) {
						t.Errorf("%s: got %v, want that the time is up", name, err)
					}
				})
			}
			all.Wait()
			done(errors.New("says nothing"), ms)
			if p.limit.running != 0 || p.queue.Len() != 0 {
				t.Errorf("%s: %d are under way and %d wait, want none", name, p.limit.running, p.queue.Len())
			}
			if _, err := p.Begin(t.Context()); err != nil || time.Since(begun) != next.at {
				t.Errorf("%s: the next one began after %v, %v, want %v", name, time.Since(begun), err, next.at)
			}
		})
	}
}

// TestWhoLeavesAsHisTurnComes gives it back: either may be seen first.
func TestWhoLeavesAsHisTurnComes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &Pace{limit: limit{allowed: 1, threshold: 1, rest: firstRest}}
		gone := 0
		for range 50 {
			first, err := p.Begin(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			var all sync.WaitGroup
			all.Go(func() {
				done, err := p.Begin(ctx)
				if err != nil {
					gone++
					return
				}
				done(errors.New("says nothing"), ms)
			})
			synctest.Wait()
			all.Go(func() { // who is left behind it when nobody passes it on
				done, err := p.Begin(t.Context())
				if err != nil {
					t.Error(err)
					return
				}
				done(errors.New("says nothing"), ms)
			})
			synctest.Wait()
			cancel()
			first(errors.New("says nothing"), ms)
			all.Wait()
			if p.limit.running != 0 {
				t.Fatalf("%d are under way, want none", p.limit.running)
			}
		}
		if gone == 0 || gone == 50 {
			t.Logf("%d of 50 had left: only one of the two ways was tried", gone)
		}
	})
}

// drawn is a server that does one thing after another, over and over.
type drawn struct {
	takes []time.Duration
	fails []error
	n     int
}

func (d *drawn) dial() (time.Duration, error) {
	d.n++
	return d.takes[d.n%len(d.takes)], d.fails[d.n%len(d.fails)]
}

// TestPaceAlwaysArrives: with any server that takes a connection now and then
// all clients get theirs, within the bounds. A deadlock ends the bubble.
func TestPaceAlwaysArrives(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := &drawn{fails: []error{nil}}
		for range rapid.IntRange(1, 5).Draw(rt, "times") {
			s.takes = append(s.takes, time.Duration(rapid.Int64Range(0, int64(20*time.Second)).Draw(rt, "takes")))
		}
		for range rapid.IntRange(0, 4).Draw(rt, "failures") {
			s.fails = append(s.fails, rapid.SampledFrom([]error{
				errRefused, &HandshakeError{Status: 404},
				&HandshakeError{Status: 429, RetryAfter: time.Hour}, &HandshakeError{Status: 503},
			}).Draw(rt, "failure"))
		}
		clients := rapid.IntRange(1, 100).Draw(rt, "clients")
		var got connected
		synctest.Test(t, func(t *testing.T) { got = simulate(t, NewPace(0), clients, s) })
		if got.peak > mostLimit || got.attempts != clients+got.refused {
			rt.Fatalf("got %+v of %d clients", got, clients)
		}
	})
}
