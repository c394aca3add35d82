package gate

import (
	"fmt"
	"net/http"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func addr(s string) netip.Addr {
	if s == "" {
		return netip.Addr{}
	}
	return netip.MustParseAddr(s)
}

// enter enters, or fails the test.
func enter(t *testing.T, g *Gate, from string) (leave func()) {
	t.Helper()
	leave, refused := g.Enter(addr(from))
	if refused != nil {
		t.Fatalf("%s was refused: %d %s", from, refused.Status, refused.Reason)
	}
	return leave
}

// refusedEntry returns the refusal, or fails the test.
func refusedEntry(t *testing.T, g *Gate, from string, status int) *Refusal {
	t.Helper()
	leave, refused := g.Enter(addr(from))
	if refused == nil {
		t.Fatalf("%s was let in, want HTTP %d", from, status)
	}
	if refused.Status != status || leave != nil {
		t.Fatalf("%s: HTTP %d (and leave is nil: %t), want %d", from, refused.Status, leave == nil, status)
	}
	return refused
}

// known returns how many addresses a gate remembers.
func (g *Gate) known() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.sources)
}

func TestConnectionsInAllAreBounded(t *testing.T) {
	g := New(Limits{Connections: 2})
	leave := enter(t, g, "192.0.2.1")
	enter(t, g, "127.0.0.1")
	refusedEntry(t, g, "127.0.0.1", http.StatusServiceUnavailable)
	refusedEntry(t, g, "192.0.2.2", http.StatusServiceUnavailable)
	leave()
	enter(t, g, "192.0.2.2")
	refusedEntry(t, g, "192.0.2.1", http.StatusServiceUnavailable)
}

func TestConnectionsOfOneAddressAreBounded(t *testing.T) {
	for _, c := range []struct {
		name        string
		first, then string
		refused     bool
	}{
		{"the same IPv4 address", "192.0.2.1", "192.0.2.1", true},
		{"another IPv4 address", "192.0.2.1", "192.0.2.2", false},
		{"an IPv4 address mapped to IPv6", "192.0.2.1", "::ffff:192.0.2.1", true},
		{"an IPv6 address of the same network", "2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true},
		{"an IPv6 address of the next network", "2001:db8:1:2::1", "2001:db8:1:3::1", false},
		{"a link-local address through another interface", "fe80::1%eth0", "fe80::1%eth1", true},
		{"loopback", "127.0.0.1", "127.0.0.1", false},
		{"any loopback", "127.1.2.3", "127.1.2.3", false},
		{"loopback of IPv6", "::1", "::1", false},
		{"loopback mapped to IPv6", "::ffff:127.0.0.1", "::ffff:127.0.0.1", false},
		{"the network of the loopback of IPv6", "::2", "::3", true},
		{"no address", "", "", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := New(Limits{PerAddress: 1})
			leave := enter(t, g, c.first)
			if !c.refused {
				enter(t, g, c.then)
				return
			}
			refusedEntry(t, g, c.then, http.StatusTooManyRequests)
			leave()
			enter(t, g, c.then)
		})
	}
}

func TestNewConnectionsOfOneAddressAreBounded(t *testing.T) {
	for _, c := range []struct {
		name  string
		rate  float64
		burst int
		every time.Duration // one more after the burst
	}{
		{"ten a second", 10, 10, 100 * time.Millisecond},
		{"not a whole number", 2.5, 2, 400 * time.Millisecond},
		{"less than one a second", 0.5, 1, 2 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := New(Limits{NewPerAddress: c.rate})
				for range c.burst {
					enter(t, g, "192.0.2.1")()
				}
				for range 3 {
					refused := refusedEntry(t, g, "192.0.2.1", http.StatusTooManyRequests)
					if off := refused.RetryAfter - c.every; off.Abs() > time.Microsecond {
						t.Errorf("retry after %v, want %v", refused.RetryAfter, c.every)
					}
					enter(t, g, "192.0.2.2")() // has its own bucket
					enter(t, g, "127.0.0.1")()
					time.Sleep(refused.RetryAfter)
					enter(t, g, "192.0.2.1")()
				}
			})
		})
	}
}

func TestARefusedConnectionDoesNotCountAsNew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(Limits{PerAddress: 1, NewPerAddress: 2})
		leave := enter(t, g, "192.0.2.1")
		for range 10 {
			refusedEntry(t, g, "192.0.2.1", http.StatusTooManyRequests)
		}
		leave()
		enter(t, g, "192.0.2.1")
	})
}

