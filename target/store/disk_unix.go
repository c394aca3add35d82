//go:build linux || darwin || freebsd

package store

import "golang.org/x/sys/unix"

// freeSpace returns the bytes that a user without privileges may still write
// at path, and the size of that disk.
func freeSpace(path string) (free, total uint64, err error) {
	var s unix.Statfs_t
	if err := unix.Statfs(path, &s); err != nil {
		return 0, 0, err
	}
	block := uint64(s.Bsize)
	// Bavail is signed on some systems: negative when only root may write.
	return uint64(max(0, int64(s.Bavail))) * block, s.Blocks * block, nil
}
