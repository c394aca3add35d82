package loadgen

import (
	"math"
	"time"

	"github.com/wsimg/wsimg/loadgen/schedule"
)

// census counts what is due in an open block, whatever becomes of it. The
// instants lie side by side: to look at those of 15,000 clients once a second
// costs as much as one image. One goroutine uses it.
type census struct {
	next     []time.Duration // by client, from the start of the plan
	arrivals []*schedule.Arrivals
}

// add counts the arrivals of one more client, which it goes through itself.
func (c *census) add(a *schedule.Arrivals) {
	c.next = append(c.next, 0)
	c.arrivals = append(c.arrivals, a)
	c.advance(len(c.next) - 1)
}

// advance goes on to a client's next instant.
func (c *census) advance(i int) {
	due, ok := c.arrivals[i].Next()
	if !ok {
		due = math.MaxInt64
	}
	c.next[i] = due
}

// take has count see each instant before the given one, but for those that it
// has seen.
func (c *census) take(before time.Duration, count func(due time.Duration)) {
	for i, due := range c.next {
		for ; due < before; due = c.next[i] {
			count(due)
			c.advance(i)
		}
	}
}
