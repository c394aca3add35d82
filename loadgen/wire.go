package loadgen

import (
	"net"
	"sync"
)

// aheadSize is how much a wire reads at once. The first read of a message must
// be large: with 4 KiB first reads the kernel never opens the receive window
// beyond its default, and a 133 KB message runs at two thirds of its speed. It
// should also hold the whole of a usual message: with 64 KiB a 133 KB message
// wakes its reader twice, which costs a fifth of its speed.
const aheadSize = 256 << 10

// smallest is the read buffer gorilla/websocket is given, its own minimum:
// beyond a header, what it reads goes straight to a wire's space.
const smallest = 125

// ahead is memory to read ahead into.
type ahead struct {
	data [aheadSize]byte

	// What is pending within the first bytes of a space that was given: it lies
	// at data[keptAt:].
	kept   [smallest]byte
	nkept  int
	keptAt int
}

// aheadPool holds them, hot and shared: a wire has one only while data are
// there.
var aheadPool = sync.Pool{New: func() any { return new(ahead) }}

// wire is a client's connection below gorilla/websocket. It reads ahead in
// large pieces without keeping memory while idle, lets the reader look at what
// arrived without copying it, counts bytes and notes the instant of the last
// read. One goroutine reads; writing goes to the connection directly.
//
// Looking without copying works like this: the reader asks for space, and
// passes that to the message's Read. When data are pending, space is where
// they lie, so the Read that reaches the wire has nothing to move.
//
// The trap: gorilla's small buffer may hold the message's next bytes, up to
// 125, and copies them into space without asking the wire. What is pending
// there is kept aside, and put back before anything else happens.
//
// The other trap: a goroutine that waits deep in calls keeps a large stack for
// good, and there may be thousands (see footprint_test.go). So what lies
// between gorilla and the system is flat, and its frames are small.
type wire struct {
	net.Conn
	clock clock
	raw   rawReader // the zero value: no read-ahead on this connection

	// Read-ahead; nil when nothing is pending and no space is given.
	ahead    *ahead
	from, to int // pending: ahead.data[from:to]
	given    int // where the space begins that was given; -1: none

	// Since the last take.
	received int64
	readAt   int64 // instant of the last read that returned data
}

func newWire(c net.Conn, clk clock) *wire {
	w := &wire{Conn: c, clock: clk, given: -1}
	w.raw.init(w)
	return w
}

// space returns where the next Read of the message shall put its data: at
// least one byte, owned by the wire, good until release or the next Read.
func (w *wire) space() []byte {
	if w.ahead == nil {
		w.ahead = aheadPool.Get().(*ahead)
	}
	w.ahead.restore()
	if w.from == w.to {
		w.from, w.to, w.given = 0, 0, 0
		return w.ahead.data[:]
	}
	w.given = w.from
	w.keep()
	return w.ahead.data[w.from:w.to]
}

// keep puts aside what is pending where gorilla may write.
func (w *wire) keep() {
	if w.given < 0 {
		return
	}
	a := w.ahead
	a.keptAt = max(w.from, w.given)
	if end := min(w.to, w.given+smallest); end > a.keptAt {
		a.nkept = copy(a.kept[:], a.data[a.keptAt:end])
	}
}

// restore puts back what was kept.
func (a *ahead) restore() {
	if a.nkept > 0 {
		copy(a.data[a.keptAt:], a.kept[:a.nkept])
		a.nkept = 0
	}
}

// blame returns err: what ends reading is the connection's doing, or a breach
// of protocol that gorilla has named.
func (w *wire) blame(err error) error { return err }

// release takes back the space given, and gives the memory to the pool unless
// data are pending.
func (w *wire) release() {
	if w.ahead == nil {
		return
	}
	w.ahead.restore()
	w.given = -1
	if w.from == w.to {
		aheadPool.Put(w.ahead)
		w.ahead = nil
	}
}

// Read serves what is pending; else it reads from the connection: straight
// into p when that is large and not the space that was given, else ahead.
func (w *wire) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if w.from == w.to {
		if !w.raw.works() || len(p) > smallest && !w.lent(p) {
			n, err := w.Conn.Read(p)
			w.count(n)
			return n, err
		}
		if err := w.raw.read(w); err != nil {
			return 0, err
		}
	}
	return w.serve(p), nil
}

// lent reports whether p is the space given, all of it: to read ahead into that
// is to read into p. It waits less deep in calls than Conn.Read does.
func (w *wire) lent(p []byte) bool { return w.given == 0 && &p[0] == &w.ahead.data[0] }

// serve hands out what is pending.
func (w *wire) serve(p []byte) int {
	w.ahead.restore()
	pending := w.ahead.data[w.from:w.to]
	n := min(len(p), len(pending))
	if &p[0] != &pending[0] {
		copy(p, pending)
	}
	w.from += n
	if w.from == w.to && w.given < 0 {
		w.release() // who knows for how long there is nothing more
	} else {
		w.keep()
	}
	return n
}

// filled notes that n bytes were read ahead.
func (w *wire) filled(n int) {
	w.from, w.to = 0, n
	w.count(n)
}

func (w *wire) count(n int) {
	if n > 0 {
		w.received += int64(n)
		w.readAt = w.clock.now()
	}
}

// take returns the bytes received since it was last called.
func (w *wire) take() int64 {
	n := w.received
	w.received = 0
	return n
}
