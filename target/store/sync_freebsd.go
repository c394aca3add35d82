package store

import "golang.org/x/sys/unix"

func syncDescriptor(fd int) error { return unix.Fsync(fd) }
