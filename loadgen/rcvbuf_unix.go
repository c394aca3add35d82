//go:build unix

package loadgen

import (
	"fmt"
	"syscall"

	"golang.org/x/sys/unix"
)

// rcvbuf sets the receive buffer before the connection is made, while the
// window's scale can still follow from it.
func rcvbuf(bytes int) func(network, address string, c syscall.RawConn) error {
	return func(_, _ string, c syscall.RawConn) error {
		var set error
		err := c.Control(func(fd uintptr) {
			set = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUF, bytes)
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
