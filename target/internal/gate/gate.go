package gate

import (
	"container/list"
	"math"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// maxResting is how many addresses without a session are remembered at most, for
// the rate at which they came. Beyond it the one that has been gone longest is
// forgotten, whose rate then begins anew.
const maxResting = 1 << 16

// Limits bound how many sessions there may be. A zero field is no limit.
type Limits struct {
	// Connections is how many sessions there may be.
	Connections int
	// PerAddress is how many one source address may have.
	PerAddress int
	// NewPerAddress is how many one source address may begin in a second: a
	// token bucket that holds one second's worth, and at least one.
	NewPerAddress float64
}

// Gate counts sessions, in all and by source address. It is safe for concurrent
// use.
//
// It remembers an address while that has a session or its bucket isn't full yet,
// which takes a second, or one session's share of it when that is longer; what it
// knows takes about 300 bytes an address. It forgets as others enter, without a
// timer or a goroutine.
type Gate struct {
	limits   Limits
	burst    int
	refill   time.Duration // of an empty bucket
	remember int           // maxResting, less in tests

	mu       sync.Mutex
	sessions int
	sources  map[netip.Addr]*source
	resting  list.List // of *source: those without a session, the longest gone first
}

// source is one address that has, or had of late, sessions.
type source struct {
	addr     netip.Addr
	sessions int
	arrivals *rate.Limiter
	full     time.Time     // when the bucket of arrivals is full again, at the latest
	resting  *list.Element // nil while there are sessions
}

// New returns a gate that nobody has passed yet.
func New(limits Limits) *Gate {
	g := &Gate{limits: limits, burst: 1, remember: maxResting, sources: map[netip.Addr]*source{}}
	if r := limits.NewPerAddress; r > 0 {
		g.burst = int(max(1, min(r, math.MaxInt32)))
		g.refill = seconds(float64(g.burst) / r)
	}
	return g
}

// seconds returns a duration of at most some decades, which can be added to a
// time.
func seconds(s float64) time.Duration {
	return time.Duration(min(s*float64(time.Second), math.MaxInt64/4))
}

// Enter counts one session more from remote, until leave is called, which must
// happen exactly once; or it tells why there can't be one, with HTTP 503 or 429,
// and leave is nil. Loopback addresses are exempt from the limits of one address.
func (g *Gate) Enter(remote netip.Addr) (leave func(), refused *Refusal) {
	addr, exempt := sourceOf(remote)
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.limits.Connections > 0 && g.sessions >= g.limits.Connections {
		return nil, full()
	}
	if exempt || g.limits.PerAddress <= 0 && g.limits.NewPerAddress <= 0 {
		g.sessions++
		return func() { g.leave(nil) }, nil
	}
	now := time.Now()
	g.forget(now)
	s := g.source(addr)
	if g.limits.PerAddress > 0 && s.sessions >= g.limits.PerAddress {
		return nil, tooMany()
	}
	if wait := g.delay(s, now); wait > 0 {
		return nil, tooFast(wait)
	}
	g.sessions++
	g.wake(s)
	return func() { g.leave(s) }, nil
}

// leave counts one session less; s is nil if it wasn't counted by address.
func (g *Gate) leave(s *source) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.sessions--
	if s == nil {
		return
	}
	if s.sessions--; s.sessions == 0 {
		s.resting = g.resting.PushBack(s)
		g.forget(time.Now())
	}
}

// source returns what is known of an address. One that is new must be woken: its
// bucket is full, so nothing refuses it.
func (g *Gate) source(addr netip.Addr) *source {
	if s := g.sources[addr]; s != nil {
		return s
	}
	s := &source{addr: addr}
	if g.limits.NewPerAddress > 0 {
		s.arrivals = rate.NewLimiter(rate.Limit(g.limits.NewPerAddress), g.burst)
	}
	g.sources[addr] = s
	return s
}

// delay takes a token out of a bucket, or returns how long it is until there is
// one.
func (g *Gate) delay(s *source, now time.Time) time.Duration {
	if s.arrivals == nil {
		return 0
	}
	token := s.arrivals.ReserveN(now, 1)
	if wait := token.DelayFrom(now); wait > 0 {
		token.CancelAt(now)
		return wait
	}
	s.full = now.Add(g.refill)
	return 0
}

// wake counts a session of a source.
func (g *Gate) wake(s *source) {
	s.sessions++
	if s.resting != nil {
		g.resting.Remove(s.resting)
		s.resting = nil
	}
}

// forget drops the sources without a session whose bucket is full again, and those
// that are too many.
func (g *Gate) forget(now time.Time) {
	for e := g.resting.Front(); e != nil; e = g.resting.Front() {
		s := e.Value.(*source)
		if now.Before(s.full) && g.resting.Len() <= g.remember {
			return
		}
		g.resting.Remove(e)
		delete(g.sources, s.addr)
	}
}
