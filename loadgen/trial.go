package loadgen

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// trialTime is how long a trial goes on while nobody gets a connection.
const trialTime = 2 * time.Second

// trialMost is how long clients are begun with in a trial when those who are
// left can try in the block that follows.
const trialMost = 5 * time.Second

// errHanging is an attempt of a trial that the server left unanswered.
var errHanging = fmt.Errorf("the server let nobody in for %v: %w", trialTime, context.DeadlineExceeded)

// try has the clients of these numbers try to connect, each at most once: it
// ends when nobody gets a connection for trialTime, and after most nobody begins
// any more; 0: it has no bound. A server that has gone holds up no block for
// long. The error is the first failure, or that ctx ended.
func (f *Fleet) try(ctx context.Context, ids []int, most time.Duration) error {
	if len(ids) == 0 {
		return ctx.Err()
	}
	trying, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	t := &trial{fleet: f, vacant: newVacancies(f.settings), left: len(ids), stop: stop}
	t.timer = time.AfterFunc(trialTime, func() { stop(errHanging) })
	defer t.timer.Stop()
	if most > 0 {
		defer time.AfterFunc(most, t.close).Stop()
	}
	t.vacant.admit(ids, f.clock.now())
	k := connector{fleet: f, vacant: t.vacant, pace: f.redials, book: &f.book, came: t.came, failed: t.failed}
	k.run(trying)
	if err := ctx.Err(); err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.why
}

// trial is clients that try to connect, once each. Safe for concurrent use.
type trial struct {
	fleet  *Fleet
	vacant *vacancies
	stop   context.CancelCauseFunc
	timer  *time.Timer // since the last connection

	mu   sync.Mutex
	left int   // whose attempt is not over
	why  error // the first failure
}

func (t *trial) came(c *client) {
	t.vacant.came(c.id, t.fleet.clock.now())
	t.timer.Reset(trialTime)
	t.over(1)
}

func (t *trial) failed(id int, err error) {
	t.vacant.leave(id)
	t.mu.Lock()
	if t.why == nil && !errors.Is(err, context.Canceled) {
		t.why = err
	}
	t.mu.Unlock()
	t.over(1)
}

// close has nobody begin who has not yet.
func (t *trial) close() {
	t.over(len(t.vacant.remove(func(int) bool { return true })))
}

// over takes n out of those whose attempt is not over.
func (t *trial) over(n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.left -= n; t.left == 0 {
		t.stop(nil)
	}
}
