package loadgen

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/wsimg/wsimg/loadgen/alarm"
	"github.com/wsimg/wsimg/loadgen/churn"
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
	waiting churn.Heap[wake]
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
	p.waiting.Push(wake{due, c})
	if p.waiting.First().client == c {
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
		for p.waiting.Len() > 0 && p.waiting.First().at <= began {
			batch = append(batch, p.waiting.Pop().client)
		}
		if len(batch) == 0 && p.waiting.Len() > 0 {
			p.alarm.Set(p.clock.at(p.waiting.First().at))
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

// wake is an instant and whom to rouse then. The instant lies beside: to read
// those of thousands of clients would take longer than to compare them.
type wake struct {
	at     int64
	client *client
}

// Before orders them by instant.
func (w wake) Before(o wake) bool { return w.at < o.at }
