//go:build !linux && !darwin && !freebsd && !windows

package store

import (
	"errors"
	"syscall"
)

// systemSpace is not known here: a full disk shows when a write fails.
func systemSpace(string) (free, total uint64, err error) {
	return 0, 0, errors.ErrUnsupported
}

// isFull tells whether a write failed for want of space.
func isFull(err error) bool { return errors.Is(err, syscall.ENOSPC) }
