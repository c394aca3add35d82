package loadgen

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/wsimg/wsimg/loadgen/alarm"
	"github.com/wsimg/wsimg/loadgen/machine"
	"github.com/wsimg/wsimg/loadgen/record"
)

// Defaults of Settings.
const (
	DefaultTimeout     = 10 * time.Second
	DefaultDialTimeout = 10 * time.Second
)

// MaxInFlight bounds the images a client may have unanswered: each takes a
// place in the client's memory.
const MaxInFlight = 10_000

// dialing is how many connections are being opened, or given their first image
// of a block, at the same time.
const dialing = 32

// grace is how long a reply that is late is still waited for, to tell late
// from never.
const grace = 500 * time.Millisecond

// patience is how long images in flight may still take once the run has been
// interrupted.
const patience = 2 * time.Second

// Settings say how a fleet connects.
type Settings struct {
	URL     string        // of the target: ws:// or wss://
	Clients int           // connections, at least 1
	Timeout time.Duration // the longest an image may stay unanswered; 0: DefaultTimeout
	Rcvbuf  int           // SO_RCVBUF in bytes; 0: the kernel's default

	// InFlight is how many images a client may have unanswered; 0: 1. Replies
	// must come in the order of the images.
	InFlight int

	// Deflate asks for permessage-deflate (RFC 7692). To a server that
	// declines nothing is sent: Dial fails with ErrDeclined.
	Deflate bool
	// UserAgent is what the handshake names the client; empty: Go's own.
	UserAgent string

	// Token is shown in the handshake as "Authorization: Bearer …"; empty: none.
	Token string
	// TLS is for wss://; nil: the system's certificates. It is not changed.
	TLS *tls.Config

	// For tests in virtual time: the transport, and what the pacer waits with.
	open  func(ctx context.Context, network, addr string) (net.Conn, error)
	alarm func() (alarm.Alarm, error)
}

// Validate reports everything that is wrong with s in one error.
func (s Settings) Validate() error {
	var faults []error
	if s.Clients < 1 {
		faults = append(faults, fmt.Errorf("%d clients: ask for at least 1", s.Clients))
	}
	if s.Timeout < 0 {
		faults = append(faults, fmt.Errorf("timeout %v: ask for a positive duration", s.Timeout))
	}
	if s.InFlight < 0 || s.InFlight > MaxInFlight {
		faults = append(faults, fmt.Errorf("%d images in flight: ask for at least 1 and at most %d", s.InFlight, MaxInFlight))
	}
	if s.Rcvbuf < 0 {
		faults = append(faults, fmt.Errorf("receive buffer of %d bytes: ask for 0, the kernel's default, or more", s.Rcvbuf))
	}
	return errors.Join(faults...)
}

// Fleet is the clients of one cell, or of several that negotiate alike. It
// drives them through one block after another over connections that stay
// open. It is not safe for concurrent use.
type Fleet struct {
	settings Settings
	clock    clock
	clients  roster
	recorder *recorder
	failures failures
	dials    atomic.Uint64
}

