package gate

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// fakeConn is a connection that only comes from somewhere and is closed.
type fakeConn struct {
	net.Conn
	from   string
	closed atomic.Bool
}

func (c *fakeConn) RemoteAddr() net.Addr {
	return net.TCPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(c.from), 1))
}

func (c *fakeConn) Close() error { c.closed.Store(true); return nil }

// fakeListener accepts what a test makes it.
type fakeListener struct {
	conns   chan net.Conn
	closed  chan struct{}
	err     atomic.Pointer[error] // what Accept fails with, nil: it doesn't
	accepts atomic.Int64          // how often Accept was called
}

func newFakeListener() *fakeListener {
	return &fakeListener{conns: make(chan net.Conn, 1000), closed: make(chan struct{})}
}

func (f *fakeListener) Accept() (net.Conn, error) {
	f.accepts.Add(1)
	if err := f.err.Load(); err != nil {
		return nil, *err
	}
	select {
	case c := <-f.conns:
		return c, nil
	case <-f.closed:
		return nil, net.ErrClosed
	}
}

func (f *fakeListener) Close() error   { close(f.closed); return nil }
func (f *fakeListener) Addr() net.Addr { return &net.TCPAddr{} }

// arrive makes connections from an address wait to be accepted.
func (f *fakeListener) arrive(from string, n int) (conns []*fakeConn) {
	for range n {
		c := &fakeConn{from: from}
		f.conns <- c
		conns = append(conns, c)
	}
	return conns
}

// exhaust makes Accept fail as the system does when errno says so, until it is
// told 0.
func (f *fakeListener) exhaust(errno syscall.Errno) {
	if errno == 0 {
		f.err.Store(nil)
		return
	}
	var err error = &net.OpError{Op: "accept", Err: errno}
	f.err.Store(&err)
}

// serve accepts until the listener is closed, and sends what it accepted.
func serve(t *testing.T, l *Listener) <-chan net.Conn {
	accepted := make(chan net.Conn, 1000)
	go func() {
		defer close(accepted)
		for {
			c, err := l.Accept()
			if errors.Is(err, net.ErrClosed) {
				return
			}
			if err != nil {
				t.Error(err)
				return
			}
			accepted <- c
		}
	}()
	return accepted
}

func wantAccepted(t *testing.T, accepted <-chan net.Conn, want int) {
	t.Helper()
	synctest.Wait()
	if got := len(accepted); got != want {
		t.Fatalf("%d connections are accepted, want %d", got, want)
	}
}

// wantForgotten expects a listener to know no connection.
func wantForgotten(t *testing.T, l *Listener) {
	t.Helper()
	if p := l.pending; len(p.known)+p.order.Len()+len(p.sources)+len(l.places) != 0 {
		t.Errorf("%d connections, %d in order, %d addresses and %d places are known at the end, want none",
			len(p.known), p.order.Len(), len(p.sources), len(l.places))
	}
}

func silent() *slog.Logger { return slog.New(slog.DiscardHandler) }

func TestAcceptWaitsForAPlace(t *testing.T) {
	for name, state := range map[string]http.ConnState{"taken over": http.StateHijacked, "closed": http.StateClosed} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				inner := newFakeListener()
				l := NewListener(inner, 3, silent())
				defer l.Close()
				accepted := serve(t, l)
				inner.arrive("127.0.0.1", 5)
				wantAccepted(t, accepted, 3)
				first := <-accepted
				for _, s := range []http.ConnState{http.StateNew, http.StateActive, http.StateIdle} {
					l.ConnState(first, s)
				}
				wantAccepted(t, accepted, 2)
				l.ConnState(first, state)
				wantAccepted(t, accepted, 3)
				l.ConnState(first, state) // known no more
				wantAccepted(t, accepted, 3)
				l.ConnState(tls.Server(<-accepted, nil), state)
				wantAccepted(t, accepted, 3)
			})
		})
	}
}

