package gate

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
)

// onePart is the part of the places that connections from one address may take:
// one in four.
const onePart = 4

// Listener bounds the connections of an [http.Server] that are no sessions yet:
// those that are about to send their request, slowly perhaps, and those that HTTP
// keeps alive. While there are as many as may be, Accept waits and the others queue
// in the kernel. One address, unless it is loopback, can take a quarter of the
// places; one connection more is reset.
//
// While the process or the system has no descriptor left it pauses, and recovers
// by itself. See [Listener.Freed].
//
// It hands out the connections of the listener in it as they are. Its methods are
// safe for concurrent use. Memory is O(pending); it starts no goroutine.
type Listener struct {
	net.Listener
	log    *slog.Logger
	share  int           // of one address
	places chan struct{} // holds an element for each place taken
	pause  *pause

	mu      sync.Mutex
	pending map[net.Conn]netip.Addr
	sources map[netip.Addr]int // how many of pending, without those exempt
}

// NewListener returns a listener over inner, which it takes over, with places for
// pending connections, at least one. Its ConnState must be the server's; it must be
// closed.
func NewListener(inner net.Listener, pending int, log *slog.Logger) *Listener {
	pending = max(1, pending)
	return &Listener{
		Listener: inner,
		log:      log,
		share:    max(1, pending/onePart),
		places:   make(chan struct{}, pending),
		pause:    newPause(log),
		pending:  map[net.Conn]netip.Addr{},
		sources:  map[netip.Addr]int{},
	}
}

// Accept waits for a place and then for a connection to take it.
func (l *Listener) Accept() (net.Conn, error) {
	select {
	case l.places <- struct{}{}:
	case <-l.pause.closed:
		return nil, closed()
	}
	for {
		conn, err := l.pause.accept(l.Listener)
		if err != nil {
			<-l.places
			return nil, err
		}
		if l.admit(conn) {
			return conn, nil
		}
		l.log.Debug("connection reset: its address has too many that are no sessions yet", "client", conn.RemoteAddr().String())
		reset(conn)
	}
}

// Close closes the listener in it; who waits in Accept returns at once, in a
// pause too. Connections that it handed out stay.
func (l *Listener) Close() error {
	l.pause.end()
	return l.Listener.Close()
}

// ConnState is for [http.Server.ConnState]: a connection that is taken over or
// closed makes room for another.
func (l *Listener) ConnState(conn net.Conn, state http.ConnState) {
	if state != http.StateHijacked && state != http.StateClosed {
		return
	}
	if l.release(conn) {
		<-l.places
	}
	if state == http.StateClosed {
		l.Freed()
	}
}

// Freed ends a pause early. It is to be called when a descriptor has become free
// that ConnState doesn't tell of, as when a session has ended. Without it the pause
// ends within a second. It never blocks.
func (l *Listener) Freed() { l.pause.cut() }

// admit counts a connection, and reports whether its address may have it.
func (l *Listener) admit(conn net.Conn) bool {
	addr, exempt := sourceOf(remote(conn.RemoteAddr().String()))
	l.mu.Lock()
	defer l.mu.Unlock()
	if !exempt {
		if l.sources[addr] >= l.share {
			return false
		}
		l.sources[addr]++
	}
	l.pending[innermost(conn)] = addr
	return true
}

// release counts a connection no more, and reports whether it was counted.
func (l *Listener) release(conn net.Conn) bool {
	conn = innermost(conn)
	l.mu.Lock()
	defer l.mu.Unlock()
	addr, counted := l.pending[conn]
	if !counted {
		return false
	}
	delete(l.pending, conn)
	if l.sources[addr]--; l.sources[addr] <= 0 {
		delete(l.sources, addr)
	}
	return true
}

// innermost returns the connection within all others: under TLS the server knows
// another than the one that was accepted.
func innermost(conn net.Conn) net.Conn {
	for {
		outer, ok := conn.(interface{ NetConn() net.Conn })
		if !ok {
			return conn
		}
		conn = outer.NetConn()
	}
}

// reset closes a connection without the state that the kernel keeps for a minute
// of those that it closes in good order.
func reset(conn net.Conn) {
	if tcp, ok := conn.(*net.TCPConn); ok {
		tcp.SetLinger(0)
	}
	conn.Close()
}

func closed() error { return fmt.Errorf("accept: %w", net.ErrClosed) }
