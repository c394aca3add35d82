//go:build linux || darwin || freebsd

package store

import (
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// directory is a folder held open. Names are relative to its descriptor, so
// they stay in this very folder whatever becomes of its path. It makes system
// calls of its own: package os readies every file for the poller, which costs
// as much as writing a small image. It must not be closed while in use.
type directory struct {
	file *os.File
	fd   int // of file
	info fs.FileInfo
}

func openDirectory(path string) (*directory, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_DIRECTORY, 0)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, err
	}
	return &directory{file: f, fd: int(f.Fd()), info: info}, nil
}

// create makes a file that must not exist: a link planted in its place is
// neither followed nor written to.
func (d *directory) create(name string) (file, error) {
	return d.openFlags(name, unix.O_CREAT|unix.O_EXCL)
}

// open opens a file, made when absent. A symbolic link is an error.
func (d *directory) open(name string) (file, error) {
	return d.openFlags(name, unix.O_CREAT)
}

func (d *directory) openFlags(name string, flags int) (file, error) {
	fd, err := d.openAt(name, flags|unix.O_WRONLY)
	return file{fd}, err
}

func (d *directory) openAt(name string, flags int) (fd int, err error) {
	for {
		fd, err = unix.Openat(d.fd, name, flags|unix.O_NOFOLLOW|unix.O_CLOEXEC, fileMode)
		if err == nil {
			return fd, nil
		}
		if err != unix.EINTR {
			return 0, d.fault("open", name, err)
		}
	}
}

// openLock opens a file to read, write and lock, made when absent. Anything else
// than a file that has this one name is an error: its content could be dear to
// somebody.
func (d *directory) openLock(name string) (*os.File, error) {
	fd, err := d.openAt(name, unix.O_CREAT|unix.O_RDWR)
	if err != nil {
		return nil, err
	}
	f := os.NewFile(uintptr(fd), filepath.Join(d.file.Name(), name))
	var s unix.Stat_t
	err = unix.Fstat(fd, &s)
	if err == nil && (s.Mode&unix.S_IFMT != unix.S_IFREG || s.Nlink > 1) {
		err = unix.EEXIST
	}
	if err != nil {
		f.Close()
		return nil, d.fault("open", name, err)
	}
	return f, nil
}

// rename replaces what has the new name.
func (d *directory) rename(from, to string) error {
	if err := unix.Renameat(d.fd, from, d.fd, to); err != nil {
		return d.fault("rename", from, err)
	}
	return nil
}

func (d *directory) remove(name string) error {
	if err := unix.Unlinkat(d.fd, name, 0); err != nil {
		return d.fault("remove", name, err)
	}
	return nil
}

// sync puts the names in the folder on the disk.
func (d *directory) sync() error { return d.file.Sync() }

func (d *directory) close() error { return d.file.Close() }

func (d *directory) fault(op, name string, err error) error {
	return &fs.PathError{Op: op, Path: filepath.Join(d.file.Name(), name), Err: err}
}

// canSyncFolders tells whether directory.sync works on this system.
const canSyncFolders = true

// file is open for writing. The zero file, which would be standard input, may
// not be used.
type file struct{ fd int }

// maxWrite bounds one write(2): macOS takes no more than 2 GB at once.
const maxWrite = 1 << 30

// write writes b over the beginning of the file.
func (f file) write(b []byte) error {
	for offset := int64(0); len(b) > 0; {
		n, err := unix.Pwrite(f.fd, b[:min(len(b), maxWrite)], offset)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return os.NewSyscallError("write", err)
		}
		b, offset = b[n:], offset+int64(n)
	}
	return nil
}

func (f file) size() (int64, error) {
	var s unix.Stat_t
	err := unix.Fstat(f.fd, &s)
	return s.Size, os.NewSyscallError("stat", err)
}

func (f file) truncate(size int64) error {
	for {
		if err := unix.Ftruncate(f.fd, size); err != unix.EINTR {
			return os.NewSyscallError("truncate", err)
		}
	}
}

// sync puts the content on the disk.
func (f file) sync() error {
	for {
		if err := syncDescriptor(f.fd); err != unix.EINTR {
			return os.NewSyscallError("sync", err)
		}
	}
}

// close is not tried again: after EINTR the descriptor is closed, or may be
// another's by then.
func (f file) close() error {
	if err := unix.Close(f.fd); err != unix.EINTR {
		return os.NewSyscallError("close", err)
	}
	return nil
}
