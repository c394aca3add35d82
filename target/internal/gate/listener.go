package gate

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// onePart is the part of the places that connections from one address may take:
// one in four.
const onePart = 4

// Listener bounds the connections of an [http.Server] that are no sessions yet:
// those that are about to send their request, slowly perhaps, and those that HTTP
// keeps alive. One address, unless it is loopback, can take a quarter of the
// places; one connection more is reset.
//
// While all places are taken, the connection that comes next waits for one, and
// those behind it queue in the kernel. In any crowd of honest clients it gets one
// soon, as handshakes end, and nobody is lost. If it doesn't, the oldest of the
// connections that has been there for two seconds, ten if it comes from loopback, is
// reset in its favour, unless its request is in progress. So those that stay silent
// hold up others for two seconds in all: pending places let pending/2 connections a
// second pass through, whatever the others do. A connection that is kept alive counts as silent between
// requests; who finds it closed connects anew, as HTTP demands (RFC 9112 section
// 9.3.1). Requests in progress end by the timeouts of the server.
//
// While the process or the system has no descriptor left it pauses, and recovers
// by itself. See [Listener.Freed].
//
// It hands out the connections of the listener in it as they are. Its methods are
// safe for concurrent use. Memory is O(pending); it starts no goroutine.
type Listener struct {
	net.Listener
	log     *slog.Logger
	places  chan struct{} // holds an element for each place taken
	pause   *pause
	pending *pending
	letGo   letGo
}

// NewListener returns a listener over inner, which it takes over, with places for
// pending connections, at least one; each Accept that waits holds one more. Its
// ConnState must be the server's; it must be closed.
func NewListener(inner net.Listener, pending int, log *slog.Logger) *Listener {
	pending = max(1, pending)
	return &Listener{
		Listener: inner,
		log:      log,
		places:   make(chan struct{}, pending),
		pause:    newPause(log),
		letGo:    letGo{log: log},
		pending:  newPending(max(1, pending/onePart)),
	}
}

// Accept waits for a connection and then for a place for it.
func (l *Listener) Accept() (net.Conn, error) {
	for {
		conn, err := l.pause.accept(l.Listener)
		if err != nil {
			return nil, err
		}
		from, ok := l.pending.count(conn)
		if !ok {
			l.log.Debug("connection reset: its address has too many that are no sessions yet", "client", conn.RemoteAddr().String())
			reset(conn)
			continue
		}
		if !l.takePlace() {
			l.pending.discount(from)
			reset(conn)
			return nil, closed()
		}
		l.pending.add(conn, from, time.Now())
		return conn, nil
	}
}

// Close closes the listener in it; who waits in Accept returns at once, in a
// pause too. Connections that it handed out stay.
func (l *Listener) Close() error {
	l.pause.end()
	return l.Listener.Close()
}

// ConnState is for [http.Server.ConnState]: a connection that is taken over or
// closed makes room for another, and one whose request is in progress is spared.
func (l *Listener) ConnState(conn net.Conn, state http.ConnState) {
	switch state {
	case http.StateActive, http.StateIdle:
		l.pending.setBusy(conn, state == http.StateActive)
	case http.StateHijacked, http.StateClosed:
		if l.pending.remove(conn) {
			<-l.places
		}
	}
	if state == http.StateClosed {
		l.Freed()
	}
}

// Freed ends a pause early. It is to be called when a descriptor has become free
// that ConnState doesn't tell of, as when a session has ended. Without it the pause
// ends within a second. It never blocks.
func (l *Listener) Freed() { l.pause.cut() }

// takePlace waits for a place, and takes it from another in the end. It reports
// whether there is one: there is none once the listener is closed.
func (l *Listener) takePlace() bool {
	for {
		select {
		case l.places <- struct{}{}:
			return true
		default:
		}
		now := time.Now()
		silent, wait := l.pending.removeSilent(now)
		if silent != nil {
			l.letGo.add(now)
			reset(silent)
			return true // its place, which is not given back
		}
		enough := time.NewTimer(wait)
		select {
		case l.places <- struct{}{}:
			enough.Stop()
			return true
		case <-l.pause.closed:
			enough.Stop()
			return false
		case <-enough.C:
		}
	}
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
