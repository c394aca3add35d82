package loadgen

import (
	"cmp"
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
// words. It tells apart what took images with it and what did not, and in a
// block what failed before the window and behind it. The zero value knows
// neither instants nor connections.
type failures struct {
	clock  clock
	roster roster // to tell the ends of a client's connection

	mu     sync.Mutex
	counts failed // but for its examples
	firsts map[string]first
	seen   map[string]uint64 // of all that was counted, by since
	began  int64
	window *window // nil: no block is being driven
}

// failed is what was counted since it was last taken, by kind.
type failed struct {
	all         map[string]uint64
	connections map[string]uint64 // of all: took no image with them
	before      map[string]uint64 // of all: before the window
	behind      map[string]uint64 // of all: behind it
	unseen      map[string]uint64 // of all: since the last call of since
	examples    map[string]record.Example
}

// failure is images of a client, or attempts to connect, that failed alike.
type failure struct {
	kind   string // empty: that of err
	client int
	n      uint64

	// In words, the first of these that there is.
	detail string
	say    func() string // asked when it is the first of its kind
	err    error

	remedy  string  // empty: that of err, or of the kind
	over    *client // its connection; nil: what the client has now, if any
	nowhere bool    // it had no connection: what the client has is dead
	at      int64   // instant; 0: now
}

// first is the first failure of its kind, and its instant.
type first struct {
	record.Example
	at int64
}

// begin has examples tell their time from the instant at, on the fleet's
// clock: the start of connecting, or of a block, which then has a window. What
// was counted already lies before that.
func (f *failures) begin(at int64, w *window) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.began, f.window = at, w
	f.counts.before, f.counts.behind = maps.Clone(f.counts.all), nil
}

// add counts images that failed.
func (f *failures) add(e failure) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.keep(e)
}

// addConnection counts what took no image with it: a connection that failed, or
// was spoiled, while nothing was owed.
func (f *failures) addConnection(e failure) {
	f.mu.Lock()
	defer f.mu.Unlock()
	record.AddErrors(&f.counts.connections, map[string]uint64{f.keep(e): e.n})
}

// addError counts an attempt of a client to connect that failed with err.
func (f *failures) addError(client int, err error) {
	f.addConnection(failure{client: client, n: 1, err: err})
}

// keep counts a failure, with its words when it is the first of its kind, which
// it returns; f.mu is held.
func (f *failures) keep(e failure) (kind string) {
	if e.kind == "" {
		e.kind = Kind(e.err)
	}
	if e.at == 0 {
		e.at = f.now()
	}
	f.count(e.kind, e.n, e.at)
	if _, known := f.firsts[e.kind]; known {
		return e.kind
	}
	if f.firsts == nil {
		f.firsts = make(map[string]first)
	}
	f.firsts[e.kind] = first{f.example(e), e.at}
	return e.kind
}

// example puts a failure into words.
func (f *failures) example(e failure) record.Example {
	x := record.Example{Client: e.client, Detail: e.detail, Remedy: e.remedy}
	if e.over == nil && !e.nowhere && e.client >= 0 && e.client < len(f.roster) {
		e.over = f.roster[e.client].Load()
	}
	if e.over != nil {
		x.Local, x.Remote = e.over.ends()
	}
	if e.say != nil && x.Detail == "" {
		x.Detail = e.say()
	}
	if e.err != nil {
		x.Detail, x.Remedy = cmp.Or(x.Detail, explain(e.err)), cmp.Or(x.Remedy, remedyOf(e.err))
		if x.Remote == "" {
			x.Local, x.Remote = endsOf(e.err)
		}
	}
	x.Remedy = cmp.Or(x.Remedy, remedy(e.kind))
	return x
}

// now is the instant, where instants are known.
func (f *failures) now() int64 {
	if f.clock.start.IsZero() {
		return f.began
	}
	return f.clock.now()
}

// count adds what failed at an instant to its kind; f.mu is held.
func (f *failures) count(kind string, n uint64, at int64) {
	one := map[string]uint64{kind: n}
	record.AddErrors(&f.counts.all, one)
	switch w := f.window; {
	case w == nil:
	case w.over(at):
		record.AddErrors(&f.counts.behind, one)
	case w.early(at):
		record.AddErrors(&f.counts.before, one)
	}
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

// take returns all that was counted since it was last called, as of one
// instant.
func (f *failures) take() failed {
	f.mu.Lock()
	defer f.mu.Unlock()
	taken := f.counts
	taken.unseen = f.more()
	if f.firsts != nil {
		taken.examples = make(map[string]record.Example, len(f.firsts))
	}
	for kind, e := range f.firsts {
		// What failed between two blocks belongs to the second, and to its start.
		e.AtSeconds = max(0, time.Duration(e.at-f.began).Seconds())
		taken.examples[kind] = e.Example
	}
	f.counts, f.firsts, f.seen, f.window = failed{}, nil, nil, nil
	return taken
}

// since returns the counts added since it was last called; nil when there are
// none. It takes nothing.
func (f *failures) since() map[string]uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	added := f.more()
	f.seen = maps.Clone(f.counts.all)
	return added
}

// more is what was counted and not seen; f.mu is held.
func (f *failures) more() map[string]uint64 {
	var added map[string]uint64
	for kind, n := range f.counts.all {
		if n > f.seen[kind] {
			record.AddErrors(&added, map[string]uint64{kind: n - f.seen[kind]})
		}
	}
	return added
}

// explain says in words what became of a connection. What to do is remedyOf's.
func explain(err error) string {
	if closed, ok := errors.AsType[*websocket.CloseError](err); ok {
		return explainClose(closed)
	}
	if refused, ok := errors.AsType[*HandshakeError](err); ok {
		return refused.Answer()
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
	if name := record.CloseName(closed.Code); name != "" {
		said += " (" + name + ")"
	}
	if closed.Text == "" {
		return said + " and no reason"
	}
	return fmt.Sprintf("%s: %q", said, closed.Text)
}

// rounded makes a duration for people to read.
func rounded(ns int64) time.Duration { return time.Duration(ns).Round(time.Millisecond / 10) }
