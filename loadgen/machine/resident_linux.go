package machine

import (
	"os"
	"strconv"
	"strings"
)

// Resident returns how many bytes of memory this process has: its resident set,
// shared pages included, in which what the kernel holds for its sockets is not.
// The kernel sums it up per core and may be behind by some hundred KB. It costs
// microseconds. Source: proc_pid_statm(5).
func Resident() (bytes uint64, ok bool) {
	statm, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0, false
	}
	return parseResident(string(statm), os.Getpagesize())
}

// parseResident returns the second number in a statm, which counts pages, in
// bytes.
func parseResident(statm string, page int) (bytes uint64, ok bool) {
	f := strings.Fields(statm)
	if len(f) < 2 {
		return 0, false
	}
	pages, err := strconv.ParseUint(f[1], 10, 40)
	return pages * uint64(page), err == nil && pages > 0
}
