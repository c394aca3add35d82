package loadgen

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/wsimg/wsimg/loadgen/connect"
	"github.com/wsimg/wsimg/loadgen/machine"
	"github.com/wsimg/wsimg/loadgen/record"
)

// Fleet is the clients of one cell, or of several that negotiate alike. It
// drives them through one block after another over connections that stay
// open. It is not safe for concurrent use, but for what says so.
type Fleet struct {
	settings Settings
	clock    clock
	dialer   *connect.Dialer
	pace     *connect.Pace // of Grow; nil: nobody waits
	redials  *connect.Pace // of clients that come back; nil: likewise
	clients  roster
	met      []bool // by client number: had a connection before; whoever opens one has its number's
	size     int    // clients numbered below it take part
	recorder *recorder
	failures failures

	dials     atomic.Uint64
	present   atomic.Int64   // clients with a connection
	listening sync.WaitGroup // their listeners
	anybody   bool           // ever had a connection

	grown connections // by Grow
	grew  span        // when it did, since it was last told
	book  connections // in blocks, and between them
}

// New makes a fleet without connections: Grow opens them. The caller closes it.
func New(s Settings) (*Fleet, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	s = s.filled()
	f := &Fleet{settings: s, clock: newClock(), clients: make(roster, s.Clients), met: make([]bool, s.Clients), dialer: newDialer(s), recorder: newRecorder(s.Clients)}
	f.failures.clock, f.failures.roster = f.clock, f.clients
	f.pace, f.redials = newPaces(s)
	return f, nil
}

