package machine

import (
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Resident returns how many bytes of memory this process has: its resident set,
// shared pages included, in which what the kernel holds for its sockets is not.
// The kernel sums it up per core and may be behind by some hundred KB. It is read
// around every block of a measurement, so it takes a third of the time that
// os.ReadFile would. Source: proc_pid_statm(5).
func Resident() (bytes uint64, ok bool) {
	fd, err := unix.Open("/proc/self/statm", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return 0, false
	}
	defer unix.Close(fd)
	var statm [128]byte // seven numbers: it is read whole
	n, err := unix.Read(fd, statm[:])
	if err != nil {
		return 0, false
	}
	return parseResident(string(statm[:n]), os.Getpagesize())
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
