//go:build unix

package readahead

import "golang.org/x/sys/unix"

// TryWrite writes as much of p as the kernel takes at once, perhaps nothing; it
// never blocks, unless another write does.
func (c *Conn) TryWrite(p []byte) (n int, err error) {
	failed := c.system.raw.Write(func(fd uintptr) bool {
		for {
			n, err = unix.Write(int(fd), p)
			if err != unix.EINTR {
				return true
			}
		}
	})
	n = max(n, 0)
	switch {
	case failed != nil:
		return n, failed
	case err == unix.EAGAIN:
		return n, nil
	default:
		return n, err
	}
}
