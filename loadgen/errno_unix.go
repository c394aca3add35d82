//go:build unix

package loadgen

import "syscall"

// kindOfErrno names the failure that is an error of the system; "" when it
// says no more than other errors do.
func kindOfErrno(errno syscall.Errno) string {
	switch errno {
	case syscall.ECONNREFUSED:
		return Refused
	case syscall.ECONNRESET, syscall.ECONNABORTED, syscall.EPIPE:
		return Reset
	case syscall.ETIMEDOUT:
		return Timeout
	case syscall.EADDRNOTAVAIL:
		return NoPorts
	case syscall.EMFILE, syscall.ENFILE:
		return NoFiles
	}
	return ""
}
