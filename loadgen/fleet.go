package loadgen

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/wsimg/wsimg/loadgen/machine"
	"github.com/wsimg/wsimg/loadgen/record"
)

// Defaults of Settings.
const (
	DefaultTimeout     = 10 * time.Second
	DefaultDialTimeout = 10 * time.Second
)

// dialing is how many connections are being opened, or given their first image
// of a block, at the same time.
const dialing = 32

// grace is how long a reply that is late is still waited for, to tell late
// from never.
const grace = 500 * time.Millisecond

// abandon is how long images in flight may still take once the run has been
// interrupted.
const abandon = 2 * time.Second

// Settings say how a fleet connects.
type Settings struct {
	URL     string        // of the target: ws:// or wss://
	Clients int           // connections, at least 1
	Timeout time.Duration // the longest an image may stay unanswered; 0: DefaultTimeout
	Rcvbuf  int           // SO_RCVBUF in bytes; 0: the kernel's default
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
}

// Dial connects all the clients of a new fleet. The caller closes it.
func Dial(ctx context.Context, s Settings) (*Fleet, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	if s.Timeout == 0 {
		s.Timeout = DefaultTimeout
	}
	f := &Fleet{settings: s, clock: newClock(), clients: make(roster, s.Clients), recorder: newRecorder()}
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
			old.close()
			f.clients[id].Store(nil)
			replaced++
		}
		g.Go(func() error {
			c, err := f.dial(ctx, id)
			if err == nil {
				f.clients[id].Store(c)
			} else if ctx.Err() == nil {
				f.failures.add(Kind(err), id, explain(err))
			}
			return err
		})
	}
	return replaced, g.Wait()
}

// Run drives every client through one block of the given length of window and
// returns what was measured, drained. Connections that failed before are
// redialed first; those that cannot be are counted. Its error says why nothing
// could be measured, or that ctx ended; the sample holds what was measured all
// the same.
//
// A stray reply that comes after Run has returned is counted in the next
// block's sample, or by Close.
func (f *Fleet) Run(ctx context.Context, t *Traffic, length time.Duration) (record.Sample, map[string]record.Example, error) {
	var sample record.Sample
	replaced, dialErr := f.connect(ctx)
	sample.Redials = replaced

	before, _ := machine.CPUTime()
	b := newBlock(t, len(f.clients), length, f.settings.Timeout, f.recorder)
	until := time.Now().Add(length + 2*f.settings.Timeout + grace)
	enlisted := make([]*client, 0, len(f.clients))
	for i := range f.clients {
		if c := f.clients[i].Load(); c != nil && c.enlist(b, until) {
			enlisted = append(enlisted, c)
			continue
		}
		b.window.arrive(f.clock.now())
		b.finish()
	}
	// A server that does not read holds up who writes to it: that must be
	// neither the other clients nor us.
	var opening sync.WaitGroup
	opening.Go(func() {
		var g errgroup.Group
		g.SetLimit(dialing)
		for _, c := range enlisted {
			g.Go(func() error {
				c.open(b)
				return nil
			})
		}
		g.Wait()
	})
	f.wait(ctx, b)
	opening.Wait()
	b.window.cut(f.clock.now()) // when all clients failed, it ended with the last
	after, _ := machine.CPUTime()

	sample.GeneratorCPUNs = int64(after - before)
	sample.Seconds = b.window.seconds()
	if err := f.recorder.merge(&sample); err != nil {
		return sample, nil, err
	}
	var examples map[string]record.Example
	sample.Errors, examples = f.failures.take()
	switch {
	case ctx.Err() != nil:
		return sample, examples, ctx.Err()
	case len(enlisted) == 0 && dialErr != nil:
		return sample, examples, fmt.Errorf("no client is connected any more: %w", dialErr)
	}
	return sample, examples, nil
}

// wait returns when the block has drained. Images that take too long are
// noted now and then; an interrupted block is cut short.
func (f *Fleet) wait(ctx context.Context, b *block) {
	timeout := b.timeout
	done := ctx.Done()
	tick := time.NewTicker(min(max(f.settings.Timeout/8, 10*time.Millisecond), time.Second))
	defer tick.Stop()
	for {
		select {
		case <-b.drained:
			return
		case <-done:
			done = nil
			b.window.cut(f.clock.now())
			timeout = min(timeout, int64(abandon))
		case <-tick.C:
			now := f.clock.now()
			for i := range f.clients {
				if c := f.clients[i].Load(); c != nil {
					c.expire(now, timeout, int64(grace))
				}
			}
		}
	}
}

// Close ends all connections and returns the failures that no sample holds.
func (f *Fleet) Close() (map[string]uint64, map[string]record.Example) {
	for i := range f.clients {
		if c := f.clients[i].Swap(nil); c != nil {
			c.close()
		}
	}
	return f.failures.take()
}
