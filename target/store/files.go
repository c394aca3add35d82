package store

import "context"

// files writes each image to a file of its own.
type files struct {
	folder *folder
}

var _ Store = (*files)(nil)

func (s *files) Session(id uint64) Saver {
	name := sessionName(s.folder.start, id)
	return &filesSaver{
		folder: s.folder,
		part:   partName(name),
		name:   []byte(name),
		last:   saved{session: id},
	}
}

func (s *files) Close() error { return s.folder.close() }

// Warnings returns what whoever starts the target should know.
func (s *files) Warnings() []string { return s.folder.warnings }

// filesSaver writes under one temporary name, which only this connection uses,
// and renames: a file that has its name is complete.
type filesSaver struct {
	folder *folder
	part   string
	name   []byte // what all names of this connection begin with
	last   saved
}

func (s *filesSaver) Save(ctx context.Context, image []byte) error {
	if err := s.folder.enter(ctx); err != nil {
		return err
	}
	defer s.folder.leave()
	s.last.sequence++
	s.last.size, s.last.extension = onDisk(int64(len(image))), extensionOf(image)
	if err := s.write(image); err != nil {
		return s.folder.failed(err)
	}
	s.folder.kept.add(s.last)
	return nil
}

// write leaves nothing behind after an error.
func (s *filesSaver) write(image []byte) error {
	dir := s.folder.dir
	if err := s.writePart(image); err != nil {
		dir.remove(s.part)
		return err
	}
	name := string(s.last.appendTo(s.name))
	if err := dir.rename(s.part, name); err != nil {
		dir.remove(s.part)
		return err
	}
	if s.folder.sync == SyncDir {
		if err := dir.sync(); err != nil {
			dir.remove(name)
			return err
		}
	}
	return nil
}

// writePart writes the temporary file. After an error it may be there, or what
// stood in its place.
func (s *filesSaver) writePart(image []byte) error {
	f, err := s.folder.dir.create(s.part)
	if err != nil {
		return err
	}
	err = f.write(image)
	if err == nil && s.folder.sync != SyncNever {
		err = f.sync()
	}
	if closeErr := f.close(); err == nil {
		err = closeErr
	}
	return err
}

func (s *filesSaver) Close() error { return nil }
