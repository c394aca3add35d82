package loadgen

import (
	"math"
	"sync/atomic"
	"time"
)

// window is the part of a block that is measured: from the last client's first
// reply to the planned stop. Before it opens some clients have not started,
// after it closes some have stopped, and the others run faster for it. It is
// safe for concurrent use.
type window struct {
	length  int64
	planned bool
	waiting atomic.Int64  // clients without a first reply
	opened  atomic.Int64  // instant; 0: not yet
	stop    atomic.Int64  // instant; MaxInt64: not known yet
	known   chan struct{} // closed when both are
}

func newWindow(clients int, length time.Duration) *window {
	w := &window{length: int64(length), known: make(chan struct{})}
	w.waiting.Store(int64(clients))
	w.stop.Store(math.MaxInt64)
	return w
}

// plannedWindow is known from the start, and lasts as long as planned even when
// nothing more is due.
func plannedWindow(from, stop int64) *window {
	w := &window{planned: true, known: make(chan struct{})}
	close(w.known)
	w.waiting.Store(math.MaxInt64)
	w.opened.Store(from)
	w.stop.Store(stop)
	return w
}

// arrive is called once a client, with its first reply or when it can get none.
func (w *window) arrive(now int64) {
	if w.waiting.Add(-1) != 0 {
		return
	}
	w.opened.Store(now)
	w.stop.CompareAndSwap(math.MaxInt64, now+w.length)
	close(w.known)
}

// cut ends the window now, if it would end later.
func (w *window) cut(now int64) {
	for {
		stop := w.stop.Load()
		if stop <= now || w.stop.CompareAndSwap(stop, now) {
			return
		}
	}
}

// over reports whether an image that is due then is no longer to be sent.
func (w *window) over(due int64) bool { return due >= w.stop.Load() }

// early reports whether an instant lies before the window.
func (w *window) early(at int64) bool {
	opened := w.opened.Load()
	return opened == 0 || at < opened
}

// holds reports whether an instant lies in the window.
func (w *window) holds(at int64) bool {
	opened := w.opened.Load()
	return opened != 0 && at >= opened && at < w.stop.Load()
}

// share returns the part of the stretch from → to that lies in the window, 0
// to 1, and whether the stretch began in it.
func (w *window) share(from, to int64) (share float64, began bool) {
	opened := w.opened.Load()
	if opened == 0 {
		return 0, false
	}
	stop := w.stop.Load()
	began = w.holds(from)
	if overlap := min(to, stop) - max(from, opened); overlap > 0 {
		share = float64(overlap) / float64(to-from)
	}
	return share, began
}

// seconds returns the window's length; 0 when it never opened.
func (w *window) seconds() float64 {
	opened := w.opened.Load()
	if opened == 0 {
		return 0
	}
	return max(0, time.Duration(w.stop.Load()-opened).Seconds())
}
