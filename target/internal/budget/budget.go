// Package budget bounds the bytes that messages in flight take, over all
// sessions of a server.
//
// A session has a [Lease], tells it when a message begins, reserves what the
// message is about to take, in steps as it grows, and gives all of it back when
// the message is answered:
//
//	lease := b.Lease() // once a session
//
//	lease.Begin(now)
//	defer lease.Release()
//	for …the message needs n bytes more… {
//		if err := lease.Reserve(n, stop, late); err != nil {
//			return err // told to stop, or out of patience, while it waited
//		}
//	}
//
// A semaphore would deadlock: the length of a message isn't known when it
// begins, so each session may hold a part and wait for the rest. Here one of
// them may overdraw, the one whose message began first among those that wait. It
// ends, gives back what it has, and the next one follows:
//
//	in use ≤ limit    whoever fits gets it; who doesn't fit overdraws
//	in use > limit    one overdraws and gets all it asks for; the others wait
//
// So never more is in use than the limit and what one message, the largest, takes.
// Those that wait are served in the order in which their messages began, one after
// the other: each may have to see the end of all before it. So the caller does two
// things. It ends messages that come slowly while others wait, as [Budget.Waiting]
// tells, and it bounds each wait, so that those with nothing to hope for end side by
// side. The session of one that waits doesn't read, so that its client waits too
// (TCP's flow control).
//
// While there is room a reservation costs one compare-and-swap and giving it back
// one atomic add, without a lock or an allocation. A lease that waits takes
// 8 bytes in a queue, which is moved as one begins or ceases to wait: with 15,000
// of them, 120 KB.
package budget

import (
	"slices"
	"sync"
	"sync/atomic"
)

// Budget is what the messages of one server share. It is safe for concurrent
// use.
type Budget struct {
	limit  int64
	used   atomic.Int64
	queued atomic.Int64 // len(waiting), for those who don't hold mu

	mu         sync.Mutex
	overdrawer *Lease   // nil if none; used > limit only while there is one
	waiting    []*Lease // only while there is one; in the order in which they began
}

// New returns a budget of limit bytes. If that is less than a message takes,
// such messages go one at a time.
func New(limit int64) *Budget { return &Budget{limit: limit} }

// Lease returns what a session reserves through. It must not be copied once
// it is used, and costs nothing until then.
func (b *Budget) Lease() Lease { return Lease{budget: b} }

// InUse returns the bytes reserved now.
func (b *Budget) InUse() int64 { return b.used.Load() }

// Roomy reports whether less than half of the limit is in use. Only then is it
// wise to reserve what a client merely promised to send.
func (b *Budget) Roomy() bool { return b.used.Load() < b.limit/2 }

// Waiting returns how many leases wait. It takes no lock.
func (b *Budget) Waiting() int { return int(b.queued.Load()) }

// take reserves n bytes if they fit.
func (b *Budget) take(n int64) bool {
	for {
		used := b.used.Load()
		if n > b.limit-used {
			return false
		}
		if b.used.CompareAndSwap(used, used+n) {
			return true
		}
	}
}

// give takes n bytes back. Others wait only while more than the limit is in use, so
// who changes that serves them.
func (b *Budget) give(n int64) {
	after := b.used.Add(-n)
	if after <= b.limit && after+n > b.limit {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.settle()
	}
}

// enqueue makes a lease wait its turn. The caller holds mu.
func (b *Budget) enqueue(l *Lease) {
	i, _ := slices.BinarySearchFunc(b.waiting, l, func(other, l *Lease) int {
		if other.began <= l.began {
			return -1 // equals stay in the order in which they came to wait
		}
		return 1
	})
	b.waiting = slices.Insert(b.waiting, i, l)
	b.queued.Add(1)
}

// abandon takes a lease out of the queue, and reports whether it was there. The
// caller holds mu.
func (b *Budget) abandon(l *Lease) bool {
	i := slices.Index(b.waiting, l)
	if i < 0 {
		return false
	}
	b.waiting = slices.Delete(b.waiting, i, i+1)
	b.queued.Add(-1)
	return true
}

// settle gives those that wait what they may have, in turn. The caller holds mu.
func (b *Budget) settle() {
	served := 0
	for _, l := range b.waiting {
		b.repaid()
		if !b.take(l.wants) {
			if b.overdrawer != nil {
				break
			}
			b.overdrawer = l
			b.used.Add(l.wants)
		}
		l.held += l.wants
		l.granted <- struct{}{}
		served++
	}
	b.waiting = slices.Delete(b.waiting, 0, served)
	b.queued.Add(int64(-served))
	b.repaid()
}

// repaid ends an overdraft that has been made good, which happens at any time: who
// gives back doesn't hold mu. The caller does.
func (b *Budget) repaid() {
	if b.used.Load() <= b.limit {
		b.overdrawer = nil
	}
}
