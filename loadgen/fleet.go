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
	pace     *connect.Pace // nil: nobody waits
	clients  roster
	size     int // clients numbered below it take part
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
	f := &Fleet{settings: s, clock: newClock(), clients: make(roster, s.Clients), dialer: newDialer(s), recorder: newRecorder(s.Clients)}
	f.failures.clock, f.failures.roster = f.clock, f.clients
	if !s.Storm {
		f.pace = connect.NewPace(s.ConnectRate)
	}
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
	return f.bring(ctx, f.missing(), false, &f.book)
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
// The error says why nothing could be measured, that no client had a connection
// at the end of a block with Redial, or that ctx ended; the sample holds what
// was measured all the same.
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
	ramp, dialErr := f.gather(ctx, s.Ramp)
	if dialErr != nil && s.Ramp > 0 {
		return sample, nil, dialErr
	}
	replaced := f.book.connected.Load()
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
	f.failures.begin(b.start)
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
		f.failures.addMany(Unsent, id, n, f.whyUnsent(id))
	}
	if d.watcher != nil && err == nil {
		err = d.watcher.end() // with what was unsent
	}
	b.scheduled(never)
	sample.Scheduled = b.due
	sample.Redials = replaced + f.book.replaced.Load()
	sample.GeneratorCPUNs, sample.PacerCPUNs = cpu()-before, b.pacing()
	sample.Seconds = b.window.seconds()
	if d.watcher != nil {
		sample.Series = d.watcher.series.all()
	}
	err = errors.Join(err, f.recorder.merge(&sample), f.account(&sample, d, s))
	var examples map[string]record.Example
	sample.Errors, examples = f.failures.take()
	switch {
	case ctx.Err() != nil:
		return sample, examples, ctx.Err()
	case err != nil:
		return sample, examples, err
	case len(enlisted) == 0 && dialErr != nil && sample.Redials == 0:
		return sample, examples, fmt.Errorf("no client is connected any more: %w", dialErr)
	case s.Redial && f.Connected() == 0 && len(sample.Errors) > 0:
		return sample, examples, errNobody
	}
	return sample, examples, nil
}

// errNobody is a server that did not come back.
var errNobody = errors.New("no client had a connection at the end: the server is gone, or takes none; see its log, and the failures")

// gather redials the clients that have lost their connections; the error is
// the first failure. With a ramp it makes up the turns of those that never had
// one, and fails if there is no server: the first is had at once.
func (f *Fleet) gather(ctx context.Context, length time.Duration) (ramp, error) {
	if length == 0 {
		return ramp{}, f.bring(ctx, f.missing(), false, &f.book)
	}
	if f.size > 0 {
		_ = f.bring(ctx, f.missing(), false, &f.book) // who fails comes with the others
	}
	f.size = len(f.clients)
	if f.Connected() == 0 {
		if err := f.bring(ctx, []int{0}, true, &f.book); err != nil {
			return ramp{}, err
		}
	}
	return newRamp(length, f.missing(), f.size), nil
}

// enlist makes all usable clients part of b; the numbers of the others are
// vacant, or their turn comes in the ramp.
func (f *Fleet) enlist(b *block, ramp ramp) []*client {
	enlisted := make([]*client, 0, f.size)
	for id := range f.size {
		if c := f.clients[id].Load(); c != nil && c.enlist(b, false, 0) {
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

// account tells what became of the connections, and of the edges of the block,
// where that was asked for.
func (f *Fleet) account(sample *record.Sample, d *drive, s Block) error {
	c, err := f.book.take()
	if err != nil {
		return err
	}
	if s.Watch != nil || s.Ramp > 0 || s.Lifetime.Limited() || len(s.Cuts) > 0 {
		c.Vacant = f.vacant()
		sample.Connections = &c
	}
	if d.block.edges == nil {
		return nil
	}
	return d.tell(sample, s)
}

// whyUnsent says why images of a client were not sent.
func (f *Fleet) whyUnsent(id int) string {
	if c := f.clients[id].Load(); c == nil || !c.usable() {
		return "its client had no connection when the block ended; see the other failures"
	}
	return "its connection was not free before the drain ended: the server can't carry this rate with so many clients"
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
	return f.failures.take()
}
