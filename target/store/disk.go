package store

import (
	"errors"
	"fmt"
)

// A disk is left with at least leastFree bytes and leastShare of it free.
const (
	leastFree  = 1_000_000_000
	leastShare = 0.05
)

// ErrNoSpace is the error of a disk with less free than a store leaves free, 1
// GB or 5 % of it, whichever is more; and of a disk, or a quota, that was used
// up in the middle of an image. Saving works again once there is room.
var ErrNoSpace = errors.New("no space left on the disk")

// freeSpace asks the system how many bytes may still be written at path, and
// the size of that disk. The error is errors.ErrUnsupported where it does not
// tell.
type freeSpace func(path string) (free, total uint64, err error)

// check returns ErrNoSpace, with figures, when the disk is too full to try.
func (ask freeSpace) check(path string) error {
	free, total, err := ask(path)
	if errors.Is(err, errors.ErrUnsupported) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("ask for free space in %s: %w", path, err)
	}
	if need := max(leastFree, uint64(leastShare*float64(total))); free < need {
		return fmt.Errorf("%w: %.1f GB free where %.1f GB must stay free", ErrNoSpace, float64(free)/1e9, float64(need)/1e9)
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
