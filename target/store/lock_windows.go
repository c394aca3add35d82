package store

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// lockedAt is the place of the one byte that is locked, far behind the content:
// what is locked on Windows, others can't read.
var lockedAt = windows.Overlapped{OffsetHigh: 1}

func lockFile(f *os.File) error {
	at := lockedAt
	err := windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &at)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, windows.ERROR_LOCK_VIOLATION), errors.Is(err, windows.ERROR_IO_PENDING):
		return errLocked
	case errors.Is(err, windows.ERROR_INVALID_FUNCTION), errors.Is(err, windows.ERROR_NOT_SUPPORTED):
		return errors.Join(errors.ErrUnsupported, err)
	}
	return os.NewSyscallError("LockFileEx", err)
}

func unlockFile(f *os.File) error {
	at := lockedAt
	return os.NewSyscallError("UnlockFileEx", windows.UnlockFileEx(windows.Handle(f.Fd()), 0, 1, 0, &at))
}
