package gate

import (
	"context"
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// countClosed returns the number of connections that are closed.
func countClosed(conns []*fakeConn) (n int) {
	for _, c := range conns {
		if c.closed.Load() {
			n++
		}
	}
	return n
}

// letGoBy returns how many connections a listener has let go, and how many it knows.
func letGoBy(l *Listener) (gone uint64, known int) {
	l.letGo.mu.Lock()
	defer l.letGo.mu.Unlock()
	l.pending.mu.Lock()
	defer l.pending.mu.Unlock()
	return l.letGo.count, len(l.pending.known)
}

// A place is taken from the oldest, from no more than are in the way, and not
// before its time.
func TestTheSilentMakeRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inner := newFakeListener()
		l := NewListener(inner, 3, silent())
		defer l.Close()
		accepted := serve(t, l)
		mute := inner.arrive("127.0.0.1", 1)
		time.Sleep(localPatience / 2)
		mute = append(mute, inner.arrive("127.0.0.1", 2)...)
		time.Sleep(time.Hour)
		wantAccepted(t, accepted, 3)
		if got := countClosed(mute); got != 0 {
			t.Errorf("%d silent connections are closed with nobody waiting, want 0", got)
		}
		inner.arrive("127.0.0.1", 1)
		wantAccepted(t, accepted, 4)
		if !mute[0].closed.Load() || countClosed(mute) != 1 {
			t.Errorf("%d silent connections are closed, the oldest %t, want it alone", countClosed(mute), mute[0].closed.Load())
		}
		l.ConnState(mute[0], http.StateClosed) // what the server says of it comes late
		for _, c := range mute[1:] {
			l.ConnState(c, http.StateHijacked)
		}
		inner.arrive("127.0.0.1", 3) // two places are free
		wantAccepted(t, accepted, 6)
		time.Sleep(localPatience - 1)
		wantAccepted(t, accepted, 6)
		time.Sleep(time.Nanosecond)
		wantAccepted(t, accepted, 7)
		for range 7 {
			l.ConnState(<-accepted, http.StateClosed)
		}
		wantForgotten(t, l)
	})
}

// TestClientsOfThisMachineHaveMoreTime: an older one of them stays while a younger
// one from elsewhere goes, until its own time is over.
func TestClientsOfThisMachineHaveMoreTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inner := newFakeListener()
		l := NewListener(inner, 8, silent())
		defer l.Close()
		accepted := serve(t, l)
		local := inner.arrive("127.0.0.1", 6)
		wantAccepted(t, accepted, 6)
		time.Sleep(time.Second)
		remote := inner.arrive("192.0.2.1", 2)
		wantAccepted(t, accepted, 8)
		inner.arrive("127.0.0.1", 3)
		time.Sleep(patience - 1)
		if got := countClosed(remote) + countClosed(local); got != 0 {
			t.Errorf("%d are closed before their time", got)
		}
		time.Sleep(time.Nanosecond)
		wantAccepted(t, accepted, 10)
		if got, of := countClosed(remote), countClosed(local); got != 2 || of != 0 {
			t.Errorf("%d from elsewhere and %d of this machine are closed after %v, want 2 and 0", got, of, patience)
		}
		time.Sleep(localPatience - patience - time.Second - 1)
		wantAccepted(t, accepted, 10)
		time.Sleep(time.Nanosecond)
		wantAccepted(t, accepted, 11)
		if !local[0].closed.Load() || countClosed(local) != 1 {
			t.Errorf("%d of this machine are closed, want the oldest alone", countClosed(local))
		}
	})
}

func TestRequestsInProgressAreSpared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inner := newFakeListener()
		l := NewListener(inner, 2, silent())
		defer l.Close()
		accepted := serve(t, l)
		conns := inner.arrive("127.0.0.1", 2)
		wantAccepted(t, accepted, 2)
		for _, c := range conns {
			l.ConnState(c, http.StateActive)
		}
		time.Sleep(time.Hour)
		inner.arrive("127.0.0.1", 1)
		time.Sleep(time.Hour)
		wantAccepted(t, accepted, 2)
		l.ConnState(conns[1], http.StateIdle)
		time.Sleep(localPatience)
		wantAccepted(t, accepted, 3)
		if conns[0].closed.Load() || !conns[1].closed.Load() {
			t.Errorf("the one in progress is closed: %t, the idle one: %t, want the idle one alone", conns[0].closed.Load(), conns[1].closed.Load())
		}
	})
}

