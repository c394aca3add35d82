package loadgen

import "time"

// clock tells nanoseconds since it was started, on the monotonic clock, so
// that instants are plain numbers, from 1 on: 0 stands for one that has not
// come. It is safe for concurrent use.
type clock struct{ start time.Time }

func newClock() clock { return clock{time.Now().Add(-1)} }

func (c clock) now() int64 { return int64(time.Since(c.start)) }

// at returns the time of an instant.
func (c clock) at(ns int64) time.Time { return c.start.Add(time.Duration(ns)) }

// until is how long it takes until an instant: not above 0 when it has come.
func (c clock) until(ns int64) time.Duration { return time.Duration(ns - c.now()) }