// Dial connects all the clients of a new fleet: New and Grow. The caller
// closes it.
func Dial(ctx context.Context, s Settings) (*Fleet, error) {
	f, err := New(s)
	if err != nil {
		return nil, err
	}
	if err := f.Grow(ctx, s.Clients); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// Redial ends all connections and opens new ones, to be called between blocks:
// what is peculiar to one set of connections then does not last. Those that
// can't be had are counted, and tried again before the next block; the error is
// the first of them, or that ctx ended.
func (f *Fleet) Redial(ctx context.Context) error {
	for id := range f.size {
		f.drop(id)
	}
	return f.again(ctx, 0)
}

// drop ends the connection of a client number, if there is one.
func (f *Fleet) drop(id int) {
	if old := f.clients[id].Swap(nil); old != nil {
		old.close()
	}
}

// Run drives the clients that Grow has connected through one block and returns
// what was measured, drained. Connections that failed before are redialed
// first, once; those that cannot be are counted.
//
// In a block with Redial, and in an open loop, a client without a connection
// tries to get one until the block ends, whatever is against it: that the
// server is gone for some time shows in the response times, and in the points.
// The error says why nothing could be measured, that ctx ended, or that the
// server seems gone at the end of a block with Redial: nobody has had a
// connection that was of use for longer than Settings.Backoff.Most, so everybody
// has tried in vain. The sample holds what was measured all the same.
//
// The drain ends when no image may take longer: what is then unsent or
// unanswered is counted as such, and is in the histogram of response times with
// the time it had waited.
//
// A stray reply that comes after Run has returned is counted in the next
// block's sample, or by Close.
func (f *Fleet) Run(ctx context.Context, s Block) (record.Sample, map[string]record.Example, error) {
	var sample record.Sample
	if err := s.Validate(); err != nil {
		return sample, nil, err
	}
	if s.Traffic.deflated && !f.settings.Deflate {
		return sample, nil, errors.New("the traffic is compressed and the connections are not: dial with Settings.Deflate")
	}
	ramp, dialErr := f.gather(ctx, s)
	if dialErr != nil && s.Ramp > 0 {
		return sample, nil, dialErr
	}
	b := newBlock(s, f, ramp)
	b.until = f.clock.at(b.start).Add(ramp.length + s.Length + s.Load.Plan.Length() + 2*f.settings.Timeout + 2*grace)
	if s.Load.Open() || s.Load.Think > 0 {
		a, err := f.settings.alarm()
		if err != nil {
			return sample, nil, err
		}
		b.pacer = newPacer(f.clock, a, (*client).roused)
	}
	cpu := func() int64 {
		used, _ := machine.CPUTime()
		return int64(used) - b.pacing()
	}
	before := cpu()
	f.failures.begin(b.start, b.window)
	d := newDrive(ctx, f, b, s)
	if s.Watch != nil {
		d.watcher = newWatcher(b, f, s, cpu)
	}
	enlisted := f.enlist(b, ramp)
	err := d.wait(enlisted)
	if !b.window.planned {
		b.window.cut(f.clock.now()) // when all clients failed, it ended with the last
	}
	for id, n := range b.unsent(f.clock.now()) {
		f.failures.add(f.unsent(ctx, id, n))
	}
	// Connections of the idle may fail at any time: the sample and its last point
	// tell of the same instant.
	failed := f.failures.take()
	sample.Redials = f.book.replaced.Load()
	book, bookErr := f.book.take()
	if d.watcher != nil && err == nil {
		err = d.watcher.end(failed.unseen, book.Dialed, book.Lost)
	}
	b.scheduled(never)
	sample.Scheduled = b.due
	sample.GeneratorCPUNs, sample.PacerCPUNs = cpu()-before, b.pacing()
	sample.Seconds = b.window.seconds()
	if d.watcher != nil {
		sample.Series = d.watcher.series.all()
	}
	err = errors.Join(err, bookErr, f.recorder.merge(&sample), d.tell(&sample, s, failed))
	if s.accounted() {
		book.Vacant = f.vacant()
		sample.Connections = &book
	}
	sample.Errors, sample.ConnectionErrors = failed.all, failed.connections
	examples := failed.examples
	switch {
	case ctx.Err() != nil:
		return sample, examples, ctx.Err()
	case err != nil:
		return sample, examples, err
	case len(enlisted) == 0 && dialErr != nil && book.Connected == 0:
		return sample, examples, fmt.Errorf("no client is connected any more: %w", dialErr)
	case s.Redial && f.deserted() && len(sample.Errors) > 0:
		return sample, examples, errNobody
	}
	return sample, examples, nil
}

// errNobody is a server that did not come back.
var errNobody = errors.New("no client had a connection at the end: the server is gone, or takes none; see its log, and the failures")

// deserted reports whether no client has a connection any more, and not just at
// this instant: for longer than any of them waits before it tries again nobody
// had one that was of use. Who does not try again needs no time for it.
func (f *Fleet) deserted() bool {
	if f.Connected() > 0 {
		return false
	}
	return f.settings.Forsake || f.clock.now()-f.book.used.Load() > int64(f.settings.Backoff.Most)
}

// gather redials the clients that have lost their connections, each once; the
// error is the first failure. Who is to come in the block may be left out where
// that takes long. With a ramp it makes up the turns of those that have none,
// and fails if there is no server: the first is had at once.
func (f *Fleet) gather(ctx context.Context, s Block) (ramp, error) {
	most := time.Duration(0)
	if s.Redial || s.Load.Open() {
		most = trialMost
	}
	err := f.again(ctx, most)
	if s.Ramp == 0 {
		return ramp{}, err
	}
	f.size = len(f.clients)
	if f.Connected() == 0 {
		if err := f.bring(ctx, []int{0}, &f.book); err != nil {
			return ramp{}, err
		}
	}
	return newRamp(s.Ramp, f.missing(), f.size, s.active(f.size)), nil
}

// again is try for the clients that have lost their connections, and counts
// those that are back.
func (f *Fleet) again(ctx context.Context, most time.Duration) error {
	missing := f.missing()
	err := f.try(ctx, missing, most)
	for _, id := range missing {
		if c := f.clients[id].Load(); c != nil && c.again && c.usable() {
			f.book.replaced.Add(1)
		}
	}
	return err
}

// enlist makes all usable clients part of b; the numbers of the others are
// vacant, or their turn comes in the ramp.
func (f *Fleet) enlist(b *block, ramp ramp) []*client {
	enlisted := make([]*client, 0, f.size)
	for id := range f.size {
		if c := f.clients[id].Load(); c != nil && c.enlist(b, false) {
			enlisted = append(enlisted, c)
			continue
		}
		if ramp.length > 0 {
			b.vacant.expect(id, b.start+int64(ramp.turn(id)))
			continue
		}
		b.arrive(id, f.clock.now())
		b.lose(id, f.clock.now(), false) // it has just been dialed in vain
	}
	return enlisted
}

// unsent is n images of a client that were not sent, and why.
func (f *Fleet) unsent(ctx context.Context, id int, n uint64) failure {
	why := failure{kind: Unsent, client: id, n: n}
	switch c := f.clients[id].Load(); {
	case ctx.Err() != nil:
		why.detail = "its connection was not free before the run, which was interrupted, ended"
		why.remedy = "nothing: it might still have been sent"
	case c == nil || !c.usable():
		why.nowhere = true
		why.detail = "its client had no connection when the block ended"
		why.remedy = "see in the other failures why it had none, and the log of the server"
	default:
		why.detail = "its connection was not free before the drain ended: the server can't carry this rate with so many clients"
	}
	return why
}

// Dialed returns how many connections were attempted so far, whatever became of
// them. It may be asked at any time, after Close too.
func (f *Fleet) Dialed() uint64 { return f.dials.Load() }

// Close ends all connections and returns the failures that no sample holds.
func (f *Fleet) Close() (map[string]uint64, map[string]record.Example) {
	for i := range f.clients {
		f.drop(i)
	}
	f.listening.Wait() // for those whose lifetime ended, too
	left := f.failures.take()
	return left.all, left.examples
}
