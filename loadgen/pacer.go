package loadgen

import (
	"container/heap"
	"sync"
	"sync/atomic"
	"time"

	"github.com/wsimg/wsimg/loadgen/alarm"
)

// longestWork is more than it takes to rouse one client.
const longestWork = 10 * time.Microsecond

// pacer rouses clients when their next image is due. It never writes to a
// connection itself: a server that does not read must not hold up the others.
// A client whose connection is busy is not here: it looks at its agenda again
// when the reply has come.
type pacer struct {
	clock clock
	alarm alarm.Alarm
	rouse func(*client)

	mu      sync.Mutex
	waiting queue
	closed  bool

	work  atomic.Int64 // ns spent between waking and waiting
	ended chan struct{}
}

func newPacer(clk clock, a alarm.Alarm, rouse func(*client)) *pacer {
	p := &pacer{clock: clk, alarm: a, rouse: rouse, ended: make(chan struct{})}
	go p.run()
	return p
}

// add has the client roused at due. It must not be waiting already.
func (p *pacer) add(c *client, due int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return
	}
	c.wakeAt = due
	heap.Push(&p.waiting, c)
	if p.waiting[0] == c {
		p.alarm.Set(p.clock.at(due)) // in here, or a later one might come after an earlier one
	}
}

func (p *pacer) run() {
	defer close(p.ended)
	var batch []*client
	for {
		began := p.clock.now()
		p.mu.Lock()
		if p.closed {
			p.mu.Unlock()
			return
		}
		batch = batch[:0]
		for len(p.waiting) > 0 && p.waiting[0].wakeAt <= began {
			batch = append(batch, heap.Pop(&p.waiting).(*client))
		}
		if len(batch) == 0 && len(p.waiting) > 0 {
			p.alarm.Set(p.clock.at(p.waiting[0].wakeAt))
		}
		p.mu.Unlock()
		for _, c := range batch {
			p.rouse(c)
		}
		// What took longer was somebody else's turn on this core.
		p.work.Add(min(p.clock.now()-began, int64(1+len(batch))*int64(longestWork)))
		if len(batch) == 0 {
			p.alarm.Wait()
		}
	}
}

// cost is the CPU time that pacing has taken so far, in ns: the alarm's and
// the pacer's own. What the system spends on waking the process is in neither.
func (p *pacer) cost() int64 { return p.work.Load() + int64(p.alarm.Cost()) }

// close ends the pacer; nobody is roused afterwards.
func (p *pacer) close() {
	p.mu.Lock()
	p.closed = true
	p.alarm.Set(p.clock.at(p.clock.now()))
	p.mu.Unlock()
	<-p.ended
	p.alarm.Close()
}

// queue is the clients that wait, the earliest first.
type queue []*client

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].wakeAt < q[j].wakeAt }
func (q queue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(c any)        { *q = append(*q, c.(*client)) }
func (q *queue) Pop() any {
	last := len(*q) - 1
	c := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	return c
}