// Over a listener that speaks TLS itself the server knows the outer connection, as
// it does when it speaks TLS over the gate's.
func TestAPlaceComesBackWhereverTLSIs(t *testing.T) {
	inner := newFakeListener()
	l := NewListener(inner, 1, silent())
	defer l.Close()
	for range 3 {
		inner.conns <- tls.Server(&fakeConn{from: "127.0.0.1"}, nil)
		c, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		l.ConnState(c, http.StateClosed)
		if taken := len(l.places); taken != 0 {
			t.Fatalf("%d places are taken, want 0", taken)
		}
	}
}

func TestOneAddressCannotTakeAllPlaces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inner := newFakeListener()
		l := NewListener(inner, 12, silent())
		defer l.Close()
		accepted := serve(t, l)
		greedy := append(inner.arrive("2001:db8::1", 2), inner.arrive("2001:db8::2", 3)...)
		wantAccepted(t, accepted, 3)
		for i, c := range greedy {
			if want := i >= 3; c.closed.Load() != want {
				t.Errorf("connection %d of the network is closed: %t, want %t", i, c.closed.Load(), want)
			}
		}
		inner.arrive("192.0.2.1", 3)
		inner.arrive("127.0.0.1", 6)
		wantAccepted(t, accepted, 12)
		for range 12 {
			l.ConnState(<-accepted, http.StateHijacked)
		}
		inner.arrive("2001:db8::1", 3)
		wantAccepted(t, accepted, 3)
		for range 3 {
			l.ConnState(<-accepted, http.StateClosed)
		}
		wantForgotten(t, l)
	})
}

func TestCloseEndsAnyWait(t *testing.T) {
	for _, c := range []struct {
		name    string
		prepare func(*fakeListener)
	}{
		{"for a connection", func(*fakeListener) {}},
		{"for a place", func(f *fakeListener) { f.arrive("127.0.0.1", 1000) }},
		{"for a descriptor", func(f *fakeListener) { f.exhaust(syscall.EMFILE) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				inner := newFakeListener()
				l := NewListener(inner, 1, silent())
				c.prepare(inner)
				accepted := serve(t, l)
				time.Sleep(time.Minute + 1) // in the middle of a pause
				closing := time.Now()
				if err := l.Close(); err != nil {
					t.Error(err)
				}
				for range accepted {
				}
				if took := time.Since(closing); took != 0 {
					t.Errorf("Accept returned %v after Close, want at once", took)
				}
			})
		})
	}
}

func TestOtherFaultsOfAcceptAreTheServers(t *testing.T) {
	inner := newFakeListener()
	l := NewListener(inner, 1, silent())
	defer l.Close()
	inner.exhaust(syscall.EINVAL)
	for range 3 { // gives its place back each time
		if _, err := l.Accept(); !errors.Is(err, syscall.EINVAL) {
			t.Fatalf("Accept returned %v, want %v", err, syscall.EINVAL)
		}
	}
}

// A real server with one place: it comes back whatever becomes of a connection,
// and connections are handed out as they are.
func TestListenerOfAServer(t *testing.T) {
	for name, start := range map[string]func(*httptest.Server){
		"plain": (*httptest.Server).Start,
		"TLS":   (*httptest.Server).StartTLS,
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewUnstartedServer(http.HandlerFunc(takeOver))
			l := NewListener(server.Listener, 1, silent())
			server.Listener = l
			server.Config.ConnState = func(c net.Conn, s http.ConnState) {
				if _, ok := innermost(c).(*net.TCPConn); !ok {
					t.Errorf("the server got a %T, want a *net.TCPConn", c)
				}
				l.ConnState(c, s)
			}
			start(server)
			defer server.Close()
			client := server.Client()
			for range 3 {
				response, err := client.Get(server.URL)
				if err != nil {
					t.Fatal(err)
				}
				response.Body.Close()
				client.CloseIdleConnections()
				response, err = client.Get(server.URL + "/session")
				if err != nil {
					t.Fatal(err)
				}
				defer response.Body.Close() // goes on while the others connect
			}
		})
	}
}

// takeOver makes a session of a connection, if asked to.
func takeOver(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/session" {
		return
	}
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(err)
	}
	context.AfterFunc(r.Context(), func() { conn.Close() })
	io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
}
