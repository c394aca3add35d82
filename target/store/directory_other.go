//go:build !linux && !darwin && !freebsd

package store

import (
	"errors"
	"io/fs"
	"os"
	"runtime"
)

// directory is a folder held open. Names are relative to it, so they stay in
// this very folder whatever becomes of its path; a symbolic link among them
// leads nowhere outside.
type directory struct {
	root *os.Root
	info fs.FileInfo
}

func openDirectory(path string) (*directory, error) {
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, err
	}
	info, err := root.Stat(".")
	if err != nil {
		root.Close()
		return nil, err
	}
	return &directory{root: root, info: info}, nil
}

// create makes a file that must not exist: a link planted in its place is
// neither followed nor written to.
func (d *directory) create(name string) (file, error) {
	f, err := d.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	return file{f}, err
}

// open opens a file, made when absent.
func (d *directory) open(name string) (file, error) {
	f, err := d.root.OpenFile(name, os.O_WRONLY|os.O_CREATE, fileMode)
	return file{f}, err
}

// openLock opens a file to read, write and lock, made when absent.
func (d *directory) openLock(name string) (*os.File, error) {
	return d.root.OpenFile(name, os.O_RDWR|os.O_CREATE, fileMode)
}

// rename replaces what has the new name.
func (d *directory) rename(from, to string) error { return d.root.Rename(from, to) }

func (d *directory) remove(name string) error { return d.root.Remove(name) }

// sync puts the names in the folder on the disk.
func (d *directory) sync() error {
	f, err := d.root.Open(".")
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func (d *directory) close() error { return d.root.Close() }

// canSyncFolders tells whether directory.sync works on this system.
const canSyncFolders = runtime.GOOS != "windows"

// file is open for writing.
type file struct{ f *os.File }

// write writes b over the beginning of the file.
func (f file) write(b []byte) error {
	_, err := f.f.WriteAt(b, 0)
	return err
}

func (f file) size() (int64, error) {
	info, err := f.f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

func (f file) truncate(size int64) error { return f.f.Truncate(size) }

// sync puts the content on the disk.
func (f file) sync() error { return f.f.Sync() }

func (f file) close() error { return f.f.Close() }
