package loadgen

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/wsimg/wsimg/loadgen/churn"
	"github.com/wsimg/wsimg/loadgen/schedule"
)

// lead is the time between the making of an open block and the start of its
// plan, for everybody to take their places.
const lead = 5 * time.Millisecond

// block is one measured stretch being driven: the traffic of one cell, until
// nothing more is due and the last round trip has drained. Clients numbered
// below active send; the others are never waited for.
type block struct {
	traffic  *Traffic
	window   *window
	recorder *recorder
	settle   func(client int, t roundTrip, last *settled)
	edges    *edges // nil: not wanted
	active   int
	agendas  []agenda // by client number, of the active
	gaps     []int64  // likewise: when the connection ended without which images became due that wait; 0: none do
	lifetime churn.Lifetime
	deaths   deaths
	pacer    *pacer // nil where nothing is ever due later
	pumps    sync.WaitGroup
	until    time.Time // write deadline
	redial   bool

	ended    atomic.Bool   // the drain is over: nothing more is sent
	deserted atomic.Bool   // nobody connects any more
	finished []atomic.Bool // by client number, of the active: nothing more is to be sent
	waiting  atomic.Int64  // active clients that have not finished
	drained  chan struct{} // closed by the last of them
	staying  atomic.Int64  // active clients that have a connection, or will have one

	vacant *vacancies

	start  int64   // of the plan, or of the block
	census *census // of an open block
	due    uint64  // in the window
	early  uint64  // before it
}

// newBlock lays out a block for the clients of a fleet.
func newBlock(s Block, f *Fleet, ramp ramp) *block {
	b := &block{
		traffic:  s.Traffic,
		recorder: f.recorder,
		active:   s.active(f.size),
		lifetime: s.Lifetime,
		redial:   (s.Redial || s.Load.Open()) && !f.settings.Forsake,
		drained:  make(chan struct{}),
		vacant:   newVacancies(f.settings),
	}
	b.agendas, b.gaps = make([]agenda, b.active), make([]int64, b.active)
	b.finished = make([]atomic.Bool, b.active)
	b.waiting.Store(int64(b.active))
	b.staying.Store(int64(b.active))
	if s.Load.Open() {
		b.open(s, f.clock, ramp)
	} else {
		b.close(s, f, ramp)
	}
	if s.Watch != nil || s.Ramp > 0 {
		b.edges = newEdges(b.window)
	}
	return b
}

// close makes it a closed loop.
func (b *block) close(s Block, f *Fleet, ramp ramp) {
	b.settle = b.settleClosed
	for i := range b.agendas {
		b.agendas[i] = newBackToBack(s.Load.Think, f.settings.InFlight)
	}
	b.start = f.clock.now()
	if ramp.length == 0 {
		b.window = newWindow(b.active, s.Length)
		return
	}
	opens := b.start + int64(ramp.length)
	b.window = plannedWindow(opens, opens+int64(s.Length))
}

// open makes it an open loop, of which the rate holds while clients still
// come: each has arrivals from its turn on.
func (b *block) open(s Block, clk clock, ramp ramp) {
	plan := s.Load.Plan
	if ramp.length > 0 {
		plan = append(schedule.Steady(plan[0].From, ramp.length), plan...)
	}
	b.settle = b.settleOpen
	b.census = &census{}
	arrivals := make([]*schedule.Arrivals, b.active)
	for i := range arrivals {
		arrivals[i] = schedule.NewArrivals(s.Load.Arrivals, plan, i, b.active, s.Load.Seed)
		arrivals[i].Skip(ramp.turn(i))
		b.census.add(arrivals[i].Clone())
	}
	b.start = clk.now() + int64(lead) // to lay it out has taken its time
	for i, a := range arrivals {
		b.agendas[i] = newPlanned(b.start, a)
	}
	b.window = plannedWindow(b.start+int64(ramp.length+s.RampIn), b.start+int64(plan.Length()))
}

// agenda returns what a client is to do.
func (b *block) agenda(id int) agenda {
	if id < b.active {
		return b.agendas[id]
	}
	return idle{}
}

// arrive is called once for each client: with its first reply, or when it can
// get none.
func (b *block) arrive(id int, now int64) {
	if id < b.active {
		b.window.arrive(now)
	}
}

// finish is called when nothing more will be sent under a number, and again
// whenever that shows.
func (b *block) finish(id int) {
	if id < b.active && b.finished[id].CompareAndSwap(false, true) && b.waiting.Add(-1) == 0 {
		close(b.drained)
	}
}

// lasts reports whether something may still happen: images are owed or due, or
// the window is open and somebody there to lose a connection.
func (b *block) lasts(now int64) bool {
	return b.waiting.Load() > 0 || !b.window.over(now) && (b.window.planned || b.staying.Load() > 0)
}

// through reports whether nothing more will be sent under a number, and it needs
// no connection any more. Who has the number asks.
func (b *block) through(id int, now int64) bool {
	switch {
	case b.ended.Load() || b.deserted.Load():
		return true
	case !b.window.over(now):
		return false
	default:
		return id >= b.active || b.window.over(b.agendas[id].due())
	}
}

// lose is called for a client whose connection failed in the block: its number
// waits for another, or is finished. Good is whether it had been of use.
func (b *block) lose(id int, now int64, good bool) {
	if !b.redial || b.through(id, now) {
		if id < b.active {
			b.staying.Add(-1)
		}
		b.finish(id)
		return
	}
	b.part(id, now)
	b.vacant.change(func(q *churn.Queue) { q.Lose(id, now, good) })
}

// replace is called for a client whose connection was ended for its own sake at
// an instant, and is no more: its number gets another at once, or is finished.
func (b *block) replace(id int, ended, now int64) {
	if b.through(id, now) {
		b.finish(id)
		return
	}
	b.part(id, ended)
	b.vacant.change(func(q *churn.Queue) { q.Replace(id, ended) })
}

// part notes that a number has no connection from an instant on, unless images
// still wait that became due in an earlier gap.
func (b *block) part(id int, at int64) {
	if id < b.active && b.gaps[id] == 0 {
		b.gaps[id] = at
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
	if b.edges != nil {
		b.edges.add(&t)
	}
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
	if b.edges != nil {
		b.edges.add(&t)
	}
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
	if b.census == nil && !b.redial {
		return left // who failed in a closed loop was to send no more
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
// instant, until the window closes or is cut, and adds it to due or early. One
// goroutine calls it.
func (b *block) scheduled(before int64) uint64 {
	if b.census == nil {
		return 0
	}
	was := b.due + b.early
	b.census.take(time.Duration(before-b.start), func(at time.Duration) {
		switch due := b.start + int64(at); {
		case b.window.over(due):
		case b.window.holds(due):
			b.due++
		case b.window.early(due):
			b.early++
		}
	})
	return b.due + b.early - was
}

// pacing is the CPU time spent on the instants so far, in ns.
func (b *block) pacing() int64 {
	if b.pacer == nil {
		return 0
	}
	return b.pacer.cost()
}
