package loadgen

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/wsimg/wsimg/loadgen/record"
)

// failures counts failures by kind and keeps the first of each. It is safe for
// concurrent use: failures are rare, and off the path of a verified image. When
// 15,000 clients fail at the same time only the first of a kind is put into
// words. The zero value knows neither instants nor connections.
type failures struct {
	clock  clock
	roster roster // to tell the ends of a client's connection

	mu     sync.Mutex
	counts map[string]uint64
	firsts map[string]first
	seen   map[string]uint64 // of counts, by since
	began  int64
}

// first is the first failure of its kind, and its instant.
type first struct {
	record.Example
	at int64
}

// begin has examples tell their time from the instant at, on the fleet's
// clock: the start of connecting, or of a block.
func (f *failures) begin(at int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.began = at
}

// add counts a failure of a client that detail describes.
func (f *failures) add(kind string, client int, detail string) { f.addMany(kind, client, 1, detail) }

// addMany is add, for n images at once.
func (f *failures) addMany(kind string, client int, n uint64, detail string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.count(kind, n) {
		return
	}
	e := record.Example{Client: client, Detail: detail, Remedy: remedy(kind)}
	e.Local, e.Remote = f.ends(client)
	f.keep(kind, e)
}

// addError counts an attempt of a client to connect, or a connection of it,
// that failed with err.
func (f *failures) addError(client int, err error) {
	kind := Kind(err)
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.count(kind, 1) {
		return
	}
	e := record.Example{Client: client, Detail: explain(err), Remedy: remedyOf(err)}
	if e.Local, e.Remote = f.ends(client); e.Remote == "" {
		e.Local, e.Remote = endsOf(err)
	}
	f.keep(kind, e)
}

// count adds to a kind and reports whether it is the first; f.mu is held.
func (f *failures) count(kind string, n uint64) bool {
	if f.counts == nil {
		f.counts = make(map[string]uint64)
		f.firsts = make(map[string]first)
	}
	f.counts[kind] += n
	_, known := f.firsts[kind]
	return !known
}

// keep notes the first failure of a kind; f.mu is held.
func (f *failures) keep(kind string, e record.Example) {
	at := f.began
	if !f.clock.start.IsZero() {
		at = f.clock.now()
	}
	f.firsts[kind] = first{e, at}
}

// ends returns the ends of a client's connection, while it is listed.
func (f *failures) ends(client int) (local, remote string) {
	if client < 0 || client >= len(f.roster) {
		return "", ""
	}
	c := f.roster[client].Load()
	if c == nil {
		return "", ""
	}
	return address(c.wire.LocalAddr()), address(c.wire.RemoteAddr())
}

// endsOf returns what err tells of the ends of a connection that was not to be
// had.
func endsOf(err error) (local, remote string) {
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return address(op.Source), address(op.Addr)
	}
	return "", ""
}

func address(a net.Addr) string {
	if a == nil {
		return ""
	}
	return a.String()
}

// take returns what was added since it was last called.
func (f *failures) take() (map[string]uint64, map[string]record.Example) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var examples map[string]record.Example
	if f.firsts != nil {
		examples = make(map[string]record.Example, len(f.firsts))
	}
	for kind, e := range f.firsts {
		// What failed between two blocks belongs to the second, and to its start.
		e.AtSeconds = max(0, time.Duration(e.at-f.began).Seconds())
		examples[kind] = e.Example
	}
	counts := f.counts
	f.counts, f.firsts, f.seen = nil, nil, nil
	return counts, examples
}

// since returns the counts added since it was last called; nil when there are
// none. It takes nothing.
func (f *failures) since() map[string]uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	var added map[string]uint64
	for kind, n := range f.counts {
		if n > f.seen[kind] {
			if added == nil {
				added = make(map[string]uint64)
			}
			added[kind] = n - f.seen[kind]
		}
	}
	f.seen = maps.Clone(f.counts)
	return added
}

// explain says in words what became of a connection. What to do is remedyOf's.
func explain(err error) string {
	if closed, ok := errors.AsType[*websocket.CloseError](err); ok {
		return explainClose(closed)
	}
	if refused, ok := errors.AsType[*HandshakeError](err); ok {
		said := fmt.Sprintf("the server answered the WebSocket handshake with HTTP %d", refused.Status)
		if refused.Reason != "" {
			said += ": " + refused.Reason
		}
		return said
	}
	switch kind := Kind(err); {
	case kind == Dropped:
		return "the server ended the connection (" + err.Error() + ")"
	case kind == Reset:
		return "the server reset the connection (" + err.Error() + ")"
	case errors.Is(err, os.ErrDeadlineExceeded):
		return "the server took no more data in time (" + err.Error() + ")"
	default:
		return strings.Replace(err.Error(), "; "+remedyOf(err), "", 1)
	}
}

// explainClose says "the server closed the connection with code 1013 (try again
// later) and no reason".
func explainClose(closed *websocket.CloseError) string {
	switch closed.Code {
	case websocket.CloseAbnormalClosure: // gorilla's word for no frame at all
		return "the server ended the connection without a close frame"
	case websocket.CloseNoStatusReceived:
		return "the server closed the connection without a code"
	}
	said := fmt.Sprintf("the server closed the connection with code %d", closed.Code)
	if name := nameOfClose(closed.Code); name != "" {
		said += " (" + name + ")"
	}
	if closed.Text == "" {
		return said + " and no reason"
	}
	return fmt.Sprintf("%s: %q", said, closed.Text)
}

// rounded makes a duration for people to read.
func rounded(ns int64) time.Duration { return time.Duration(ns).Round(time.Millisecond / 10) }
