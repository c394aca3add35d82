package churn

import "math/rand/v2"

// place is what a Queue knows of a client number. Its transitions:
//
//	there    Expect, Replace, Lose → waiting
//	waiting  Take → trying; Remove → there
//	trying   Fail → waiting; Came, Leave → there
type place struct {
	state    state
	failures int32 // in a row
	lost     int64 // when the connection before ended; 0: there was none
}

type state uint8

const (
	there state = iota // has a connection, or wants none
	waiting
	trying
)

// Queue is the clients without a connection, by number, and when the turn of
// each comes to open one. A number is in it once, whoever says so how often.
//
// In a storm nobody but a first client waits by its back-off; the others wait
// for it, and all try at the instant at which somebody gets a connection.
//
// Instants are nanoseconds of the caller's clock, above 0: there it means that
// something never was, or is to be at once. Not safe for concurrent use.
type Queue struct {
	backoff Backoff
	storm   bool
	random  *rand.Rand

	places []place
	turns  Instants
	held   []int // in a storm: they wait for the probe
	probe  int   // in a storm: who tries for all; -1: nobody
}

// NewQueue returns an empty queue for the numbers below clients.
func NewQueue(clients int, b Backoff, storm bool, random *rand.Rand) *Queue {
	return &Queue{backoff: b, storm: storm, random: random, places: make([]place, clients), probe: -1}
}

// Expect has a client open its first connection at an instant.
func (q *Queue) Expect(id int, at int64) { q.enter(id, 0, at) }

// Replace has a client whose connection was ended on purpose open another at
// once: there is nothing to wait for.
func (q *Queue) Replace(id int, now int64) {
	if q.enter(id, now, now) {
		q.places[id].failures = 0
	}
}

// Lose has a client whose connection failed wait by its back-off. Good is
// whether the connection was of use: otherwise it is one more failure in a
// row.
func (q *Queue) Lose(id int, now int64, good bool) {
	p := &q.places[id]
	if p.state != there {
		return
	}
	p.state, p.lost = waiting, now
	p.failures++
	if good {
		p.failures = 0
	}
	q.wait(id, now)
}

// Take takes out a client whose turn has come by now. It then says Came, Fail or
// Leave of it.
func (q *Queue) Take(now int64) (id int, ok bool) {
	if id, ok = q.turns.Pop(now); ok {
		q.places[id].state = trying
	}
	return id, ok
}

// Next is when the next client's turn comes; it reports false when nobody
// waits for an instant.
func (q *Queue) Next() (at int64, ok bool) { return q.turns.Next() }

// Fail has a client whose attempt failed wait for the next.
func (q *Queue) Fail(id int, now int64) {
	p := &q.places[id]
	if p.state != trying {
		return
	}
	p.state = waiting
	p.failures++
	q.wait(id, now)
}

// Came tells that the attempt of a client gave it a connection, and returns
// when the one before had ended; 0: there was none.
func (q *Queue) Came(id int, now int64) (lost int64) {
	p := &q.places[id]
	p.state = there
	q.probe = -1
	for _, other := range q.held {
		q.turns.Push(other, now)
	}
	q.held = q.held[:0]
	return p.lost
}

// Leave takes out a client that was taken and that no connection is wanted for
// any more.
func (q *Queue) Leave(id int) {
	q.places[id].state = there
	if q.probe != id {
		return
	}
	q.probe = -1
	if len(q.held) > 0 { // another tries for all, at once
		q.probe, q.held = q.held[0], q.held[1:]
		q.turns.Push(q.probe, 0)
	}
}

// Remove takes out all that wait and of which gone is true, and returns them.
func (q *Queue) Remove(gone func(id int) bool) []int {
	removed := q.turns.Remove(gone)
	held := q.held[:0]
	for _, id := range q.held {
		if gone(id) {
			removed = append(removed, id)
		} else {
			held = append(held, id)
		}
	}
	q.held = held
	for _, id := range removed {
		q.Leave(id)
	}
	return removed
}

// enter has a client wait for an instant, unless it is in the queue.
func (q *Queue) enter(id int, lost, at int64) bool {
	p := &q.places[id]
	if p.state != there {
		return false
	}
	p.state, p.lost = waiting, lost
	q.turns.Push(id, at)
	return true
}

// wait draws the wait of a client; in a storm only the probe has one.
func (q *Queue) wait(id int, now int64) {
	if q.storm && q.probe != id {
		if q.probe >= 0 {
			q.held = append(q.held, id)
			return
		}
		q.probe = id
	}
	q.turns.Push(id, now+int64(q.backoff.Wait(int(q.places[id].failures), q.random)))
}
