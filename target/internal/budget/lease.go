package budget

import (
	"errors"
	"time"
)

// What Reserve returns when it ceased to wait.
var (
	ErrStopped = errors.New("told to stop while waiting for memory that other messages take")
	ErrLate    = errors.New("waited too long for memory that other messages take")
)

// Lease is what the message that a session is at takes of a [Budget], which
// makes it. It belongs to one goroutine, and takes 40 bytes.
type Lease struct {
	budget *Budget
	began  time.Duration

	// While it waits these belong to the budget.
	held    int64
	wants   int64
	granted chan struct{} // made by the first wait
}

// Begin says when the message began, on a clock that all leases of the budget
// share: earlier ones go first where they have to wait. The lease must hold
// nothing.
func (l *Lease) Begin(at time.Duration) { l.began = at }

// Held returns the bytes that the message has reserved.
func (l *Lease) Held() int64 { return l.held }

// TryReserve reserves n bytes more for the message if it can be done at once and
// without overdrawing, and reports whether it did. n must not be negative.
func (l *Lease) TryReserve(n int64) bool {
	if !l.budget.take(n) {
		return false
	}
	l.held += n
	return true
}

// Reserve reserves n bytes more for the message, and waits while it may not have
// them. When stop is closed it ceases to wait and returns ErrStopped, when late has
// something to say, ErrLate: then nothing was added, and what it holds is still to
// be released. One channel stop may serve all sessions; nil channels never end a
// wait. n must not be negative.
func (l *Lease) Reserve(n int64, stop <-chan struct{}, late <-chan time.Time) error {
	if l.TryReserve(n) {
		return nil
	}
	return l.wait(n, stop, late)
}

func (l *Lease) wait(n int64, stop <-chan struct{}, late <-chan time.Time) error {
	if l.granted == nil {
		l.granted = make(chan struct{}, 1)
	}
	if l.queue(n) {
		return nil
	}
	why := ErrStopped
	select {
	case <-l.granted:
		return nil
	case <-stop:
	case <-late:
		why = ErrLate
	}
	b := l.budget
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.abandon(l) {
		return why
	}
	<-l.granted // both at once
	return nil
}

// queue makes the lease wait for n bytes more, unless it is the one that may
// overdraw, which has them at once.
func (l *Lease) queue(n int64) (granted bool) {
	b := l.budget
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.overdrawer == l {
		b.used.Add(n)
		l.held += n
		return true
	}
	l.wants = n
	b.enqueue(l)
	b.settle()
	return false
}

// Release gives back all that the message has reserved.
func (l *Lease) Release() {
	if l.held == 0 {
		return
	}
	held := l.held
	l.held = 0
	l.budget.give(held)
}
