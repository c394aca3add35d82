package machine

import (
	"time"

	"golang.org/x/sys/windows"
)

// CPUTime returns the user and system time this process has used since it
// began, all threads. It never decreases and is safe for concurrent use, but
// Windows advances it in clock ticks of 15.6 ms: too coarse for a short block
// by itself. Source: GetProcessTimes.
func CPUTime() (used time.Duration, ok bool) {
	var created, exited, kernel, user windows.Filetime
	if err := windows.GetProcessTimes(windows.CurrentProcess(), &created, &exited, &kernel, &user); err != nil {
		return 0, false
	}
	return span(kernel) + span(user), true
}

// span reads t as a length of time in steps of 100 ns. Filetime.Nanoseconds
// would read it as a date.
func span(t windows.Filetime) time.Duration {
	return time.Duration(int64(t.HighDateTime)<<32|int64(t.LowDateTime)) * 100
}
