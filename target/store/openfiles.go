package store

import (
	"container/list"
	"sync"
)

// openFiles keeps the files that were written last open, at most limit of
// them. It is safe for concurrent use.
type openFiles struct {
	limit int

	mu    sync.Mutex
	freed sync.Cond // signalled when a file is no longer busy
	used  list.List // of *openFile, the one used last in front
}

// openFile is a file that may be open. Its fields belong to openFiles, but for
// two that belong to its owner.
type openFile struct {
	name string // set before the first acquire
	size int64  // found out when the file is opened, kept true by the owner from then on

	file file
	open bool          // file may be used
	made bool          // by us: from then on it is opened again, not created
	at   *list.Element // in used; nil when not there
	busy bool          // acquired and not yet released
}

func newOpenFiles(limit int) *openFiles {
	o := &openFiles{limit: limit}
	o.freed.L = &o.mu
	return o
}

// acquire opens the file in dir for writing, or finds it open, and keeps it open
// until release. The first time there must be none of its name. It waits while as many files as may be open are busy.
func (o *openFiles) acquire(f *openFile, dir *directory) (file, error) {
	victim, there := o.reserve(f)
	if victim != nil {
		// Its content is in the kernel's hands; nothing is lost with it.
		victim.close()
	}
	if there {
		return f.file, nil
	}
	open := dir.create
	if f.made {
		open = dir.open
	}
	opened, err := open(f.name)
	if err != nil {
		o.drop(f)
		return file{}, err
	}
	f.file, f.open, f.made = opened, true, true
	if f.size, err = opened.size(); err != nil {
		o.drop(f)
		return file{}, err
	}
	return opened, nil
}

// reserve moves f to the front and marks it busy. It returns the file that has
// to be closed for that, if any, and whether f is open already.
func (o *openFiles) reserve(f *openFile) (victim *file, there bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if f.at != nil {
		o.used.MoveToFront(f.at)
		f.busy = true
		return nil, true
	}
	for o.used.Len() >= o.limit {
		if idle := o.idlest(); idle != nil {
			victim = o.forget(idle)
			break
		}
		o.freed.Wait()
	}
	f.at = o.used.PushFront(f)
	f.busy = true
	return victim, false
}

// idlest returns the file whose last use is longest ago, nil when all are busy.
func (o *openFiles) idlest() *openFile {
	for e := o.used.Back(); e != nil; e = e.Prev() {
		if f := e.Value.(*openFile); !f.busy {
			return f
		}
	}
	return nil
}

// forget takes f off the list and returns the file to close, if it is open.
func (o *openFiles) forget(f *openFile) *file {
	var toClose *file
	if f.open {
		opened := f.file
		toClose = &opened
	}
	o.used.Remove(f.at)
	f.file, f.open, f.at, f.busy = file{}, false, nil, false
	o.freed.Signal()
	return toClose
}

// release ends what acquire began.
func (o *openFiles) release(f *openFile) {
	o.mu.Lock()
	defer o.mu.Unlock()
	f.busy = false
	o.freed.Signal()
}

// drop closes f if it is open.
func (o *openFiles) drop(f *openFile) error {
	o.mu.Lock()
	var opened *file
	if f.at != nil {
		opened = o.forget(f)
	}
	o.mu.Unlock()
	if opened == nil {
		return nil
	}
	return opened.close()
}

// close closes all files.
func (o *openFiles) close() error {
	var first error
	for {
		o.mu.Lock()
		back := o.used.Back()
		o.mu.Unlock()
		if back == nil {
			return first
		}
		if err := o.drop(back.Value.(*openFile)); first == nil {
			first = err
		}
	}
}
