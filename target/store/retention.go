package store

import (
	"context"
	"fmt"
	"iter"
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
	most   int64 // files that both allow

	// remove removes a file. While it is called, and until the file is taken
	// off the books, guard is held: reset must not come between.
	remove func(saved) error
	guard  sync.Locker

	full atomic.Bool // saving waits for room

	mu    sync.Mutex
	ended queue            // files that may be removed
	stuck queue            // files that may be, and could not, oldest try first
	live  map[uint64]int64 // size of each file that is still overwritten, by session
	size  int64            // of all files
	disk  ceiling          // of size
	room  chan struct{}    // closed when there is room or a fault; nil while nobody waits
	fault error            // why no file could be removed, last time

	wake chan struct{}
	stop chan struct{}
	done chan struct{}
}

// ceiling is a bound for bytes that the disk sets, and the slack it has. The zero
// ceiling is no bound.
type ceiling struct{ bytes, slack int64 }

// newRetention returns nil for a Keep without bounds.
func newRetention(keep Keep, guard sync.Locker, remove func(saved) error) *retention {
	if keep.Images == 0 && keep.Bytes == 0 {
		return nil
	}
	return &retention{
		images: keep.Images,
		bytes:  keep.Bytes,
		most:   keep.mostFiles(),
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

// retries is how many of the files that could not be removed are tried again in
// one go: there may be millions.
const retries = 1024

// trim removes the oldest files until the rest is within the bounds. Files that
// can't be removed are passed over; it fails when there are no others.
func (r *retention) trim() error {
	var last error // why the last file that was tried again stays
	for failed := 0; ; {
		select {
		case <-r.stop:
			return nil
		default:
		}
		more, again, err := r.trimOne(failed, last)
		if !more {
			return err
		}
		if again && err != nil {
			failed++
			last = err
		}
	}
}

// trimOne removes a file if there is too much, or finds out that it can't be
// removed. again tells that it could not before. When none is left to try, last
// becomes the fault of removal.
func (r *retention) trimOne(failed int, last error) (more, again bool, err error) {
	r.guard.Lock()
	defer r.guard.Unlock()
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.exceeds(0) {
		return false, false, nil
	}
	from := r.next(failed)
	if from == nil {
		r.fault = last
		r.settle()
		return false, false, last
	}
	oldest := from.oldest()
	r.mu.Unlock()
	err = r.remove(oldest)
	r.mu.Lock()
	from.pop()
	if gone(err) {
		err = nil
	}
	if err != nil {
		r.stuck.push(oldest)
	} else {
		r.size -= oldest.size
		r.fault = nil
	}
	r.settle()
	return true, from == &r.stuck, err
}

// next returns the queue that the next file to remove is in, nil when none is
// left to try. Files that could not be removed before are older than all others:
// the first of them says whether they can be now. All are tried again when there
// is nothing else.
func (r *retention) next(failed int) *queue {
	switch {
	case r.stuck.len > 0 && failed == 0:
		return &r.stuck
	case r.removable():
		return &r.ended
	case failed < min(r.stuck.len, retries):
		return &r.stuck
	}
	return nil
}

// removable tells whether a file may be removed that was not tried yet: the
// newest image always stays.
func (r *retention) removable() bool {
	return r.ended.len > 0 && r.ended.len+len(r.live) > 1
}

// exceeds tells whether there is more than may be, and a share of it on top,
// and something could be done about it: the newest image always stays.
func (r *retention) exceeds(share int) bool {
	ended := r.ended.len + r.stuck.len
	count := ended + len(r.live)
	if ended == 0 || count == 1 {
		return false
	}
	images, bytes, disk := r.images, r.bytes, r.disk.bytes
	if share > 0 {
		images += images / share
		bytes += bytes / int64(share)
		disk += r.disk.slack
	}
	return r.images > 0 && count > images || r.bytes > 0 && r.size > bytes || r.disk.bytes > 0 && r.size > disk
}

// fit makes the room on the disk a bound, so that removal follows saving before
// the disk is too full. It reports whether there is room, or will be. When the
// images that may be removed would not do, none is: something else has filled
// the disk.
func (r *retention) fit(room headroom) bool {
	left := room.left()
	if r == nil || !room.known {
		return left >= 0
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	spare := r.ended.size
	if r.ended.len > 0 && len(r.live) == 0 {
		spare -= r.ended.newest().size
	}
	enough := spare+left >= 0
	r.disk = ceiling{}
	if enough {
		r.disk = ceiling{bytes: r.size + left, slack: int64(room.need) / slackShare}
	}
	r.settle()
	return enough
}

// settle draws the consequences of a change.
func (r *retention) settle() {
	if r.removable() {
		r.fault = nil // there is another to try
	}
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

// overwritten tells whether a file of this store is one that a session holds.
func (r *retention) overwritten(s saved) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, lives := r.live[s.session]
	return lives && s.sequence == 0
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
func (r *retention) reset(files iter.Seq[saved], own func(saved) bool) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	before := r.live
	r.ended, r.stuck, r.live, r.size = queue{}, queue{}, map[uint64]int64{}, 0
	r.disk, r.fault = ceiling{}, nil
	for s := range files {
		r.size += s.size
		if _, lives := before[s.session]; lives && s.sequence == 0 && own(s) {
			r.live[s.session] = s.size
		} else {
			r.ended.push(s)
		}
	}
	r.settle()
}