// Dial connects all the clients of a new fleet. The caller closes it.
func Dial(ctx context.Context, s Settings) (*Fleet, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	if s.Timeout == 0 {
		s.Timeout = DefaultTimeout
	}
	if s.InFlight == 0 {
		s.InFlight = 1
	}
	if s.alarm == nil {
		s.alarm = alarm.New
	}
	f := &Fleet{settings: s, clock: newClock(), clients: make(roster, s.Clients), recorder: newRecorder(s.Clients)}
	if _, err := f.connect(ctx); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// connect dials every client that has no usable connection, counts those that
// can't be had, and returns how many it replaced and the first error.
func (f *Fleet) connect(ctx context.Context) (replaced uint64, first error) {
	var g errgroup.Group
	g.SetLimit(dialing)
	for id := range f.clients {
		old := f.clients[id].Load()
		if old != nil && old.usable() {
			continue
		}
		if old != nil {
			replaced++
		}
		g.Go(func() error {
			_, err := f.renew(ctx, id)
			return err
		})
	}
	return replaced, g.Wait()
}

// Redial ends all connections and opens new ones, to be called between blocks:
// what is peculiar to one set of connections then does not last. Those that
// can't be had are counted, and tried again before the next block; the error is
// the first of them, or that ctx ended.
func (f *Fleet) Redial(ctx context.Context) error {
	for id := range f.clients {
		if old := f.clients[id].Swap(nil); old != nil {
			old.close()
		}
	}
	_, err := f.connect(ctx)
	return err
}

// renew dials a new client in the place of the one of that number, if any. A
// failure is counted.
func (f *Fleet) renew(ctx context.Context, id int) (*client, error) {
	if old := f.clients[id].Swap(nil); old != nil {
		old.close()
	}
	f.dials.Add(1)
	c, err := f.dial(ctx, id)
	if err == nil {
		f.clients[id].Store(c)
	} else if ctx.Err() == nil {
		f.failures.add(Kind(err), id, explain(err))
	}
	return c, err
}

// Run drives every client through one block and returns what was measured,
// drained. Connections that failed before are redialed first; those that
// cannot be are counted. Its error says why nothing could be measured, or that
// ctx ended; the sample holds what was measured all the same.
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
	replaced, dialErr := f.connect(ctx)
	sample.Redials = replaced

	b := newBlock(s, len(f.clients), f.settings.InFlight, f.clock, f.recorder)
	b.until = time.Now().Add(s.Length + s.Load.Plan.Length() + 2*f.settings.Timeout + 2*grace)
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
	var watching *watcher
	if s.Watch != nil {
		watching = newWatcher(b, f, s, cpu)
	}
	enlisted := f.enlist(b)
	d := drive{fleet: f, block: b, ctx: ctx, watcher: watching}
	redials, err := d.wait(enlisted)
	sample.Redials += redials
	if !s.Load.Open() {
		b.window.cut(f.clock.now()) // when all clients failed, it ended with the last
	}
	for id, n := range b.unsent(f.clock.now()) {
		f.failures.addMany(Unsent, id, n, "its connection was not free before the drain ended: the server can't carry this rate with so many clients")
	}
	if watching != nil && err == nil {
		err = watching.end() // with what was unsent
	}
	b.scheduled(never)
	sample.Scheduled = b.due
	sample.GeneratorCPUNs, sample.PacerCPUNs = cpu()-before, b.pacing()
	sample.Seconds = b.window.seconds()
	if watching != nil {
		sample.Series = watching.series.all()
	}
	if merr := f.recorder.merge(&sample); merr != nil {
		return sample, nil, merr
	}
	var examples map[string]record.Example
	sample.Errors, examples = f.failures.take()
	switch {
	case ctx.Err() != nil:
		return sample, examples, ctx.Err()
	case err != nil:
		return sample, examples, err
	case len(enlisted) == 0 && dialErr != nil && redials == 0:
		return sample, examples, fmt.Errorf("no client is connected any more: %w", dialErr)
	}
	return sample, examples, nil
}

// enlist makes all usable clients part of b; the numbers of the others are
// vacant.
func (f *Fleet) enlist(b *block) []*client {
	enlisted := make([]*client, 0, len(f.clients))
	for id := range f.clients {
		if c := f.clients[id].Load(); c != nil && c.enlist(b, false) {
			enlisted = append(enlisted, c)
			continue
		}
		b.window.arrive(f.clock.now())
		b.vacate(id, f.clock.now(), false) // it has just been dialed in vain
	}
	return enlisted
}

// Dialed returns how many connections were attempted so far, whatever became of
// them. It may be asked at any time, after Close too.
func (f *Fleet) Dialed() uint64 { return f.dials.Load() }

// Close ends all connections and returns the failures that no sample holds.
func (f *Fleet) Close() (map[string]uint64, map[string]record.Example) {
	for i := range f.clients {
		if c := f.clients[i].Swap(nil); c != nil {
			c.close()
		}
	}
	return f.failures.take()
}
