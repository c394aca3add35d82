package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// latest keeps one file per connection and overwrites it in place: no name is
// made, no block allocated, an order of magnitude cheaper than a new file.
type latest struct {
	folder    *folder
	open      *openFiles
	transient bool // a file goes with its connection
}

var _ Store = (*latest)(nil)

func (s *latest) Session(id uint64) Saver {
	return &latestSaver{
		disk: s.folder.disk,
		open: s.open,
		gone: s.transient,
		base: filepath.Join(s.folder.path, s.folder.session(id)) + ".",
	}
}

func (s *latest) Close() error { return s.open.close() }

// latestSaver overwrites the file of one connection.
type latestSaver struct {
	disk *disk
	open *openFiles
	file openFile
	gone bool // Close removes the file

	base      string // path of the file, up to the extension
	extension string // empty before the first image
	size      int    // of the file
}

func (s *latestSaver) Save(ctx context.Context, image []byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := s.disk.checkNow(); err != nil {
		return err
	}
	if err := s.follow(extension(image)); err != nil {
		return fmt.Errorf("name image: %w", err)
	}
	if err := s.overwrite(image); err != nil {
		s.open.drop(&s.file)
		os.Remove(s.file.path) // torn
		return fmt.Errorf("save image: %w", err)
	}
	return nil
}

// follow makes the name of the file follow the kind of its content.
func (s *latestSaver) follow(extension string) error {
	if s.extension == extension {
		return nil
	}
	if s.extension != "" {
		// Windows renames no open file.
		if err := s.open.drop(&s.file); err != nil {
			return err
		}
		if err := os.Rename(s.file.path, s.base+extension); err != nil {
			return err
		}
	}
	s.extension = extension
	s.file.path = s.base + extension
	return nil
}

// overwrite truncates only when the image is shorter than the one before, for
// that costs as much as the write.
func (s *latestSaver) overwrite(image []byte) error {
	f, err := s.open.acquire(&s.file)
	if err != nil {
		return err
	}
	defer s.open.release(&s.file)
	if _, err := f.WriteAt(image, 0); err != nil {
		return err
	}
	if len(image) < s.size {
		if err := f.Truncate(int64(len(image))); err != nil {
			return err
		}
	}
	s.size = len(image)
	return nil
}

func (s *latestSaver) Close() error {
	err := s.open.drop(&s.file)
	if s.gone && s.extension != "" {
		err = errors.Join(err, os.Remove(s.file.path))
	}
	return err
}
