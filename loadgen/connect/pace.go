package connect

import (
	"container/list"
	"context"
	"errors"
	"sync"
	"time"
)

// MaxAttempts is how many attempts may be under way at the same time at a given
// rate.
const MaxAttempts = 4_096

// Pace decides when the next attempt to connect may begin. Those who wait are
// served in the order they came in. A nil *Pace lets everybody begin at once.
// It is safe for concurrent use.
type Pace struct {
	mu    sync.Mutex
	limit limit
	queue list.List   // of *turn
	timer *time.Timer // for when somebody may begin again; nil: that is up to those under way
}

// turn is somebody's place in the queue.
type turn struct {
	come  chan struct{} // closed when it has
	epoch int           // to end the attempt with, then
}

// NewBound returns a pace that lets everybody begin at once as long as no more
// than most attempts are under way, whatever becomes of them: for clients that
// wait for each other in some other way, such as a back-off of their own.
func NewBound(most int) *Pace { return &Pace{limit: limit{allowed: most, blind: true}} }

// NewPace returns a pace of so many attempts a second, evenly spaced, whatever
// becomes of them, as long as no more than MaxAttempts are under way. When all
// are late, by up to 50 ms, those that follow make up for it.
//
// With rate 0 it goes by what the server does: 32 attempts at the same time to
// begin with, a fourth more with every round trip as long as connecting is as
// fast as usual, fewer when it takes more than four times as long as the
// fastest, so that no queue builds up at the server. A failure that is Passing
// halves them, and nobody begins until the server's Retry-After is over, of at
// most five seconds, or else a rest from 10 ms to a second that doubles while
// nothing succeeds. At least 1 is left, and at most 1,024.
func NewPace(perSecond float64) *Pace {
	if perSecond > 0 {
		return &Pace{limit: fixedLimit(perSecond)}
	}
	return &Pace{limit: newLimit()}
}

// Begin waits until an attempt may begin. The caller tells done, once, what
// became of it and how long it took: nobody else gets the place before. An
// attempt that was not made after all, context.Canceled after no time, gives its
// turn at a given rate back. The error is ctx's.
func (p *Pace) Begin(ctx context.Context) (done func(err error, took time.Duration), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if p == nil {
		return func(error, time.Duration) {}, nil
	}
	epoch, err := p.place(ctx)
	if err != nil {
		return nil, err
	}
	return func(err error, took time.Duration) { p.end(epoch, err, took) }, nil
}

// place waits for a place among those that are under way.
func (p *Pace) place(ctx context.Context) (epoch int, err error) {
	t := &turn{come: make(chan struct{})}
	p.mu.Lock()
	e := p.queue.PushBack(t)
	p.admit()
	p.mu.Unlock()
	select {
	case <-t.come:
		return t.epoch, nil
	case <-ctx.Done():
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-t.come: // just now
		p.limit.forgo()
	default:
		p.queue.Remove(e)
	}
	p.admit()
	return 0, ctx.Err()
}

// admit has as many begin as may; p.mu is held.
func (p *Pace) admit() {
	if p.timer != nil {
		p.timer.Stop()
		p.timer = nil
	}
	for e := p.queue.Front(); e != nil; e = p.queue.Front() {
		epoch, wait, ok := p.limit.begin(time.Now())
		if wait > 0 {
			p.timer = time.AfterFunc(wait, p.resume)
		}
		if !ok {
			return
		}
		t := p.queue.Remove(e).(*turn)
		t.epoch = epoch
		close(t.come)
	}
}

// resume lets in those who waited for time to pass.
func (p *Pace) resume() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.admit()
}

// end gives a place back, with what became of the attempt.
func (p *Pace) end(epoch int, err error, took time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case took == 0 && errors.Is(err, context.Canceled):
		p.limit.forgo()
	case p.limit.blind:
		p.limit.leave()
	case err == nil:
		p.limit.succeed(epoch, took)
	case Passing(err):
		p.limit.refuse(time.Now(), epoch, RetryAfter(err))
	default:
		p.limit.leave()
	}
	p.admit()
}
