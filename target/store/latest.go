package store

import (
	"context"
	"errors"
	"io/fs"
)

// latest keeps one file per connection and overwrites it in place: no name is
// made, no block allocated, an order of magnitude cheaper than a new file.
type latest struct {
	folder    *folder
	open      *openFiles
	transient bool // a file goes with its connection
}

var _ Store = (*latest)(nil)

func newLatest(f *folder, o options) *latest {
	s := &latest{folder: f, open: newOpenFiles(o.openFiles), transient: o.transient}
	// Files of a folder that is gone would swallow images.
	f.left = func() { s.open.close() }
	return s
}

func (s *latest) Session(id uint64) Saver {
	return &latestSaver{
		folder: s.folder,
		open:   s.open,
		gone:   s.transient,
		base:   []byte(sessionName(s.folder.start, id)),
		saved:  saved{session: id},
	}
}

// Warnings returns what whoever starts the target should know.
func (s *latest) Warnings() []string { return s.folder.warnings }

func (s *latest) Close() error { return errors.Join(s.open.close(), s.folder.close()) }

// latestSaver overwrites the file of one connection.
type latestSaver struct {
	folder *folder
	open   *openFiles
	file   openFile
	gone   bool   // Close removes the file
	base   []byte // what the file's name begins with

	saved saved // what the file holds
	named bool  // there is a file
	fresh bool  // its name is not known to be on the disk
}

func (s *latestSaver) Save(ctx context.Context, image []byte) error {
	if err := s.folder.enter(ctx); err != nil {
		return err
	}
	defer s.folder.leave()
	err := s.follow(extensionOf(image))
	if err == nil {
		err = s.overwrite(image)
	}
	if err != nil {
		s.forget() // it may be torn
		return s.folder.failed(err)
	}
	s.saved.size = onDisk(int64(len(image)))
	s.folder.kept.hold(s.saved.session, s.saved.size)
	return nil
}

// follow makes the name of the file follow the kind of its content.
func (s *latestSaver) follow(e extension) error {
	if s.named && s.saved.extension == e {
		return nil
	}
	s.saved.extension = e
	name := string(s.saved.appendTo(s.base))
	if s.named {
		// Windows renames no open file.
		if err := s.open.drop(&s.file); err != nil {
			return err
		}
		// A file that somebody has removed is made again.
		if err := s.folder.dir.rename(s.file.name, name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	s.file.name, s.named, s.fresh = name, true, true
	return nil
}

// overwrite truncates only when the image is shorter than the one before, for
// that costs as much as the write.
func (s *latestSaver) overwrite(image []byte) error {
	f, err := s.open.acquire(&s.file, s.folder.dir)
	if err != nil {
		return err
	}
	defer s.open.release(&s.file)
	size := int64(len(image))
	before := s.file.size
	s.file.size = size
	if err := f.write(image); err != nil {
		return err
	}
	if size < before {
		if err := f.truncate(size); err != nil {
			return err
		}
	}
	return s.sync(f, before == 0)
}

// sync puts on the disk what the store was asked to.
func (s *latestSaver) sync(f file, made bool) error {
	if s.folder.sync == SyncNever {
		return nil
	}
	if err := f.sync(); err != nil {
		return err
	}
	if s.folder.sync != SyncDir || !s.fresh && !made {
		return nil
	}
	if err := s.folder.dir.sync(); err != nil {
		return err
	}
	s.fresh = false
	return nil
}

// forget removes the file, unless it went with its folder.
func (s *latestSaver) forget() error {
	if !s.named {
		return nil
	}
	s.named = false
	s.folder.kept.drop(s.saved.session)
	err := s.open.drop(&s.file)
	s.file.made = false
	if gone := s.folder.dir.remove(s.file.name); !errors.Is(gone, fs.ErrNotExist) {
		err = errors.Join(err, gone)
	}
	return err
}

func (s *latestSaver) Close() error {
	s.folder.mu.RLock()
	defer s.folder.leave()
	if s.gone {
		return s.forget()
	}
	if s.named {
		s.folder.kept.release(s.saved)
	}
	return s.open.drop(&s.file)
}
