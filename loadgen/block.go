package loadgen

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/wsimg/wsimg/loadgen/schedule"
)

// lead is the time between the making of an open block and the start of its
// plan, for everybody to take their places.
const lead = 5 * time.Millisecond

// block is one measured stretch being driven: the traffic of one cell, until
// nothing more is due and the last round trip has drained.
type block struct {
	traffic  *Traffic
	window   *window
	recorder *recorder
	settle   func(client int, t roundTrip, last *settled)
	agendas  []agenda // by client number
	pacer    *pacer   // nil where nothing is ever due later
	pumps    sync.WaitGroup
	until    time.Time // write deadline
	redial   bool

	ended   atomic.Bool   // the drain is over: nothing more is sent
	waiting atomic.Int64  // client numbers that have not finished
	drained chan struct{} // closed by the last of them

	vacant vacancies

	start  int64                // of the plan
	census []*schedule.Arrivals // of an open block, to count what is due
	due    uint64               // what was counted
}

// newBlock lays out a block for that many clients.
func newBlock(s Block, clients, inFlight int, clk clock, r *recorder) *block {
	b := &block{
		traffic:  s.Traffic,
		recorder: r,
		agendas:  make([]agenda, clients),
		redial:   s.Redial || s.Load.Open(),
		drained:  make(chan struct{}),
		vacant:   newVacancies(),
	}
	b.waiting.Store(int64(clients))
	b.start = clk.now()
	if !s.Load.Open() {
		b.window = newWindow(clients, s.Length)
		b.settle = b.settleClosed
		for i := range b.agendas {
			b.agendas[i] = newBackToBack(s.Load.Think, inFlight)
		}
		return b
	}
	b.start += int64(lead)
	b.window = plannedWindow(b.start+int64(s.RampIn), b.start+int64(s.Load.Plan.Length()))
	b.settle = b.settleOpen
	b.census = make([]*schedule.Arrivals, clients)
	for i := range b.agendas {
		arrivals := schedule.NewArrivals(s.Load.Arrivals, s.Load.Plan, i, clients, s.Load.Seed)
		b.census[i] = arrivals.Clone()
		b.agendas[i] = newPlanned(b.start, arrivals)
	}
	return b
}

// finish is called once for each client number.
func (b *block) finish() {
	if b.waiting.Add(-1) == 0 {
		close(b.drained)
	}
}

// through reports whether nothing more will be sent under a number that has
// no client.
func (b *block) through(id int, now int64) bool {
	return b.ended.Load() || b.window.over(now) && (b.census == nil || b.window.over(b.agendas[id].due()))
}

// vacate is called for a client that fails in the block: its number waits for
// another, or is finished. Good is whether an image of it was verified.
func (b *block) vacate(id int, now int64, good bool) {
	switch {
	case !b.redial || b.through(id, now):
		b.finish()
	case good:
		b.vacant.add(id)
	default:
		b.vacant.rest(id)
	}
}

// spawn has the client pump in a goroutine of its own; c.pumping is set.
func (b *block) spawn(c *client) {
	b.pumps.Go(func() {
		c.mu.Lock()
		c.pump(b)
	})
}

// settled is a client's memory of its last round trip, in case the window
// opened before it ended and the client did not know yet.
type settled struct {
	from, to int64
	bytes    int
	missed   bool // recorded before the window was known to be open
}

// settleClosed records a verified round trip of a client, which counts by the
// share that lies in the window.
func (b *block) settleClosed(client int, t roundTrip, last *settled) {
	share, began := b.window.share(t.due, t.verified)
	b.recorder.add(client, &t, share, began)
	if last.missed {
		if owed, _ := b.window.share(last.from, last.to); owed > 0 {
			b.recorder.credit(client, last.bytes, owed)
		}
	}
	*last = settled{t.due, t.verified, t.bytes, b.window.opened.Load() == 0}
}

// settleOpen counts a round trip when it ends: how long it waited before is
// no part of the rate.
func (b *block) settleOpen(client int, t roundTrip, _ *settled) {
	share := 0.0
	if b.window.holds(t.verified) {
		share = 1
	}
	b.recorder.add(client, &t, share, b.window.holds(t.due))
}

// censor records an image that was due and given up at now, unanswered.
func (b *block) censor(due, now int64) {
	if b.window.holds(due) {
		b.recorder.censor(now - due)
	}
}

// unsent takes all that was due and never sent off the agendas, records how
// long it has waited until now and returns how many images that is, by client.
// All clients have finished.
func (b *block) unsent(now int64) map[int]uint64 {
	left := map[int]uint64{}
	if b.census == nil {
		return left
	}
	for id, a := range b.agendas {
		for ; !b.window.over(a.due()); a.sent() {
			b.censor(a.due(), now)
			left[id]++
		}
	}
	return left
}

// scheduled returns how much was due since it was last called and before the
// instant, within the window, and adds it to due. One goroutine calls it.
func (b *block) scheduled(before int64) uint64 {
	var n uint64
	for _, a := range b.census {
		for at, ok := a.Peek(); ok && b.start+int64(at) < before; at, ok = a.Peek() {
			if b.window.holds(b.start + int64(at)) {
				n++
			}
			a.Next()
		}
	}
	b.due += n
	return n
}

// pacing is the CPU time spent on the instants so far, in ns.
func (b *block) pacing() int64 {
	if b.pacer == nil {
		return 0
	}
	return b.pacer.cost()
}
