package target

import "time"

// While messages wait for memory, those that come slowly keep them waiting: the
// memory is shared by as many as can be served in time only if each that has some
// makes use of it. Two rules see to that, this pace and the bound on waiting (see
// reserve); either alone would leave a way to hold everybody up.
//
// The ones that wait are served one after the other, so the time that each may
// waste adds up. A message whose client could not have sent more yet has a second.
// One that was itself made to wait has let its client fill the buffers of the
// kernel meanwhile, and goes on at once if it is honest; it has its part of a
// second that all of those in the queue share. What came before doesn't count: who
// sends all but the last byte fast gains nothing.
const (
	// leastPace is how fast a message must come while others wait, in bytes a
	// second.
	leastPace = 64_000
	// grace is by how much a message may be behind that pace; those that have waited
	// share one, of which each gets leastGrace in any case.
	grace      = time.Second
	leastGrace = 50 * time.Millisecond
	// crowdInterval is how often to look while somebody waits.
	crowdInterval = 10 * time.Millisecond
)

// queue is the messages that wait for memory, as the pulse saw them last.
type queue struct {
	length int
	since  time.Duration // when it was last seen empty
}

// look notes how many wait now, and reports whether that changes how often to look.
func (q *queue) look(now time.Duration, length int) (changed bool) {
	changed = (q.length == 0) != (length == 0)
	if q.length = length; length == 0 {
		q.since = now
	}
	return changed
}

// interval returns how often to look.
func (q *queue) interval(otherwise time.Duration) time.Duration {
	if q.length == 0 {
		return otherwise
	}
	return min(otherwise, crowdInterval)
}

// grace returns by how much a message that has waited itself may be behind.
func (q *queue) grace() time.Duration {
	return max(leastGrace, grace/time.Duration(max(1, q.length)))
}

// pace is until when a message kept up, and what had arrived then.
type pace struct {
	at      time.Duration
	arrived int64
}

// lags reports whether a message is behind the pace by more than is granted, while
// others wait. It notes when the message keeps up. It is called by the pulse alone.
func (c *session) lags(now, since time.Duration, q queue, granted time.Duration) bool {
	if q.length == 0 {
		return false
	}
	arrived := c.arrived.Load()
	if c.pace.at < max(since, q.since) { // another message, or the first of the queue
		c.pace = pace{now, arrived}
	}
	earned := time.Duration(float64(arrived-c.pace.arrived) / leastPace * float64(time.Second))
	if c.pace.at+earned >= now {
		c.pace = pace{now, arrived}
	}
	return now-c.pace.at-earned > granted
}
