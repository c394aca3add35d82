package connect

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"slices"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

func TestChoiceOfAddresses(t *testing.T) {
	both := addrsOf("2001:db8::1", "192.0.2.1", "2001:db8::2", "192.0.2.2")
	for name, tt := range map[string]struct {
		known         []netip.Addr
		from          netip.Addr
		id            int
		first, second []netip.Addr
	}{
		"the first client":          {both, netip.Addr{}, 0, addrsOf("2001:db8::1", "2001:db8::2"), addrsOf("192.0.2.1", "192.0.2.2")},
		"the second":                {both, netip.Addr{}, 1, addrsOf("2001:db8::2", "2001:db8::1"), addrsOf("192.0.2.2", "192.0.2.1")},
		"one of thousands":          {both, netip.Addr{}, 15_000, addrsOf("2001:db8::1", "2001:db8::2"), addrsOf("192.0.2.1", "192.0.2.2")},
		"from an IPv4 address":      {both, netip.MustParseAddr("127.0.0.1"), 1, addrsOf("192.0.2.2", "192.0.2.1"), nil},
		"from an IPv6 address":      {both, netip.MustParseAddr("::1"), 0, addrsOf("2001:db8::1", "2001:db8::2"), nil},
		"none that can be reached":  {addrsOf("192.0.2.1"), netip.MustParseAddr("::1"), 0, nil, nil},
		"the resolver prefers IPv4": {addrsOf("192.0.2.1", "2001:db8::1"), netip.Addr{}, 0, addrsOf("192.0.2.1"), addrsOf("2001:db8::1")},
		"a single address":          {addrsOf("192.0.2.1"), netip.Addr{}, 7, addrsOf("192.0.2.1"), nil},
	} {
		known := slices.Clone(tt.known)
		first, second := choose(known, tt.from, tt.id)
		if !slices.Equal(first, tt.first) || !slices.Equal(second, tt.second) {
			t.Errorf("%s: got %v and %v, want %v and %v", name, first, second, tt.first, tt.second)
		}
		if !slices.Equal(known, tt.known) {
			t.Errorf("%s: the answer, which is shared, was changed", name)
		}
	}
}

// host is what becomes of dialing an address: after a time a connection, or an
// error.
type host struct {
	takes time.Duration
	err   error
}

var errRefused = &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}

