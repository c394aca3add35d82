package store

import (
	"errors"
	"io/fs"
	"testing"
	"time"
)

func TestWatchLooksOnceASecond(t *testing.T) {
	looks := 0
	var answer error
	w := watch{look: func() error { looks++; return answer }}
	start := time.Unix(1_800_000_000, 0)
	check := func(after time.Duration) error { return w.check(start.Add(after)) }
	for tenths := range 10 {
		check(time.Duration(tenths) * 100 * time.Millisecond)
	}
	if looks != 1 {
		t.Errorf("looked %d times within a second, want once", looks)
	}
	answer = ErrNoSpace
	if err := check(time.Second); !errors.Is(err, ErrNoSpace) {
		t.Errorf("on a disk that became full: got error %v, want %v", err, ErrNoSpace)
	}
	answer = nil
	if err := check(1500 * time.Millisecond); !errors.Is(err, ErrNoSpace) {
		t.Errorf("between two looks: got error %v, want the last answer", err)
	}
	if err := check(2 * time.Second); err != nil {
		t.Errorf("on a disk with room again: got error %v, want none", err)
	}
}

func TestWatchLooksForAFolderThatIsGoneEveryTime(t *testing.T) {
	answer := fs.ErrNotExist
	w := watch{look: func() error { return answer }}
	now := time.Unix(1_800_000_000, 0)
	if err := w.check(now); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without the folder: got error %v, want %v", err, fs.ErrNotExist)
	}
	answer = nil
	if err := w.check(now); err != nil {
		t.Errorf("the moment it is back: got error %v, want none", err)
	}
	answer = fs.ErrNotExist
	w.note(fs.ErrNotExist)
	if err := w.check(now); err == nil {
		t.Error("after an image failed for want of the folder: got the old answer, want another look")
	}
}

func TestWatchAsksOneAtATime(t *testing.T) {
	var w watch
	now := time.Unix(1_800_000_000, 0)
	w.look = func() error {
		if err := w.check(now.Add(time.Minute)); err != nil {
			t.Errorf("during another's look: got error %v, want the last answer, none", err)
		}
		return ErrNoSpace
	}
	if err := w.check(now); !errors.Is(err, ErrNoSpace) {
		t.Errorf("after the look: got error %v, want %v", err, ErrNoSpace)
	}
}
