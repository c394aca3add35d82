package store

import (
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// A disk is left with at least leastFree bytes and leastShare of it free.
const (
	leastFree  = 1_000_000_000
	leastShare = 0.05
)

// checkEvery is how long the answer to "how much is free" holds.
const checkEvery = time.Second

// ErrNoSpace is the error of a disk with less free than a store leaves free:
// 1 GB or 5 % of it, whichever is more.
var ErrNoSpace = errors.New("too little space left on the disk")

// disk watches how much room there is where the images go. It asks the system
// at most once a second; the images in between find the answer in an atomic.
// Where the system isn't known (see free) it finds no fault.
type disk struct {
	path  string
	free  func(path string) (free, total uint64, err error) // nil: the system's
	asked atomic.Int64                                      // Unix nanoseconds
	fault atomic.Pointer[error]
}

// checkNow returns ErrNoSpace, with figures, or that the folder is gone.
func (d *disk) checkNow() error { return d.check(time.Now()) }

func (d *disk) check(now time.Time) error {
	last := d.asked.Load()
	if now.UnixNano()-last >= int64(checkEvery) && d.asked.CompareAndSwap(last, now.UnixNano()) {
		d.ask()
	}
	if fault := d.fault.Load(); fault != nil {
		return *fault
	}
	return nil
}

func (d *disk) ask() {
	ask := d.free
	if ask == nil {
		ask = freeSpace
	}
	free, total, err := ask(d.path)
	if errors.Is(err, errors.ErrUnsupported) {
		return
	}
	if err != nil {
		err = fmt.Errorf("ask for free space in %s: %w", d.path, err)
		d.fault.Store(&err)
		return
	}
	if need := max(leastFree, uint64(leastShare*float64(total))); free < need {
		err := fmt.Errorf("%w: %.1f GB free where %.1f GB must stay free", ErrNoSpace, float64(free)/1e9, float64(need)/1e9)
		d.fault.Store(&err)
		return
	}
	d.fault.Store(nil)
}
