//go:build !unix && !windows

package machine

import "time"

// CPUTime returns the CPU time of this process; ok is false, for this system
// doesn't tell.
func CPUTime() (used time.Duration, ok bool) { return 0, false }
