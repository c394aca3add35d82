package loadgen

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/wsimg/wsimg/loadgen/connect"
)

// mostAttempts is how many attempts to connect may be under way at the same time
// where clients come back, each by its back-off.
const mostAttempts = 1_024

// newPaces returns the pace at which a fleet grows, and the one at which its
// clients come back: there nobody rests because another one was refused, or all
// would come back together, and not as Settings.Backoff has it.
func newPaces(s Settings) (grow, redial *connect.Pace) {
	if s.Storm {
		return nil, nil
	}
	grow = connect.NewPace(s.ConnectRate)
	if s.ConnectRate > 0 {
		return grow, grow
	}
	return grow, connect.NewBound(mostAttempts)
}

// connector opens connections for clients that have none, each when its turn
// has come and the pace allows it. Those that wait take no goroutine.
type connector struct {
	fleet  *Fleet
	vacant *vacancies
	pace   *connect.Pace
	book   *connections // what it does is counted there

	// came takes in a new client, which has the place of its number; failed
	// decides what becomes of a number whose attempt failed, or was cancelled.
	// Both may be called by many goroutines.
	came   func(c *client)
	failed func(id int, err error)

	attempts sync.WaitGroup
}

// run connects until ctx ends, and returns when no attempt is under way.
func (k *connector) run(ctx context.Context) {
	defer k.attempts.Wait()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		timer.Reset(k.fleet.clock.until(k.vacant.next()))
		select {
		case <-ctx.Done():
			return
		case <-k.vacant.news:
			continue
		case <-timer.C:
		}
		done, err := k.pace.Begin(ctx) // first: who waits for it may be taken out meanwhile
		if err != nil {
			return
		}
		id, ok := k.vacant.take(k.fleet.clock.now())
		if !ok {
			done(context.Canceled, 0) // gives its turn back
			continue
		}
		k.attempts.Go(func() { k.attempt(ctx, id, done) })
	}
}

// attempt opens one connection in the place of what the number had.
func (k *connector) attempt(ctx context.Context, id int, done func(error, time.Duration)) {
	f := k.fleet
	f.drop(id)
	f.dials.Add(1)
	began := time.Now()
	c, phases, err := f.dial(ctx, id)
	done(err, time.Since(began))
	if err != nil {
		if errors.Is(context.Cause(ctx), errHanging) && errors.Is(err, context.Canceled) {
			err = errHanging
		}
		if ctx.Err() == nil || err == errHanging { // else we called it off, which is no attempt that failed
			k.book.dialed.Add(1)
			f.failures.addError(id, err)
		}
		k.failed(id, err)
		return
	}
	f.clients[id].Store(c)
	k.book.dialed.Add(1)
	k.book.came(phases)
	k.came(c)
}
