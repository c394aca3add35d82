package connect

import (
	"syscall"

	"golang.org/x/sys/windows"
)

// noAddress is what bind says of an address of another machine.
const noAddress = windows.WSAEADDRNOTAVAIL

// passingErrnos are the system's errors that may pass.
var passingErrnos = []syscall.Errno{
	windows.WSAECONNREFUSED, windows.WSAECONNRESET, windows.WSAECONNABORTED, windows.WSAETIMEDOUT,
	windows.WSAEHOSTUNREACH, windows.WSAENETUNREACH, windows.WSAEHOSTDOWN, windows.WSAENETDOWN,
	windows.WSAEADDRNOTAVAIL, windows.WSAEADDRINUSE, // no port is free
	windows.WSAEMFILE, windows.WSAENOBUFS,
}
