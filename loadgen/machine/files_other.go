//go:build !unix

package machine

// OpenFiles returns the limit of open files; ok is false, for this system has
// none a process could meet.
func OpenFiles() (soft, hard uint64, ok bool) { return 0, 0, false }
