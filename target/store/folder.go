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
	space freeSpace
	sync  Sync
	kept  *retention
	watch watch
	// left is called when the folder is another one: no file of the old one
	// may stay open.
	left func()

	start string // what all names of this store begin with

	// mu is held for reading by whoever works in the folder, for writing while
	// it is exchanged.
	mu     sync.RWMutex
	dir    *directory
	starts []string // that records of files refer to; the first is our own
}

// openFolder makes the folder if need be and finds out that it can be used.
func openFolder(path string, keep Keep, space freeSpace) (*folder, error) {
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
	if err := os.MkdirAll(path, folderMode); err != nil {
		return nil, fmt.Errorf("make the folder for images: %w", err)
	}
	f := &folder{
		path:  path,
		space: space,
		sync:  cmp.Or(keep.Sync, SyncNever),
		start: startName(time.Now()),
	}
	f.watch.look = f.look
	f.kept = newRetention(keep, f.mu.RLocker(), f.remove)
	if err := f.begin(); err != nil {
		return nil, err
	}
	if err := f.ready(); err != nil {
		return nil, errors.Join(err, f.dir.close())
	}
	return f, nil
}

// ready finds no fault with the folder and starts to keep it within bounds.
func (f *folder) ready() error {
	if err := f.watch.check(time.Now()); err != nil {
		return err
	}
	return f.kept.start()
}

// close gives up the folder; nobody may be at work in it.
func (f *folder) close() error {
	f.kept.close()
	return f.dir.close()
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
func (f *folder) remove(s saved) error { return f.dir.remove(s.name(f.starts[s.start])) }

// begin opens the folder that the path names, tries it, and takes stock of it.
// After an error all is as before.
func (f *folder) begin() error {
	dir, err := openDirectory(f.path)
	if err != nil {
		return fmt.Errorf("open the folder for images: %w", err)
	}
	before := f.dir
	f.dir = dir
	err = f.try()
	if err == nil {
		err = f.survey()
	}
	if err != nil {
		f.dir = before
		return errors.Join(err, dir.close())
	}
	if before != nil {
		before.close() // it was only read
	}
	return nil
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
			case isPart(e.Name()):
				if err := f.dir.remove(e.Name()); err != nil && !errors.Is(err, fs.ErrNotExist) {
					return fmt.Errorf("remove an unfinished image: %w", err)
				}
			case f.kept != nil:
				if err := stock.add(e); err != nil {
					return err
				}
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
	f.kept.reset(stock.oldestFirst(), func(s saved) bool { return s.start == 0 })
	return nil
}

// look finds out whether images can be saved: that the path still names the
// folder that is open, and that there is room.
func (f *folder) look() error {
	info, err := os.Stat(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the folder for images is gone: %w; make it again and saving goes on", err)
	}
	if err != nil {
		return fmt.Errorf("find the folder for images: %w", err)
	}
	f.mu.RLock()
	same := os.SameFile(info, f.dir.info)
	f.mu.RUnlock()
	if !same {
		if err := f.exchange(); err != nil {
			return err
		}
	}
	return f.space.check(f.path)
}

// exchange goes over to the folder that has come to be at the path.
func (f *folder) exchange() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.left != nil {
		f.left()
	}
	return f.begin()
}
