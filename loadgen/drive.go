package loadgen

import (
	"context"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/wsimg/wsimg/loadgen/connect"
)

// oftenest is how short the time may be between two looks at clients that may
// have taken too long, or that may have to finish.
const oftenest = 50 * time.Millisecond

// drive is a fleet being driven through one block, by one goroutine.
type drive struct {
	fleet   *Fleet
	block   *block
	ctx     context.Context
	watcher *watcher // nil: no series is wanted
	cuts    []int64  // from the opening of the window, in order

	timeout time.Duration      // of an image
	drain   time.Duration      // how long it lasts at the most, but for grace
	stop    context.CancelFunc // of dialing
	over    bool               // the window has closed
	clears  int64              // when vacant numbers are looked at again, behind it
	chores  []chore
}

// chore is something that is to be done at an instant. Doing it returns when
// to do it again; to do it too early is harmless.
type chore struct {
	at int64
	do func(now int64) (next int64)
}

func newDrive(ctx context.Context, f *Fleet, b *block, s Block) *drive {
	d := &drive{fleet: f, block: b, ctx: ctx, timeout: f.settings.Timeout, drain: f.settings.Timeout}
	for _, at := range slices.Sorted(slices.Values(s.Cuts)) {
		d.cuts = append(d.cuts, int64(at))
	}
	d.chores = []chore{{do: d.edge}, {do: d.sweep}, {do: d.cut}, {do: d.bury}}
	return d
}

// wait has the clients begin and returns when the block has drained. What takes
// too long is noted when its time is over; an interrupted block is cut short.
func (d *drive) wait(enlisted []*client) (err error) {
	f, b := d.fleet, d.block
	dialing, stop := context.WithCancel(d.ctx)
	defer stop()
	d.stop = stop
	b.pumps.Go(func() { begin(b, enlisted) })
	connected := make(chan struct{})
	go func() {
		defer close(connected)
		k := connector{fleet: f, vacant: b.vacant, pace: f.redials, book: &f.book, came: d.came, failed: d.failed}
		k.run(dialing)
	}()
	var steps <-chan time.Time
	if d.watcher != nil {
		t := time.NewTicker(d.watcher.every)
		defer t.Stop()
		steps = t.C
	}
	timer := time.NewTimer(0)
	defer timer.Stop()
	known, done := (<-chan struct{})(b.window.known), d.ctx.Done()
	drained := (<-chan struct{})(b.drained)
	for b.lasts(f.clock.now()) {
		select {
		case <-drained:
			drained = nil
			continue
		case <-steps:
			var enough bool
			if enough, err = d.watcher.look(); err == nil && !enough {
				continue
			}
			b.window.cut(f.clock.now())
		case <-known:
			known = nil
		case <-done:
			done = nil
			b.window.cut(f.clock.now())
			b.deserted.Store(true)
			d.drain, d.clears = min(d.timeout, patience), 0
		case <-timer.C:
			timer.Reset(d.look(false))
			continue
		}
		timer.Reset(d.look(true))
	}
	stop()
	<-connected
	b.ended.Store(true) // for the idle, who may still lose their connections
	if b.pacer != nil {
		b.pacer.close() // before the last pump ends, for it starts them
	}
	b.pumps.Wait()
	return err
}

// begin has the clients begin, some at a time. A server that does not read
// holds up who writes to it: that must be neither the other clients nor the
// fleet.
func begin(b *block, clients []*client) {
	var g errgroup.Group
	g.SetLimit(beginning)
	for _, c := range clients {
		if c.id >= b.active {
			break
		}
		g.Go(func() error {
			c.open(b)
			return nil
		})
	}
	g.Wait()
}

// look does the chores whose instant has come, or all, and returns how long it
// is to the next.
func (d *drive) look(all bool) time.Duration {
	now, next := d.fleet.clock.now(), int64(never)
	for i := range d.chores {
		c := &d.chores[i]
		if all || c.at <= now {
			c.at = c.do(now)
		}
		next = min(next, c.at)
	}
	return d.fleet.clock.until(next)
}

// edge looks after the opening and the closing of the window, and ends the
// drain when its time is over.
func (d *drive) edge(now int64) int64 {
	b := d.block
	stop := b.window.stop.Load()
	if now < stop {
		if opens := b.window.opened.Load(); now < opens {
			return opens
		}
		return stop
	}
	if !d.over {
		d.over = true
		d.each(func(c *client) { c.settle(b) })
	}
	if end := stop + int64(d.drain+2*grace); now > end {
		b.ended.Store(true)
		d.clears = 0
		d.stop()
		d.each(func(c *client) { c.abandon(b, now, d.ctx.Err() != nil) })
	}
	if now >= d.clears {
		// Who is lost from now on is not left vacant, but for one that is being lost
		// at this instant.
		d.clears = now + int64(time.Second)
		for _, id := range b.vacant.remove(func(id int) bool { return b.through(id, now) }) {
			b.finish(id)
		}
	}
	return now + int64(oftenest)
}

// each calls do for every active client that has a connection.
func (d *drive) each(do func(*client)) {
	for id := range d.block.active {
		if c := d.fleet.clients[id].Load(); c != nil {
			do(c)
		}
	}
}

// sweep looks after images that take too long. It goes over all clients, but
// not before the first of them can be late: some times a minute.
func (d *drive) sweep(now int64) int64 {
	next := int64(never)
	d.each(func(c *client) { next = min(next, c.sweep(now, int64(d.timeout))) })
	return max(min(next, now+int64(d.timeout)), now+int64(min(oftenest, d.timeout)))
}

// cut ends all connections at the same instant, when that has come.
func (d *drive) cut(now int64) int64 {
	f, b := d.fleet, d.block
	opened := b.window.opened.Load()
	if len(d.cuts) == 0 || opened == 0 || b.window.over(now) {
		return never
	}
	if at := opened + d.cuts[0]; at > now {
		return at
	}
	d.cuts = d.cuts[1:]
	var cut []int
	for id := range f.size {
		if c := f.clients[id].Load(); c != nil && c.cut(b, now) {
			cut = append(cut, id)
		}
	}
	for _, id := range cut { // when all are, or the first might be back before
		b.lose(id, now, true)
	}
	return now // there may be another
}

// bury ends the connections whose lifetime is over. Those that are still to
// come live as long as one lifetime at least.
func (d *drive) bury(now int64) int64 {
	b := d.block
	if b.lifetime.Time == 0 {
		return never
	}
	for {
		id, next, ok := b.deaths.pop(now)
		if !ok {
			return min(next, now+int64(b.lifetime.Time))
		}
		if c := d.fleet.clients[id].Load(); c != nil {
			c.expire(b, now)
		}
	}
}

// came takes in a client that got a connection in the block.
func (d *drive) came(c *client) {
	f, b := d.fleet, d.block
	now := f.clock.now()
	lost := b.vacant.came(c.id, now)
	if !c.enlist(b, true) {
		b.lose(c.id, now, false)
		return
	}
	if c.again && lost > 0 {
		f.book.back(f.clock.now() - lost)
	}
	b.pumps.Go(func() { c.open(b) })
}

// failed has a client whose attempt to connect failed wait for the next.
func (d *drive) failed(id int, err error) {
	b := d.block
	now := d.fleet.clock.now()
	if d.ctx.Err() != nil || b.through(id, now) {
		b.vacant.leave(id)
		b.finish(id)
		return
	}
	b.vacant.failed(id, now+int64(connect.RetryAfter(err))) // and its back-off on top
}
