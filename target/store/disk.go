package store

import (
	"errors"
	"fmt"
	"math"
)

// A disk is left with at least leastFree bytes and leastShare of it free.
const (
	leastFree  = 1_000_000_000
	leastShare = 0.05
)

// blockBytes is what disks give out space in: a file of one byte takes as much.
const blockBytes = 4096

// onDisk returns how many bytes a file of this length takes on the disk: whole
// blocks, and one even when it is empty, for its name and its inode take room too.
func onDisk(length int64) int64 {
	return max(1, (length+blockBytes-1)/blockBytes) * blockBytes
}

// ErrNoSpace is the error of a disk with less free than a store leaves free, 1
// GB or 5 % of it, whichever is more; and of a disk, or a quota, that was used
// up in the middle of an image. Saving works again once there is room.
var ErrNoSpace = errors.New("no space left on the disk")

// freeSpace asks the system how many bytes may still be written at path, and
// the size of that disk. The error is errors.ErrUnsupported where it does not
// tell.
type freeSpace func(path string) (free, total uint64, err error)

// measure finds out how full the disk is.
func (ask freeSpace) measure(path string) (headroom, error) {
	free, total, err := ask(path)
	if errors.Is(err, errors.ErrUnsupported) {
		return headroom{}, nil
	}
	if err != nil {
		return headroom{}, fmt.Errorf("ask for free space in %s: %w", path, err)
	}
	return headroom{free: free, need: max(leastFree, uint64(leastShare*float64(total))), known: true}, nil
}

// headroom is how many bytes of a disk are free, and how many must stay so. In
// the zero headroom that is not known.
type headroom struct {
	free, need uint64
	known      bool
}

// left returns how many bytes may be written, negative when the disk is too
// full already.
func (h headroom) left() int64 {
	if !h.known {
		return math.MaxInt64
	}
	return int64(min(h.free, math.MaxInt64)) - int64(min(h.need, math.MaxInt64))
}

// check returns ErrNoSpace, with figures, when the disk is too full to try.
func (h headroom) check() error {
	if h.left() < 0 {
		return fmt.Errorf("%w: %.1f GB free where %.1f GB must stay free", ErrNoSpace, float64(h.free)/1e9, float64(h.need)/1e9)
	}
	return nil
}

// usedUp is ErrNoSpace as a write found it out.
type usedUp struct{ cause error }

func (usedUp) Error() string     { return ErrNoSpace.Error() }
func (e usedUp) Unwrap() []error { return []error{ErrNoSpace, e.cause} }

// saveFault says what was being done when err came up, unless it is that the
// disk is full: then there is nothing to add, and the words go to clients.
func saveFault(err error) error {
	if isFull(err) {
		return usedUp{err}
	}
	return fmt.Errorf("save image: %w", err)
}
