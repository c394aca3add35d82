package store

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// lockName is the file whose lock says that a folder belongs to a running
// target. It stays when the target ends: whoever removed it could not know that
// nobody has just opened it to lock it.
const lockName = ".wsimg-lock"

// ErrInUse is the error of a folder that another store has open, be it of
// another process or of this one.
var ErrInUse = errors.New("the folder for images is in use")

// errLocked is what locking a file returns when another has it locked.
var errLocked = errors.New("locked")

// lock keeps other targets out of a folder, until it is released or the process
// ends, however it does. A lock without a file keeps nobody out.
type lock struct {
	file *os.File
	info os.FileInfo
}

// takeLock locks dir for us and notes our process id for whoever comes next.
// Its error is [ErrInUse] when somebody else was first, and errors.ErrUnsupported
// where the file system has no locks; then there is a lock nonetheless.
func takeLock(dir *directory, path string, try func(*os.File) error) (*lock, error) {
	file, err := dir.openLock(lockName)
	if err != nil {
		if _, absent := os.Lstat(filepath.Join(path, lockName)); absent != nil {
			return nil, fmt.Errorf("write into the folder for images: %w", err)
		}
		return nil, fmt.Errorf("lock the folder for images: %w; remove that file if no target runs there", err)
	}
	l := &lock{file: file}
	err = try(file)
	if err == nil {
		if l.info, err = file.Stat(); err == nil {
			l.sign()
			return l, nil
		}
	}
	holder := holderOf(file)
	file.Close()
	switch {
	case errors.Is(err, errLocked):
		return nil, fmt.Errorf("%w: %s, by %s", ErrInUse, path, holder)
	case errors.Is(err, errors.ErrUnsupported):
		return &lock{}, err
	}
	return nil, fmt.Errorf("lock %s: %w", filepath.Join(path, lockName), err)
}

// sign notes our process id. It is for a sentence only, so a full disk does not
// matter.
func (l *lock) sign() {
	if l.file.Truncate(0) == nil {
		l.file.WriteAt(fmt.Appendln(nil, os.Getpid()), 0)
	}
}

// holderOf says who signed a lock.
func holderOf(file *os.File) string {
	text, _ := io.ReadAll(io.LimitReader(file, 32))
	switch pid, err := strconv.Atoi(strings.TrimSpace(string(text))); {
	case err != nil:
		return "another target"
	case pid == os.Getpid():
		return "another store of this process"
	default:
		return fmt.Sprintf("the target with process id %d", pid)
	}
}

// stands tells whether the lock still keeps others out of the folder that has
// this path: whoever finds no file of the name makes one and locks that.
func (l *lock) stands(path string) bool {
	if l == nil {
		return false
	}
	if l.file == nil {
		return true
	}
	info, err := os.Lstat(filepath.Join(path, lockName))
	return err == nil && os.SameFile(info, l.info)
}

// release lets others in. A lock is unlocked, not just closed: a process that is
// being started may have inherited the descriptor for an instant.
func (l *lock) release() error {
	if l == nil || l.file == nil {
		return nil
	}
	l.file.Truncate(0)
	return errors.Join(unlockFile(l.file), l.file.Close())
}
