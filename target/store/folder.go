package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

const (
	folderMode = 0o700
	fileMode   = 0o600
)

// folder is where files go. Its path may come to name another folder, or none,
// while the store is open: look finds out, and then everything begins anew.
type folder struct {
	path  string
	alone bool // no other store comes here: nothing is locked
	sys   system
	sync  Sync
	kept  *retention
	watch watch
	// left is called when the folder is another one: no file of the old one
	// may stay open.
	left func()

	warnings []string

	start string // what all names of this store begin with

	// mu is held for reading by whoever works in the folder, for writing while
	// it is exchanged.
	mu     sync.RWMutex
	dir    *directory
	lock   *lock    // nil: the folder may be another's
	starts []string // that records of files refer to; the first is our own
}

// openFolder makes the folder if need be and finds out that it can be used.
func openFolder(path string, keep Keep, alone bool, sys system) (*folder, error) {
	if path == "" {
		return nil, errors.New("no folder named to save images in")
	}
	if keep.Sync == SyncDir && !canSyncFolders {
		return nil, fmt.Errorf("sync %s: this system can't sync folders: choose %s", SyncDir, SyncFile)
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("find the folder for images: %w", err)
	}
	var syncParent func(string) error
	if keep.Sync == SyncDir {
		syncParent = sys.syncFolder
	}
	if err := makeFolder(path, syncParent); err != nil {
		return nil, err
	}
	f := &folder{
		path:  path,
		alone: alone,
		sys:   sys,
		sync:  cmp.Or(keep.Sync, SyncNever),
		start: startName(time.Now()),
	}
	f.watch.look = f.look
	f.kept = newRetention(keep, f.mu.RLocker(), f.remove)
	if err := f.begin(); err != nil {
		return nil, err
	}
	if err := f.ready(keep); err != nil {
		return nil, errors.Join(err, f.lock.release(), f.dir.close())
	}
	return f, nil
}

// ready finds no fault with the folder and starts to keep it within bounds.
func (f *folder) ready(keep Keep) error {
	if err := f.watch.check(time.Now()); err != nil {
		return err
	}
	if sentence, warn := warnOfMode(f.path, f.dir.info.Mode()); warn {
		f.warnings = append(f.warnings, sentence)
	}
	if f.lock.file == nil && !f.alone {
		f.warnings = append(f.warnings, warnOfLock(f.path))
	}
	room, err := f.sys.space.measure(f.path)
	if err != nil {
		return err
	}
	if f.kept != nil {
		if sentence, warn := warnOfBound(keep.Bytes, f.kept.size, room); warn {
			f.warnings = append(f.warnings, sentence)
		}
	}
	return f.kept.start()
}

// close gives up the folder; nobody may be at work in it.
func (f *folder) close() error {
	f.kept.close()
	return errors.Join(f.lock.release(), f.dir.close())
}

// enter admits whoever wants to save an image; without an error, leave must
// follow.
func (f *folder) enter(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := f.kept.admit(ctx); err != nil {
		return err
	}
	if err := f.watch.check(time.Now()); err != nil {
		return err
	}
	f.mu.RLock()
	return nil
}

func (f *folder) leave() { f.mu.RUnlock() }

// failed makes the error of an image that was not saved.
func (f *folder) failed(err error) error {
	f.watch.note(err)
	return saveFault(err)
}

// remove removes a finished file. The caller holds mu.
func (f *folder) remove(s saved) error {
	if f.lock == nil {
		return ErrInUse // by others, whose file it may be
	}
	return f.dir.remove(s.name(f.starts[s.start]))
}

// begin opens the folder that the path names, locks it, tries it, and takes
// stock of it. No lock may be held; after an error none is, and all else is as
// before.
func (f *folder) begin() error {
	dir, err := openDirectory(f.path)
	if err != nil {
		return fmt.Errorf("open the folder for images: %w", err)
	}
	lock, err := f.claim(dir)
	if err != nil {
		return errors.Join(err, dir.close())
	}
	before := f.dir
	f.dir, f.lock = dir, lock
	err = f.try()
	if err == nil {
		err = f.survey()
	}
	if err != nil {
		f.dir, f.lock = before, nil
		return errors.Join(err, lock.release(), dir.close())
	}
	if before != nil {
		before.close() // it was only read
	}
	return nil
}

// claim locks dir, if others could come there and the file system has locks.
func (f *folder) claim(dir *directory) (*lock, error) {
	if f.alone {
		return &lock{}, nil
	}
	l, err := takeLock(dir, f.path, f.sys.lock)
	if errors.Is(err, errors.ErrUnsupported) {
		err = nil
	}
	return l, err
}

// try writes and removes a file.
func (f *folder) try() error {
	name := partName(f.start)
	file, err := f.dir.create(name)
	if err != nil {
		return fmt.Errorf("write into the folder for images: %w", err)
	}
	if err := errors.Join(file.close(), f.dir.remove(name)); err != nil {
		return fmt.Errorf("remove from the folder for images: %w", err)
	}
	return nil
}

// survey removes what an earlier run began to write and did not finish, and,
// where there are bounds, counts what it finished.
func (f *folder) survey() error {
	folder, err := os.Open(f.path)
	if err != nil {
		return fmt.Errorf("look into the folder for images: %w", err)
	}
	defer folder.Close()
	stock := newCensus(f.start)
	for {
		// In pieces: there may be millions.
		entries, err := folder.ReadDir(chunkLength)
		for _, e := range entries {
			switch {
			case isPart(e.Name()) && e.Type().IsRegular():
				if err := f.dir.remove(e.Name()); err != nil && !errors.Is(err, fs.ErrNotExist) {
					return fmt.Errorf("remove an unfinished image: %w", err)
				}
			case f.kept != nil:
				if err := stock.add(e); err != nil {
					return err
				}
				f.thin(stock)
			}
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return fmt.Errorf("look into the folder for images: %w", err)
		}
	}
	f.starts = stock.starts
	f.kept.reset(stock.oldestFirst(), own)
	return nil
}

// own tells whether a file is of this store, not of an earlier one.
func own(s saved) bool { return s.start == 0 }

// thin removes what a census finds to be too much before it has seen all.
func (f *folder) thin(stock *census) {
	for _, s := range stock.surplus(f.kept.most) {
		if own(s) && f.kept.overwritten(s) || !gone(f.dir.remove(s.name(stock.starts[s.start]))) {
			stock.keep(s)
		}
	}
}

// gone tells whether a removal left no file.
func gone(err error) bool { return err == nil || errors.Is(err, fs.ErrNotExist) }

// look finds out whether images can be saved: that the path still names the
// folder that is open and ours, and that there is room or can be made.
func (f *folder) look() error {
	info, err := os.Stat(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the folder for images is gone: %w; make it again and saving goes on", err)
	}
	if err != nil {
		return fmt.Errorf("find the folder for images: %w", err)
	}
	f.mu.RLock()
	same := os.SameFile(info, f.dir.info) && f.lock.stands(f.path)
	f.mu.RUnlock()
	if !same {
		if err := f.exchange(); err != nil {
			return err
		}
	}
	room, err := f.sys.space.measure(f.path)
	if err != nil || f.kept.fit(room) {
		return err
	}
	return room.check()
}

// exchange goes over to the folder that has come to be at the path. It may be
// the same one, when somebody removed the file that was locked.
func (f *folder) exchange() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.left != nil {
		f.left()
	}
	f.lock.release()
	f.lock = nil
	return f.begin()
}
