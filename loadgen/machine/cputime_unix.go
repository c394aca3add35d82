//go:build unix

package machine

import (
	"time"

	"golang.org/x/sys/unix"
)

// CPUTime returns the user and system time this process has used since it
// began, all threads, ended children not included. It never decreases, has
// microsecond steps, costs under 1 µs and is safe for concurrent use; ok is
// false where the system doesn't tell. Source: getrusage(2), RUSAGE_SELF.
func CPUTime() (used time.Duration, ok bool) {
	var r unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &r); err != nil {
		return 0, false
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano()), true
}