// TestNamesWithManyAddresses is in virtual time: a client that finds one closed
// goes on to the next, and one whose preferred family is dead to the other.
func TestNamesWithManyAddresses(t *testing.T) {
	const rtt = 20 * time.Millisecond
	good, refused, silent := host{rtt, nil}, host{rtt, errRefused}, host{time.Hour, nil}
	for name, tt := range map[string]struct {
		hosts map[string]host
		want  string // the address that took it; empty: none
		took  time.Duration
	}{
		"both families live":                  {map[string]host{"::1": good, "127.0.0.1": good}, "::1", rtt},
		"the preferred one is closed":         {map[string]host{"::1": refused, "127.0.0.1": good}, "127.0.0.1", 2 * rtt},
		"the preferred one is silent":         {map[string]host{"::1": silent, "127.0.0.1": good}, "127.0.0.1", headStart + rtt},
		"the preferred one is slow":           {map[string]host{"::1": {headStart + rtt/2, nil}, "127.0.0.1": good}, "::1", headStart + rtt/2},
		"the other is closed too":             {map[string]host{"::1": refused, "127.0.0.1": refused}, "", 2 * rtt},
		"both are silent":                     {map[string]host{"::1": silent, "127.0.0.1": silent}, "", time.Second},
		"one family, the first closed":        {map[string]host{"127.0.0.1": refused, "127.0.0.2": good}, "127.0.0.2", 2 * rtt},
		"one family, the first silent":        {map[string]host{"127.0.0.1": silent, "127.0.0.2": good}, "127.0.0.2", time.Second/2 + rtt},
		"one family, nobody takes it":         {map[string]host{"127.0.0.1": refused, "127.0.0.2": silent}, "", time.Second},
		"one family, all of it in due course": {map[string]host{"127.0.0.1": good, "127.0.0.2": good}, "127.0.0.1", rtt},
	} {
		synctest.Test(t, func(t *testing.T) {
			var open atomic.Int32
			tr := &transport{
				names: newNames(func(context.Context, string, string) ([]netip.Addr, error) {
					var known []netip.Addr
					for _, a := range addrsOf("::1", "127.0.0.1", "127.0.0.2") {
						if _, ok := tt.hosts[a.String()]; ok {
							known = append(known, a)
						}
					}
					return known, nil
				}),
				connect: func(ctx context.Context, _ netip.Addr, _, addr string) (net.Conn, error) {
					to := netip.MustParseAddrPort(addr)
					h := tt.hosts[to.Addr().String()]
					select {
					case <-time.After(h.takes):
					case <-ctx.Done():
						return nil, &net.OpError{Op: "dial", Err: ctx.Err()}
					}
					if h.err != nil {
						return nil, h.err
					}
					open.Add(1)
					return &counted{open: &open, addr: to.Addr().String()}, nil
				},
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			begun := time.Now()
			c, err := tr.open(ctx, "tcp", "example.test:80", 0)
			if got := time.Since(begun); got != tt.took {
				t.Errorf("%s: it took %v, want %v", name, got, tt.took)
			}
			if (err == nil) != (tt.want != "") || err != nil && !Passing(err) {
				t.Fatalf("%s: got %v, want a connection to %q", name, err, tt.want)
			}
			if err == nil {
				if got := c.(*counted).addr; got != tt.want {
					t.Errorf("%s: got a connection to %s, want %s", name, got, tt.want)
				}
				c.Close()
			}
			time.Sleep(2 * time.Second)
			if synctest.Wait(); open.Load() != 0 {
				t.Errorf("%s: %d connections were left open", name, open.Load())
			}
		})
	}
}

// counted is a connection that tells when it is closed.
type counted struct {
	net.Conn
	open *atomic.Int32
	addr string
}

func (c *counted) Close() error {
	c.open.Add(-1)
	if c.Conn == nil {
		return nil
	}
	return c.Conn.Close()
}

// TestLoserOfARaceIsClosed, also when it could not be called back.
func TestLoserOfARaceIsClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var open atomic.Int32
		after := func(takes time.Duration) func(context.Context) (net.Conn, error) {
			return func(context.Context) (net.Conn, error) {
				time.Sleep(takes)
				open.Add(1)
				return &counted{open: &open}, nil
			}
		}
		c, err := race(t.Context(), after(headStart+2*ms), after(ms))
		if err != nil {
			t.Fatal(err)
		}
		if time.Sleep(time.Second); open.Load() != 1 {
			t.Errorf("%d connections are open, want one", open.Load())
		}
		c.Close()
	})
}

// TestLocalAddressesAreTakenInTurn needs 127.0.0.2, which not every system has.
func TestLocalAddressesAreTakenInTurn(t *testing.T) {
	local := addrsOf("127.0.0.1", "127.0.0.2", "127.0.0.3")
	for _, a := range local {
		l, err := net.Listen("tcp", netip.AddrPortFrom(a, 0).String())
		if err != nil {
			t.Skipf("%v is not an address of this machine: %v", a, err)
		}
		l.Close()
	}
	came := make(chan string, 1)
	d := New(Settings{LocalAddrs: local, URL: serve(t, func(w http.ResponseWriter, r *http.Request) {
		came <- netip.MustParseAddrPort(r.RemoteAddr).Addr().String()
		accepting(w, r)
	})})
	for id := range 5 {
		ws, _, err := d.Dial(t.Context(), id, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := <-came, fmt.Sprintf("127.0.0.%d", id%3+1); got != want {
			t.Errorf("client %d came from %s, want %s", id, got, want)
		}
		ws.Close()
	}
}

// TestLocalAddressOfAnotherMachine is for documentation only (RFC 5737), so
// nobody has it.
func TestLocalAddressOfAnotherMachine(t *testing.T) {
	d := New(Settings{LocalAddrs: addrsOf("192.0.2.1"), URL: serve(t, accepting)})
	if _, _, err := d.Dial(t.Context(), 0, nil); err == nil || Passing(err) {
		t.Errorf("got %v, passing %v, want an error that lasts", err, Passing(err))
	}
}