// An honest crowd, however large, loses nobody, be there silent ones or not.
func TestAStormOfHandshakesLosesNobody(t *testing.T) {
	for name, mutes := range map[string]int{"by itself": 0, "among the silent": 200} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const places, crowd = 200, 1000
				inner := newFakeListener()
				l := NewListener(inner, places, silent())
				defer l.Close()
				mute := map[net.Conn]bool{}
				for _, c := range inner.arrive("127.0.0.1", mutes) {
					mute[c] = true
				}
				accepted := serve(t, l)
				synctest.Wait()
				began := time.Now()
				honest := inner.arrive("127.0.0.1", crowd-mutes)
				for range crowd {
					c := <-accepted
					if !mute[c] {
						time.AfterFunc(localPatience/4, func() { // slow as they are
							l.ConnState(c, http.StateActive)
							l.ConnState(c, http.StateHijacked)
						})
					}
				}
				if got := countClosed(honest); got != 0 {
					t.Errorf("%d of %d honest connections are closed, want 0", got, len(honest))
				}
				if took, most := time.Since(began), localPatience+crowd/places*localPatience/4; took > most {
					t.Errorf("the last one got in after %v, want at most %v", took, most)
				}
				time.Sleep(localPatience) // all handshakes end
			})
		})
	}
}

// Who waits for a place that nobody gives is a single one, which Close lets go.
func TestWhoWaitsForAPlaceIsClosedWithTheListener(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inner := newFakeListener()
		l := NewListener(inner, 4, silent())
		accepted := serve(t, l)
		inner.arrive("127.0.0.1", 4)
		wantAccepted(t, accepted, 4)
		waiting := inner.arrive("192.0.2.1", 2)
		synctest.Wait()
		l.Close()
		wantAccepted(t, accepted, 4)
		if !waiting[0].closed.Load() || len(inner.conns) != 1 {
			t.Errorf("the first is closed: %t, %d are not accepted, want it closed and the second not accepted", waiting[0].closed.Load(), len(inner.conns))
		}
		for range 4 {
			l.ConnState(<-accepted, http.StateClosed)
		}
		wantForgotten(t, l)
	})
}

// A flood of silent ones is told of once in a while, and holds no memory.
func TestAFloodOfTheSilentIsToldOfOnceAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inner := newFakeListener()
		log, lines := logged()
		l := NewListener(inner, 10, log)
		defer l.Close()
		accepted := serve(t, l)
		inner.arrive("127.0.0.1", 1000)
		// Ten come in at once, and ten more each time localPatience ends.
		time.Sleep(tellEvery + localPatience - 1)
		want := 10 + 10*int(tellEvery/localPatience)
		wantAccepted(t, accepted, want)
		if got := lines(); got != 1 {
			t.Errorf("%d lines were logged in a minute, want 1", got)
		}
		if gone, known := letGoBy(l); gone != uint64(want-10) || known != 10 {
			t.Errorf("%d are counted as let go and %d are known, want %d and the 10 that have places", gone, known, want-10)
		}
		time.Sleep(tellEvery)
		if got := lines(); got != 2 {
			t.Errorf("%d lines were logged in two minutes, want 2", got)
		}
	})
}

// pipe is a connection of a fakeListener that data pass through.
type pipe struct {
	net.Conn
	from net.Addr
}

func (p pipe) RemoteAddr() net.Addr { return p.from }

// connect makes a connection wait to be accepted, and returns the client's end.
func (f *fakeListener) connect(t *testing.T) net.Conn {
	client, server := net.Pipe()
	t.Cleanup(func() { client.Close() })
	f.conns <- pipe{server, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1}}
	return client
}

// TestAServerWhosePlacesAreTaken has a real server tell the listener what becomes
// of its connections: one is silent, one has sent half a request, one is kept
// alive, and one waits for its answer.
func TestAServerWhosePlacesAreTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const slow = "/slow"
		inner := newFakeListener()
		l := NewListener(inner, 4, silent())
		server := &http.Server{ConnState: l.ConnState, Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if r.URL.Path == slow {
				time.Sleep(time.Hour)
			}
		})}
		go server.Serve(l)
		defer server.Shutdown(context.Background())
		send := func(c net.Conn, request string) { io.WriteString(c, request) }
		answered := func(c net.Conn) string {
			c.SetReadDeadline(time.Now().Add(2 * time.Hour))
			answer := make([]byte, 12)
			io.ReadFull(c, answer)
			go io.Copy(io.Discard, c)
			return string(answer)
		}
		const ok = "HTTP/1.1 200"
		const request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

		waits := inner.connect(t)
		send(waits, "GET "+slow+" HTTP/1.1\r\nHost: x\r\n\r\n")
		alive := inner.connect(t)
		send(alive, request)
		if got := answered(alive); got != ok {
			t.Fatalf("got %q, want %q", got, ok)
		}
		halting := inner.connect(t)
		send(halting, request[:20])
		inner.connect(t)
		time.Sleep(localPatience)

		for range 3 {
			began := time.Now()
			c := inner.connect(t)
			send(c, request)
			if got, took := answered(c), time.Since(began); got != ok || took != 0 {
				t.Errorf("got %q after %v, want %q at once", got, took, ok)
			}
		}
		if got := answered(waits); got != ok {
			t.Errorf("who waited for an answer got %q, want %q", got, ok)
		}
		for name, c := range map[string]net.Conn{"kept alive": alive, "half sent": halting} {
			if _, err := c.Write([]byte("x")); err == nil {
				t.Errorf("%s: still open, want closed", name)
			}
		}
		if gone, _ := letGoBy(l); gone != 3 {
			t.Errorf("%d are let go, want 3", gone)
		}
	})
}
