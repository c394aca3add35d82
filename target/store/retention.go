package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"sync/atomic"
)

// slackShare is the part of a bound by which it may be overshot before saving
// waits for removal to follow.
const slackShare = 8

// retention keeps a folder within its bounds: it remembers what is there,
// oldest first, and a goroutine of its own removes what is too much. It is safe
// for concurrent use; a nil retention has no bounds and remembers nothing.
type retention struct {
	images int   // at most; 0: any number
	bytes  int64 // at most; 0: any number

	// remove removes a file. While it is called, and until the file is taken
	// off the books, guard is held: reset must not come between.
	remove func(saved) error
	guard  sync.Locker

	full atomic.Bool // saving waits for room

	mu    sync.Mutex
	ended queue            // files that may be removed
	live  map[uint64]int64 // size of each file that is still overwritten, by session
	size  int64            // of all files
	room  chan struct{}    // closed when there is room or a fault; nil while nobody waits
	fault error            // why the oldest file was not removed, last time

	wake chan struct{}
	stop chan struct{}
	done chan struct{}
}

// newRetention returns nil for a Keep without bounds.
func newRetention(keep Keep, guard sync.Locker, remove func(saved) error) *retention {
	if keep.Images == 0 && keep.Bytes == 0 {
		return nil
	}
	return &retention{
		images: keep.Images,
		bytes:  keep.Bytes,
		remove: remove,
		guard:  guard,
		live:   map[uint64]int64{},
		wake:   make(chan struct{}, 1),
		stop:   make(chan struct{}),
		done:   make(chan struct{}),
	}
}

// start removes what is too much already and begins to watch; without an
// error, close must follow.
func (r *retention) start() error {
	if r == nil {
		return nil
	}
	if err := r.trim(); err != nil {
		return fmt.Errorf("remove the oldest images: %w", err)
	}
	go r.run()
	return nil
}

// close ends the watch and waits for it.
func (r *retention) close() {
	if r != nil {
		close(r.stop)
		<-r.done
	}
}

func (r *retention) run() {
	defer close(r.done)
	for {
		select {
		case <-r.stop:
			return
		case <-r.wake:
			_ = r.trim() // the fault is told to whoever needs room
		}
	}
}

// trim removes the oldest files until the rest is within the bounds.
func (r *retention) trim() error {
	for {
		select {
		case <-r.stop:
			return nil
		default:
		}
		if more, err := r.trimOne(); err != nil || !more {
			return err
		}
	}
}

// trimOne removes the oldest file if there is too much. One that can't be
// removed is put last, lest all others stay because of it.
func (r *retention) trimOne() (more bool, err error) {
	r.guard.Lock()
	defer r.guard.Unlock()
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.exceeds(0) {
		return false, nil
	}
	oldest := r.ended.oldest()
	r.mu.Unlock()
	err = r.remove(oldest)
	r.mu.Lock()
	r.ended.pop()
	if errors.Is(err, fs.ErrNotExist) {
		err = nil // somebody else removed it
	}
	if err != nil {
		r.ended.push(oldest)
	} else {
		r.size -= oldest.size
	}
	r.fault = err
	r.settle()
	return true, err
}

// exceeds tells whether there is more than may be, and a share of it on top,
// and something can be done about it: the newest image always stays.
func (r *retention) exceeds(share int) bool {
	count := r.ended.len + len(r.live)
	if r.ended.len == 0 || count == 1 {
		return false
	}
	images, bytes := r.images, r.bytes
	if share > 0 {
		images += images / share
		bytes += bytes / int64(share)
	}
	return r.images > 0 && count > images || r.bytes > 0 && r.size > bytes
}

// settle draws the consequences of a change.
func (r *retention) settle() {
	if r.fault == nil && r.exceeds(0) {
		r.alert()
	}
	full := r.exceeds(slackShare)
	r.full.Store(full)
	if r.room != nil && (!full || r.fault != nil) {
		close(r.room)
		r.room = nil
	}
}

// alert makes the goroutine look, at once or after what it is doing.
func (r *retention) alert() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// admit returns when there is room for another image. It waits while removal
// is behind, and returns its fault when it is stuck.
func (r *retention) admit(ctx context.Context) error {
	for r != nil && r.full.Load() {
		room, err := r.queueUp()
		if err != nil || room == nil {
			return err
		}
		select {
		case <-room:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// queueUp returns a channel that is closed when there is room, nil when there
// is already. After a fault it has removal tried again, for the next image.
func (r *retention) queueUp() (room <-chan struct{}, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.full.Load() {
		return nil, nil
	}
	if r.fault != nil {
		r.alert()
		return nil, fmt.Errorf("make room for an image: %w; let this user remove files there", r.fault)
	}
	if r.room == nil {
		r.room = make(chan struct{})
	}
	return r.room, nil
}

// add enters a file that is finished and may be removed.
func (r *retention) add(s saved) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ended.push(s)
	r.size += s.size
	r.settle()
}

// hold enters a file that its session overwrites, or its new size. It is not
// removed until it is released.
func (r *retention) hold(session uint64, size int64) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	before, held := r.live[session]
	if held && before == size {
		return
	}
	r.live[session] = size
	r.size += size - before
	r.settle()
}

// drop forgets the file that a session overwrote.
func (r *retention) drop(session uint64) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.size -= r.live[session]
	delete(r.live, session)
	r.settle()
}

// release enters the file that a session held as finished. A session whose file
// went with its folder holds none.
func (r *retention) release(s saved) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, held := r.live[s.session]; held {
		delete(r.live, s.session)
		r.ended.push(s)
		r.settle()
	}
}

// reset begins anew with what a folder holds. own tells which of it belongs to
// the sessions of this store: those that live go on.
func (r *retention) reset(files []saved, own func(saved) bool) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	before := r.live
	r.ended, r.live, r.size, r.fault = queue{}, map[uint64]int64{}, 0, nil
	for _, s := range files {
		r.size += s.size
		if _, lives := before[s.session]; lives && s.sequence == 0 && own(s) {
			r.live[s.session] = s.size
		} else {
			r.ended.push(s)
		}
	}
	r.settle()
}
