//go:build unix

package machine

import "golang.org/x/sys/unix"

// openFiles returns how many files this process may have open: the soft limit,
// which Go itself raises at the start. Source: getrlimit(2), RLIMIT_NOFILE.
func openFiles() uint64 {
	var r unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &r) != nil {
		return 0
	}
	return uint64(r.Cur) // signed on some systems
}
