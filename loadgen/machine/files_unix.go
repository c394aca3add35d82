//go:build unix

package machine

import "golang.org/x/sys/unix"

// OpenFiles returns how many files, sockets included, this process may have
// open: the soft limit, which holds, and the hard one, to which it could be
// raised. Go itself raises the soft limit at start; ok is false when the
// system doesn't tell. Source: getrlimit(2), RLIMIT_NOFILE.
func OpenFiles() (soft, hard uint64, ok bool) {
	var r unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &r); err != nil {
		return 0, 0, false
	}
	// The fields are signed on some systems.
	return uint64(r.Cur), uint64(r.Max), true
}
