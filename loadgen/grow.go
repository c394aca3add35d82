package loadgen

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/wsimg/wsimg/loadgen/connect"
	"github.com/wsimg/wsimg/loadgen/record"
)

// vanguard is how many clients try to connect before anybody ever did: when
// none of them can, the others would not fare better.
const vanguard = 32

// ErrVacant is a fleet that has some of its clients and could not get the
// others. It can be used as it is: they are tried again in every block.
var ErrVacant = errors.New("not every client got a connection")

// Grow connects the clients numbered below n, at most Settings.Clients, that
// have no connection. Each tries again by Settings.Backoff as long as its
// failure may pass (connect.Passing), and as long as somebody got a connection
// within DefaultDialTimeout, or as long as everybody needs for an attempt by
// Settings.Backoff and ConnectRate. Failures meanwhile are counted in the next
// sample, or by Close.
//
// The error is ctx's, or the first failure: at once when it can't pass, or
// when nobody ever had a connection and the first to try all failed. Where
// some are connected it wraps ErrVacant.
func (f *Fleet) Grow(ctx context.Context, n int) error {
	f.size = max(f.size, min(n, len(f.clients)))
	missing := f.missing()
	if len(missing) == 0 {
		return nil
	}
	if f.grew.from == 0 {
		f.grew.from = f.clock.now()
		f.failures.begin(f.grew.from, nil)
	}
	err := f.bring(ctx, missing, &f.grown)
	f.grew.to = f.clock.now()
	if here := f.Connected(); err != nil && here > 0 && ctx.Err() == nil {
		return fmt.Errorf("%w: %d of %d are connected; the first failure: %w", ErrVacant, here, f.size, err)
	}
	return err
}

// Shrink ends the connections of the clients numbered n and above, between
// blocks.
func (f *Fleet) Shrink(n int) {
	for id := max(0, n); id < f.size; id++ {
		f.drop(id)
	}
	f.size = min(f.size, max(0, n))
}

// Connected is how many clients have a connection. It may be asked at any
// time, by any goroutine.
func (f *Fleet) Connected() int { return int(f.present.Load()) }

// Connecting is what Grow did since this was last asked. Vacant counts the
// clients that it was to connect and that have no connection now.
func (f *Fleet) Connecting() (record.Connections, error) {
	c, err := f.grown.take()
	c.Seconds = time.Duration(f.grew.to - f.grew.from).Seconds()
	c.Vacant = f.vacant()
	f.grew = span{}
	return c, err
}

// span is a stretch of time on the fleet's clock.
type span struct{ from, to int64 }

// missing are the numbers that have no usable connection.
func (f *Fleet) missing() []int {
	var ids []int
	for id := range f.size {
		if c := f.clients[id].Load(); c == nil || !c.usable() {
			ids = append(ids, id)
		}
	}
	return ids
}

// vacant is how many clients have no connection and should.
func (f *Fleet) vacant() uint64 { return uint64(max(0, f.size-f.Connected())) }

// bring connects the clients of these numbers, as Grow says, and counts what it
// does in book. It returns the first failure, unless all came, or that ctx
// ended.
func (f *Fleet) bring(ctx context.Context, ids []int, book *connections) error {
	if len(ids) == 0 {
		return ctx.Err()
	}
	growing, stop := context.WithCancel(ctx)
	defer stop()
	g := &growth{fleet: f, vacant: newVacancies(f.settings), anybody: f.anybody, left: len(ids), stop: stop}
	g.patience = max(DefaultDialTimeout, f.settings.Backoff.Most+f.settings.gap())
	first := len(ids)
	if !g.anybody && !f.settings.Storm {
		first = min(first, vanguard)
	}
	g.trying, g.rest = first, ids[first:]
	g.vacant.admit(ids[:first], f.clock.now())
	g.timer = time.AfterFunc(g.patience, g.lookAgain)
	defer g.timer.Stop()
	k := connector{fleet: f, vacant: g.vacant, pace: f.pace, book: book, came: g.came, failed: g.failed}
	k.run(growing)
	if err := ctx.Err(); err != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	f.anybody = g.anybody
	if g.left == 0 {
		return nil
	}
	return g.why
}

// growth is clients being connected, each as often as it takes. Safe for
// concurrent use.
type growth struct {
	fleet    *Fleet
	vacant   *vacancies
	stop     context.CancelFunc
	patience time.Duration // without a connection, in which everybody has a turn
	timer    *time.Timer   // since the last one

	mu      sync.Mutex
	anybody bool  // ever had a connection
	vain    bool  // there were failures since the last one
	trying  int   // of the vanguard, who has not failed
	rest    []int // who comes after the vanguard, and who of it has failed
	left    int   // who is still to come
	why     error // the failure to report
}

// came takes in a client, and those who waited for the first.
func (g *growth) came(c *client) {
	now := g.fleet.clock.now()
	g.vacant.came(c.id, now)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.anybody, g.vain = true, false
	if len(g.rest) > 0 {
		g.vacant.admit(g.rest, now)
		g.rest = nil
	}
	g.timer.Reset(g.patience)
	if g.left--; g.left == 0 {
		g.stop()
	}
}

func (g *growth) failed(id int, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.vain = true
	if g.why == nil && !errors.Is(err, context.Canceled) {
		g.why = err
	}
	switch {
	case !connect.Passing(err):
		g.stop()
	case !g.anybody:
		g.vacant.leave(id)
		g.rest = append(g.rest, id)
		if g.trying--; g.trying == 0 {
			g.stop()
		}
	default:
		g.vacant.failed(id, g.fleet.clock.now())
	}
}

// lookAgain gives up when there are nothing but failures any more.
func (g *growth) lookAgain() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.vain {
		g.stop()
		return
	}
	g.timer.Reset(g.patience) // they wait for their turn
}
