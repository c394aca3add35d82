package store

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// files writes each image to a file of its own.
type files struct {
	folder *folder
}

var _ Store = (*files)(nil)

func (s *files) Session(id uint64) Saver {
	name := s.folder.session(id)
	return &filesSaver{
		disk: s.folder.disk,
		part: filepath.Join(s.folder.path, partPrefix+name+partSuffix),
		name: []byte(filepath.Join(s.folder.path, name) + "-"),
	}
}

func (s *files) Close() error { return nil }

// filesSaver writes under one temporary name, which only this connection uses,
// and renames: a file that has its name is complete.
type filesSaver struct {
	disk  *disk
	part  string
	name  []byte // of the next file, up to the sequence number
	saved uint64
}

func (s *filesSaver) Save(ctx context.Context, image []byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := s.disk.checkNow(); err != nil {
		return err
	}
	if err := s.write(image); err != nil {
		os.Remove(s.part)
		return fmt.Errorf("save image: %w", err)
	}
	return nil
}

func (s *filesSaver) write(image []byte) error {
	f, err := os.OpenFile(s.part, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, fileMode)
	if err != nil {
		return err
	}
	_, err = f.Write(image)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	s.saved++
	name := append(strconv.AppendUint(s.name, s.saved, 10), '.')
	return os.Rename(s.part, string(append(name, extension(image)...)))
}

func (s *filesSaver) Close() error { return nil }
