//go:build unix

package connect

import "syscall"

// noAddress is what bind says of an address of another machine.
const noAddress = syscall.EADDRNOTAVAIL

// passingErrnos are the system's errors that may pass.
var passingErrnos = []syscall.Errno{
	syscall.ECONNREFUSED, syscall.ECONNRESET, syscall.ECONNABORTED, syscall.EPIPE, syscall.ETIMEDOUT,
	syscall.EHOSTUNREACH, syscall.ENETUNREACH, syscall.EHOSTDOWN, syscall.ENETDOWN,
	syscall.EADDRNOTAVAIL, syscall.EADDRINUSE, // no port is free
	syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.EAGAIN,
}
