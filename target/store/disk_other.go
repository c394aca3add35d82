//go:build !linux && !darwin && !freebsd && !windows

package store

import "errors"

// freeSpace is not known here: a full disk shows when a write fails.
func freeSpace(string) (free, total uint64, err error) {
	return 0, 0, errors.ErrUnsupported
}
