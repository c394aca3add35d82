//go:build windows

package connect

import "golang.org/x/sys/windows"

// setRcvbuf sets a socket's receive buffer.
func setRcvbuf(fd uintptr, bytes int) error {
	return windows.SetsockoptInt(windows.Handle(fd), windows.SOL_SOCKET, windows.SO_RCVBUF, bytes)
}
