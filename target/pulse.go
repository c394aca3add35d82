package target

import (
	"sync/atomic"
	"time"
)

// The pulse is one goroutine that looks at all sessions again and again, and
// keeps them to their limits of time. A deadline or a timer for each message
// would cost more than receiving it does; here a session notes what it is at, in
// one word of memory.

// phase is what a session is at, as far as time limits go. Writing is a matter
// of its frame.Writer.
type phase int64

const (
	waiting   phase = iota // for a message: Limits.Idle
	receiving              // one: Limits.Message
	resumed                // receiving one that has waited for memory meanwhile
	working                // or waiting for memory: what is not the client's time
)

const phaseBits = 2

// progress is a phase and since when. One goroutine sets it, and others look.
type progress struct{ word atomic.Int64 }

func (p *progress) set(ph phase, since time.Duration) {
	p.word.Store(int64(since)<<phaseBits | int64(ph))
}

func (p *progress) get() (ph phase, since time.Duration) {
	word := p.word.Load()
	return phase(word & (1<<phaseBits - 1)), time.Duration(word >> phaseBits)
}

// alive notes a sign of life, which does not prolong a message.
func (p *progress) alive(now time.Duration) {
	if ph, _ := p.get(); ph == waiting {
		p.set(waiting, now)
	}
}

// pulseInterval returns how often to look, and so by how much a limit may be
// exceeded.
func pulseInterval(l Limits) time.Duration {
	shortest := min(l.Message, l.Idle, l.Write)
	return max(time.Millisecond, min(shortest/8, time.Second))
}

// pulse keeps sessions to their limits of time until the server has stopped.
func (s *Server) pulse() {
	var (
		interval = pulseInterval(s.settings.Limits)
		tick     = time.NewTicker(interval)
		queue    queue
		due      []*session
	)
	defer tick.Stop()
	for {
		select {
		case <-s.stopped:
			return
		case <-tick.C:
		}
		now := s.now()
		if queue.look(now, s.budget.Waiting()) {
			tick.Reset(queue.interval(interval))
		}
		// What is to be done takes system calls, and no session begins or ends
		// while all are looked at.
		s.each(func(c *session) {
			if c.due(now, queue) != nothing {
				due = append(due, c)
			}
		})
		for _, c := range due {
			c.enforce(c.due(now, queue), now)
		}
		clear(due)
		due = due[:0]
	}
}

// act is what the pulse does about a session.
type act int

const (
	nothing act = iota
	ping
	endSilent
	endOverdue
	endLagging
	cutOff
)

// due returns what there is to be done now. It is called by the pulse alone.
func (c *session) due(now time.Duration, q queue) act {
	limits := &c.server.settings.Limits
	if begun, writing := c.out.Since(); writing && now-begun > limits.Write {
		return cutOff
	}
	ph, since := c.progress.get()
	if ph != receiving && ph != resumed {
		c.pace = pace{}
	}
	switch {
	case (ph == receiving || ph == resumed) && now-since > limits.Message:
		return endOverdue
	case ph == receiving && c.lags(now, since, q, grace):
		return endLagging
	case ph == resumed && c.lags(now, since, q, q.grace()):
		return endLagging
	case ph == waiting && now-since > limits.Idle:
		return endSilent
	case ph == waiting && now-max(since, c.pinged) > limits.Idle/2:
		return ping
	default:
		return nothing
	}
}

// enforce does it. Nothing here waits for the client.
func (c *session) enforce(a act, now time.Duration) {
	switch a {
	case ping:
		c.pinged = now
		c.out.Ping(now)
	case endSilent:
		c.stop(idle, silent)
	case endOverdue:
		c.stop(busy, overdue)
	case endLagging:
		c.stop(busy, lagging)
	case cutOff:
		c.unread.Store(true)
		c.out.Cut()
	}
}
