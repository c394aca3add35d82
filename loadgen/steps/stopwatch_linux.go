package steps

import (
	"time"

	"golang.org/x/sys/unix"
)

// stopwatch measures the CPU time of the thread, to the nanosecond: neither
// losing its core to others nor what the process does beside it makes a step
// longer. Its goroutine has to stay on its thread. Source: clock_gettime(2),
// CLOCK_THREAD_CPUTIME_ID.
type stopwatch time.Duration

func start() stopwatch { return stopwatch(used()) }

func (s stopwatch) elapsed() time.Duration { return used() - time.Duration(s) }

// used never fails on Linux.
func used() time.Duration {
	var ts unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &ts)
	return time.Duration(ts.Nano())
}
