//go:build unix

package connect

import "golang.org/x/sys/unix"

// setRcvbuf sets a socket's receive buffer.
func setRcvbuf(fd uintptr, bytes int) error {
	return unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUF, bytes)
}