func TestNoLimitsRefuseNobody(t *testing.T) {
	g := New(Limits{})
	for range 100 {
		enter(t, g, "192.0.2.1")
	}
	if got := g.known(); got != 0 {
		t.Errorf("%d addresses are remembered, want none without a limit for them", got)
	}
}

func TestAddressesAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const others = 100
		g := New(Limits{PerAddress: 5, NewPerAddress: 5})
		leave := enter(t, g, "192.0.2.1")
		for i := range others {
			enter(t, g, fmt.Sprintf("10.0.0.%d", i))()
		}
		if got, want := g.known(), 1+others; got != want {
			t.Fatalf("%d addresses are remembered, want %d: their buckets aren't full", got, want)
		}
		time.Sleep(time.Second)
		leaveNew := enter(t, g, "192.0.2.2")
		if got := g.known(); got != 2 {
			t.Errorf("%d addresses are remembered after a second, want the 2 that have sessions", got)
		}
		time.Sleep(time.Second)
		leave()
		leaveNew()
		if got := g.known(); got != 0 {
			t.Errorf("%d addresses are remembered when all have left, want 0", got)
		}
	})
}

func TestAnAddressThatComesBackKeepsItsBucket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(Limits{NewPerAddress: 1})
		enter(t, g, "192.0.2.1")()
		for range 20 {
			time.Sleep(45 * time.Millisecond)
			refusedEntry(t, g, "192.0.2.1", http.StatusTooManyRequests)
			enter(t, g, "127.0.0.1")()
		}
		time.Sleep(100 * time.Millisecond)
		leave := enter(t, g, "192.0.2.1")
		time.Sleep(time.Hour)
		enter(t, g, "192.0.2.2")()
		if got := g.known(); got != 2 {
			t.Errorf("%d addresses are remembered, want 2: one has a session still", got)
		}
		leave()
	})
}

func TestAnAddressThatComesBackIsNotForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(Limits{PerAddress: 1, NewPerAddress: 2})
		enter(t, g, "192.0.2.1")()
		leave := enter(t, g, "192.0.2.1")
		time.Sleep(time.Hour)
		enter(t, g, "192.0.2.2")
		refusedEntry(t, g, "192.0.2.1", http.StatusTooManyRequests)
		leave()
		enter(t, g, "192.0.2.1")
	})
}

func TestAddressesWithoutASessionAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const remember = 50
		g := New(Limits{PerAddress: 1, NewPerAddress: 1e-6}) // a bucket is full again after days
		g.remember = remember
		stays := enter(t, g, "192.0.2.1")
		for i := range 2 * remember {
			enter(t, g, fmt.Sprintf("10.0.0.%d", i))()
		}
		if got, want := g.known(), remember+1; got != want {
			t.Errorf("%d addresses are remembered, want %d", got, want)
		}
		refusedEntry(t, g, "192.0.2.1", http.StatusTooManyRequests) // has a session
		refusedEntry(t, g, fmt.Sprintf("10.0.0.%d", remember), http.StatusTooManyRequests)
		enter(t, g, "10.0.0.0") // forgotten, so not too fast
		stays()
	})
}

func TestEnteringAtOnceNeverExceedsALimit(t *testing.T) {
	const limit = 10
	g := New(Limits{Connections: 3 * limit, PerAddress: limit})
	var (
		mu     sync.Mutex
		inside = map[string]int{}
		all    sync.WaitGroup
	)
	count := func(from string, n int) (one, total int) {
		mu.Lock()
		defer mu.Unlock()
		inside[from] += n
		for _, n := range inside {
			total += n
		}
		return inside[from], total
	}
	for i := range 32 {
		from := fmt.Sprintf("192.0.2.%d", i%4)
		all.Go(func() {
			for range 200 {
				leave, refused := g.Enter(addr(from))
				if refused != nil {
					continue
				}
				if one, total := count(from, 1); one > limit || total > 3*limit {
					t.Errorf("%d sessions of one address and %d in all, want at most %d and %d", one, total, limit, 3*limit)
				}
				count(from, -1)
				leave()
			}
		})
	}
	all.Wait()
	if g.sessions != 0 || g.known() != 0 {
		t.Errorf("%d sessions and %d addresses when all have left, want none", g.sessions, g.known())
	}
}
