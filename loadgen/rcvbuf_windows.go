//go:build windows

package loadgen

import (
	"fmt"
	"syscall"

	"golang.org/x/sys/windows"
)

// rcvbuf sets the receive buffer before the connection is made, while the
// window's scale can still follow from it.
func rcvbuf(bytes int) func(network, address string, c syscall.RawConn) error {
	return func(_, _ string, c syscall.RawConn) error {
		var set error
		err := c.Control(func(fd uintptr) {
			set = windows.SetsockoptInt(windows.Handle(fd), windows.SOL_SOCKET, windows.SO_RCVBUF, bytes)
		})
		if err == nil {
			err = set
		}
		if err != nil {
			return fmt.Errorf("set a receive buffer of %d bytes: %w", bytes, err)
		}
		return nil
	}
}
