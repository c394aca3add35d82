//go:build !linux

package machine

import (
	"os"

	"github.com/shirou/gopsutil/v4/process"
)

// Resident returns how many bytes of memory this process has: its resident set,
// the working set on Windows; ok is false where the system doesn't tell.
func Resident() (bytes uint64, ok bool) {
	self := process.Process{Pid: int32(os.Getpid())}
	m, err := self.MemoryInfo()
	if err != nil || m == nil || m.RSS == 0 {
		return 0, false
	}
	return m.RSS, true
}
