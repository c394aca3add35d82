package loadgen

import (
	"math/rand/v2"
	"sync"

	"github.com/wsimg/wsimg/loadgen/churn"
)

// vacancies are the client numbers without a connection that want one, and
// when the turn of each comes. Safe for concurrent use.
type vacancies struct {
	mu    sync.Mutex
	queue *churn.Queue
	news  chan struct{} // holds one when somebody's turn may come earlier than was said
}

func newVacancies(s Settings) *vacancies {
	random := rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64())) // nothing may depend on who waits how long
	return &vacancies{queue: churn.NewQueue(s.Clients, s.Backoff, s.Storm, random), news: make(chan struct{}, 1)}
}

// change changes the queue, and has whoever waits for a turn look again.
func (v *vacancies) change(change func(*churn.Queue)) {
	v.mu.Lock()
	change(v.queue)
	v.mu.Unlock()
	select {
	case v.news <- struct{}{}:
	default:
	}
}

// expect has a client open its first connection at an instant.
func (v *vacancies) expect(id int, at int64) {
	v.change(func(q *churn.Queue) { q.Expect(id, at) })
}

// admit has clients open their first connections at an instant.
func (v *vacancies) admit(ids []int, at int64) {
	v.change(func(q *churn.Queue) {
		for _, id := range ids {
			q.Expect(id, at)
		}
	})
}

// failed has a client that was taken try again.
func (v *vacancies) failed(id int, now int64) {
	v.change(func(q *churn.Queue) { q.Fail(id, now) })
}

// came tells that a client that was taken has a connection, and returns when
// the one before ended; 0: there was none.
func (v *vacancies) came(id int, now int64) (lost int64) {
	v.change(func(q *churn.Queue) { lost = q.Came(id, now) })
	return lost
}

// leave tells that a client that was taken wants no connection any more.
func (v *vacancies) leave(id int) {
	v.change(func(q *churn.Queue) { q.Leave(id) })
}

// take takes out a client whose turn has come.
func (v *vacancies) take(now int64) (id int, ok bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.queue.Take(now)
}

// next is when somebody's turn comes; never when nobody's does.
func (v *vacancies) next() int64 {
	v.mu.Lock()
	defer v.mu.Unlock()
	if at, ok := v.queue.Next(); ok {
		return at
	}
	return never
}

// remove takes out all of which gone is true, and returns them.
func (v *vacancies) remove(gone func(id int) bool) []int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.queue.Remove(gone)
}
