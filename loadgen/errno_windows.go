package loadgen

import (
	"syscall"

	"golang.org/x/sys/windows"
)

// kindOfErrno names the failure that is an error of the system; "" when it
// says no more than other errors do.
func kindOfErrno(errno syscall.Errno) string {
	switch errno {
	case windows.WSAECONNREFUSED:
		return Refused
	case windows.WSAECONNRESET, windows.WSAECONNABORTED:
		return Reset
	case windows.WSAETIMEDOUT:
		return Timeout
	case windows.WSAEADDRNOTAVAIL:
		return NoPorts
	case windows.WSAEMFILE, windows.ERROR_TOO_MANY_OPEN_FILES:
		return NoFiles
	}
	return ""
}
