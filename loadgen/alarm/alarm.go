// Package alarm wakes one goroutine at an instant, as exactly as the system
// can without burning a core.
//
// The trap is time.Sleep: on Linux the runtime waits in epoll, which counts in
// milliseconds, so it oversleeps by 0.6 ms in the median and 1.2 ms at worst.
// Sleeping 1.2 ms short and yielding until the instant costs half a core at
// 1,000 images a second. A timerfd wakes epoll by itself, 80–150 µs late on a
// virtual machine; set 100 µs early, with the rest yielded, it is 20–40 µs late
// for a fifth of that CPU. Other systems sleep short and yield.
package alarm

import (
	"runtime"
	"time"
)

// Alarm is set by anyone and waited for by one goroutine.
type Alarm interface {
	// Wait returns when the instant set has come, or now and then earlier: the
	// caller looks at what is due.
	Wait()
	// Set sets the alarm, in place of what was set before. It may be called
	// while another goroutine waits.
	Set(at time.Time)
	// Cost is the CPU time spent on being punctual, waking up aside.
	Cost() time.Duration
	Close()
}

// longestYield is how long a yield takes at most when nobody else wanted to
// run: what took longer was somebody else's work.
const longestYield = time.Microsecond

// yieldUntil lets other goroutines run until the instant, and returns what
// that cost.
func yieldUntil(at time.Time) (cost time.Duration) {
	before := time.Now()
	for before.Before(at) {
		runtime.Gosched()
		now := time.Now()
		cost += min(now.Sub(before), longestYield)
		before = now
	}
	return cost
}
