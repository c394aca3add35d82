package store

import (
	"errors"

	"golang.org/x/sys/unix"
)

// syncDescriptor asks the drive to empty its cache, as os.File.Sync does:
// fsync(2) does not on macOS. File systems that can't get fsync.
func syncDescriptor(fd int) error {
	_, err := unix.FcntlInt(uintptr(fd), unix.F_FULLFSYNC, 0)
	if errors.Is(err, errors.ErrUnsupported) || err == unix.ENOTTY || err == unix.EINVAL {
		return unix.Fsync(fd)
	}
	return err
}
