package loadgen

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// comeback is how long a client number stays vacant after a redial failed.
const comeback = time.Second

// drive is a fleet being driven through one block, by one goroutine.
type drive struct {
	fleet   *Fleet
	block   *block
	ctx     context.Context
	watcher *watcher // nil: no series is wanted

	redials errgroup.Group
	mu      sync.Mutex
	renewed uint64
}

// wait has the clients begin and returns when the block has drained, with the
// number of connections that were replaced. What takes too long is noted now
// and then; an interrupted block is cut short.
func (d *drive) wait(enlisted []*client) (redials uint64, err error) {
	f, b := d.fleet, d.block
	redialing, stop := context.WithCancel(d.ctx)
	defer stop()
	d.redials.SetLimit(dialing)
	b.pumps.Go(func() { open(b, enlisted) })
	timeout := f.settings.Timeout
	tick := min(max(timeout/8, 10*time.Millisecond), time.Second)
	if b.pacer != nil {
		tick = min(tick, 50*time.Millisecond) // who thinks may be thinking beyond the end
	}
	ticks := time.NewTicker(tick)
	defer ticks.Stop()
	comebacks := time.NewTicker(comeback)
	defer comebacks.Stop()
	var steps <-chan time.Time
	if d.watcher != nil {
		t := time.NewTicker(d.watcher.every)
		defer t.Stop()
		steps = t.C
	}
	done := d.ctx.Done()
	drained := (<-chan struct{})(b.drained)
	// An open load lasts as long as its plan, even when nothing more is due.
	for drained != nil || b.census != nil && !b.window.over(f.clock.now()) {
		select {
		case <-drained:
			drained = nil
		case <-steps:
			if err = d.watcher.look(); err != nil {
				stop()
				b.window.cut(f.clock.now())
			}
		case <-done:
			done = nil
			b.window.cut(f.clock.now())
			timeout = min(timeout, patience)
			d.sweep(timeout)
		case <-b.vacant.news:
			d.fill(redialing, b.vacant.take(false))
		case <-ticks.C:
			d.sweep(timeout)
			d.fill(redialing, b.vacant.take(b.window.over(f.clock.now())))
		case <-comebacks.C:
			d.fill(redialing, b.vacant.take(true))
		}
	}
	stop()
	d.redials.Wait()
	if b.pacer != nil {
		b.pacer.close() // before the last pump ends, for it starts them
	}
	b.pumps.Wait()
	return d.renewed, err
}

// open has the clients begin, some at a time. A server that does not read
// holds up who writes to it: that must be neither the other clients nor the
// fleet.
func open(b *block, clients []*client) {
	var g errgroup.Group
	g.SetLimit(dialing)
	for _, c := range clients {
		g.Go(func() error {
			c.open(b)
			return nil
		})
	}
	g.Wait()
}

// sweep looks after every client, and ends the drain when its time is over.
func (d *drive) sweep(timeout time.Duration) {
	f, b := d.fleet, d.block
	now := f.clock.now()
	over := b.window.over(now - int64(timeout+2*grace))
	if over {
		b.ended.Store(true)
		for range b.vacant.take(true) {
			b.finish()
		}
	}
	for id := range f.clients {
		c := f.clients[id].Load()
		switch {
		case c == nil:
		case over:
			c.abandon(b, now)
		default:
			c.sweep(now, int64(timeout))
		}
	}
}

// fill redials the vacant client numbers in the background, some at a time.
func (d *drive) fill(ctx context.Context, ids []int) {
	b := d.block
	for _, id := range ids {
		if b.through(id, d.fleet.clock.now()) {
			b.finish()
			continue
		}
		started := d.redials.TryGo(func() error {
			d.redial(ctx, id)
			return nil
		})
		if !started {
			b.vacant.putBack(id) // for the next tick
		}
	}
}

func (d *drive) redial(ctx context.Context, id int) {
	b := d.block
	c, err := d.fleet.renew(ctx, id)
	switch {
	case err == nil && c.enlist(b, true):
		d.mu.Lock()
		d.renewed++
		d.mu.Unlock()
		b.pumps.Go(func() { c.open(b) })
	case b.ended.Load():
		b.finish()
	default:
		b.vacant.rest(id)
	}
}
