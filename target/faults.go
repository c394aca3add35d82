package target

import (
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// faultPause is how long no image must have failed to be saved for the next one
// saved to end the fault. Without it, a fault that some images meet and others
// don't would fill the log.
const faultPause = 10 * time.Second

// faults tells the log of the store's faults: once when one begins, and once when
// images are saved again, with how many it cost. The zero value is a store that
// works; it is safe for concurrent use.
type faults struct {
	lasts atomic.Bool

	mu      sync.Mutex
	begun   time.Duration
	latest  time.Duration
	refused uint64
}

// begin notes that an image was not saved.
func (f *faults) begin(log *slog.Logger, now time.Duration, cause error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.latest = now
	f.refused++
	if f.lasts.CompareAndSwap(false, true) {
		f.begun = now
		log.Error("images can't be saved", "cause", cause)
	}
}

// end notes that one was. It costs one atomic load while there is no fault.
func (f *faults) end(log *slog.Logger, now time.Duration) {
	if !f.lasts.Load() {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.lasts.Load() || now-f.latest < faultPause {
		return
	}
	log.Warn("images are saved again", "refused", f.refused, "lasted", f.latest-f.begun)
	f.lasts.Store(false)
	f.refused = 0
}
