//go:build linux || darwin || freebsd

package store

import (
	"errors"

	"golang.org/x/sys/unix"
)

// systemSpace counts what a user without privileges may still write.
func systemSpace(path string) (free, total uint64, err error) {
	var s unix.Statfs_t
	if err := unix.Statfs(path, &s); err != nil {
		return 0, 0, err
	}
	block := uint64(s.Bsize)
	// Bavail is signed on some systems: negative when only root may write.
	return uint64(max(0, int64(s.Bavail))) * block, s.Blocks * block, nil
}

// isFull tells whether a write failed for want of space.
func isFull(err error) bool {
	return errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EDQUOT)
}
