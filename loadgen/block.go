package loadgen

import (
	"sync/atomic"
	"time"
)

// block is one measured stretch: the traffic of one cell, every client back to
// back, until the window has closed and the last round trip has drained.
type block struct {
	traffic  *Traffic
	window   *window
	timeout  int64 // the longest an image may stay unanswered, in ns
	recorder *recorder
	waiting  atomic.Int64  // clients that have not finished
	drained  chan struct{} // closed by the last of them
}

func newBlock(t *Traffic, clients int, length, timeout time.Duration, r *recorder) *block {
	b := &block{
		traffic:  t,
		window:   newWindow(clients, length),
		timeout:  int64(timeout),
		recorder: r,
		drained:  make(chan struct{}),
	}
	b.waiting.Store(int64(clients))
	return b
}

// finish is called once by each client.
func (b *block) finish() {
	if b.waiting.Add(-1) == 0 {
		close(b.drained)
	}
}

// settled is a client's memory of its last round trip, in case the window
// opened before it ended and the client did not know yet.
type settled struct {
	from, to int64
	bytes    int
	missed   bool // recorded before the window was known to be open
}

// settle records a verified round trip of a client.
func (b *block) settle(client int, t *roundTrip, last *settled) {
	share, began := b.window.share(t.due, t.verified)
	b.recorder.add(client, t, share, began)
	if last.missed {
		if owed, _ := b.window.share(last.from, last.to); owed > 0 {
			b.recorder.credit(client, last.bytes, owed)
		}
	}
	*last = settled{t.due, t.verified, t.bytes, b.window.opened.Load() == 0}
}
