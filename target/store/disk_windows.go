package store

import "golang.org/x/sys/windows"

// freeSpace returns the bytes that this user may still write at path, and the
// size of that disk.
func freeSpace(path string) (free, total uint64, err error) {
	p, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return 0, 0, err
	}
	err = windows.GetDiskFreeSpaceEx(p, &free, &total, nil)
	return free, total, err
}
