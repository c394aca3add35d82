package store

import (
	"errors"
	"io/fs"
	"sync"
	"sync/atomic"
	"time"
)

// checkEvery is how long the answer to "can images be saved" holds.
const checkEvery = time.Second

// watch remembers whether images can be saved. It looks at most once a second;
// the images in between find the answer in an atomic. It is safe for concurrent
// use.
type watch struct {
	look    func() error
	looking sync.Mutex
	looked  atomic.Int64 // Unix nanoseconds; 0: the answer is out of date
	fault   atomic.Pointer[error]
}

// check returns what look said last, or says now. Nobody waits for another's
// look: until it ends the last answer holds.
func (w *watch) check(now time.Time) error {
	if now.UnixNano()-w.looked.Load() >= int64(checkEvery) && w.looking.TryLock() {
		w.again(now)
		w.looking.Unlock()
	}
	if fault := w.fault.Load(); fault != nil {
		return *fault
	}
	return nil
}

func (w *watch) again(now time.Time) {
	w.looked.Store(now.UnixNano())
	err := w.look()
	if err == nil {
		w.fault.Store(nil)
		return
	}
	w.fault.Store(&err)
	w.note(err)
}

// note takes notice of an error, look's own or one that came up in between:
// when the folder is gone, or a write found the disk full, the answer holds no
// longer, so that saving works again the moment it is back or there is room.
func (w *watch) note(err error) {
	if errors.Is(err, fs.ErrNotExist) || isFull(err) {
		w.looked.Store(0)
	}
}
