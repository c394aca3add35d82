package store

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
)

// disposal stands in for the folder that files are removed from.
type disposal struct {
	mu      sync.Mutex
	removed []uint64 // sequence numbers
	fail    func(saved) error
	gate    chan struct{} // each removal takes one, unless nil
}

func (d *disposal) remove(s saved) error {
	if d.gate != nil {
		<-d.gate
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.fail != nil {
		if err := d.fail(s); err != nil {
			return err
		}
	}
	d.removed = append(d.removed, s.sequence)
	return nil
}

func (d *disposal) expect(t *testing.T, when string, want ...uint64) {
	t.Helper()
	synctest.Wait()
	d.mu.Lock()
	defer d.mu.Unlock()
	if !slices.Equal(d.removed, want) {
		t.Errorf("%s: removed %v, want %v", when, d.removed, want)
	}
}

func startRetention(t *testing.T, keep Keep, d *disposal) *retention {
	t.Helper()
	r := newRetention(keep, &sync.Mutex{}, d.remove)
	if err := r.start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.close)
	return r
}

func addAll(r *retention, size int64, sequences ...uint64) {
	for _, n := range sequences {
		r.add(saved{sequence: n, size: size})
	}
}

func TestRetentionRemovesTheOldest(t *testing.T) {
	for _, tc := range []struct {
		name  string
		keep  Keep
		sizes []int64
		want  []uint64
	}{
		{"nothing within the bound", Keep{Images: 3}, []int64{1, 1, 1}, nil},
		{"by number", Keep{Images: 2}, []int64{1, 1, 1, 1}, []uint64{1, 2}},
		{"down to one", Keep{Images: 1}, []int64{1, 1}, []uint64{1}},
		{"by size", Keep{Bytes: 100}, []int64{50, 50, 50}, []uint64{1}},
		{"several small ones for a large one", Keep{Bytes: 100}, []int64{30, 30, 30, 90}, []uint64{1, 2, 3}},
		{"by what is exceeded first", Keep{Images: 3, Bytes: 100}, []int64{10, 10, 10, 10, 80}, []uint64{1, 2}},
		{"never the newest", Keep{Bytes: 100}, []int64{10, 500}, []uint64{1}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var d disposal
				r := startRetention(t, tc.keep, &d)
				for i, size := range tc.sizes {
					addAll(r, size, uint64(i+1))
				}
				d.expect(t, "all saved", tc.want...)
			})
		})
	}
}

func TestRetentionSparesFilesThatAreOverwritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d disposal
		r := startRetention(t, Keep{Images: 2, Bytes: 100}, &d)
		for session := range uint64(5) {
			r.hold(session, 50)
		}
		d.expect(t, "five connections live")
		if err := r.admit(t.Context()); err != nil {
			t.Errorf("nothing can be removed: got error %v, want that saving goes on", err)
		}
		for session := range uint64(4) {
			r.release(saved{session: session, sequence: session + 10, size: 50})
		}
		d.expect(t, "four ended", 10, 11, 12)
		r.hold(4, 90)
		d.expect(t, "the last grew", 10, 11, 12, 13)
		r.drop(4)
		r.release(saved{session: 4, size: 90})
		if got := r.size; got != 0 {
			t.Errorf("all gone: got %d bytes on the books, want 0", got)
		}
	})
}

func TestSavingWaitsForRemovalToFollow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := disposal{gate: make(chan struct{})}
		r := startRetention(t, Keep{Images: 16}, &d)
		saved := 0
		go func() {
			for ; saved < 30; saved++ {
				if err := r.admit(t.Context()); err != nil {
					t.Error(err)
					return
				}
				addAll(r, 1, uint64(saved))
			}
		}()
		synctest.Wait()
		// An eighth more than 16, and the one that was admitted when it was full.
		if saved != 19 {
			t.Errorf("got %d images saved while removal stands still, want 19", saved)
		}
		d.gate <- struct{}{}
		synctest.Wait()
		if saved != 20 {
			t.Errorf("got %d images saved after one removal, want 20", saved)
		}
		close(d.gate)
		synctest.Wait()
		if got := r.ended.len; saved != 30 || got != 16 {
			t.Errorf("got %d images saved and %d kept, want 30 and 16", saved, got)
		}
	})
}

func TestWaitingForRoomEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := disposal{gate: make(chan struct{})}
		r := startRetention(t, Keep{Images: 1}, &d)
		addAll(r, 1, 1, 2, 3)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := r.admit(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("got error %v, want %v", err, context.Canceled)
		}
		close(d.gate)
	})
}

func TestRemovalThatIsStuckFailsTheSave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stuck := true
		d := disposal{fail: func(saved) error {
			if stuck {
				return fs.ErrPermission
			}
			return nil
		}}
		r := startRetention(t, Keep{Images: 1}, &d)
		addAll(r, 1, 1, 2, 3)
		synctest.Wait()
		for range 2 {
			if err := r.admit(t.Context()); !errors.Is(err, fs.ErrPermission) {
				t.Errorf("got error %v, want %v", err, fs.ErrPermission)
			}
			synctest.Wait()
		}
		d.mu.Lock()
		stuck = false
		d.mu.Unlock()
		r.admit(t.Context()) // has it tried again
		synctest.Wait()
		if err := r.admit(t.Context()); err != nil || r.ended.len != 1 {
			t.Errorf("once files can be removed: got %v and %d files, want no error and 1", err, r.ended.len)
		}
	})
}

func TestRemovalThatGetsStuckEndsTheWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := disposal{
			gate: make(chan struct{}),
			fail: func(saved) error { return fs.ErrPermission },
		}
		r := startRetention(t, Keep{Images: 1}, &d)
		addAll(r, 1, 1, 2, 3)
		waited := make(chan error, 1)
		go func() { waited <- r.admit(t.Context()) }()
		synctest.Wait()
		close(d.gate)
		synctest.Wait()
		select {
		case err := <-waited:
			if !errors.Is(err, fs.ErrPermission) {
				t.Errorf("got error %v, want %v", err, fs.ErrPermission)
			}
		default:
			t.Error("still waiting")
		}
		d.mu.Lock()
		d.fail = nil // lets a wait that never ends end
		d.mu.Unlock()
		r.alert()
	})
}

func TestAFileThatStaysDoesNotKeepTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := disposal{fail: func(s saved) error {
			if s.sequence == 1 {
				return fs.ErrPermission
			}
			return nil
		}}
		r := startRetention(t, Keep{Images: 10}, &d)
		addAll(r, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
		for n := uint64(11); n <= 14; n++ {
			addAll(r, 1, n)
			synctest.Wait()
			if err := r.admit(t.Context()); err != nil {
				t.Errorf("image %d: got error %v", n, err)
			}
			r.alert() // as the next save would
			synctest.Wait()
		}
		d.expect(t, "with one file that stays", 2, 3, 4, 5)
	})
}

func TestFilesThatAreGoneCountAsRemoved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := disposal{fail: func(saved) error { return fs.ErrNotExist }}
		r := startRetention(t, Keep{Images: 1}, &d)
		addAll(r, 1, 1, 2, 3)
		synctest.Wait()
		if r.ended.len != 1 || r.size != 1 {
			t.Errorf("got %d files of %d bytes on the books, want 1 of 1", r.ended.len, r.size)
		}
	})
}

func TestResetBeginsAnewWithWhatIsThere(t *testing.T) {
	r := newRetention(Keep{Images: 10}, &sync.Mutex{}, (&disposal{}).remove)
	addAll(r, 7, 1, 2, 3)
	r.hold(4, 100)
	r.hold(5, 100)
	r.reset(slices.Values([]saved{
		{session: 4, size: 1},                         // lives
		{session: 6, size: 2},                         // ended
		{session: 4, size: 4, start: 1},               // of another start
		{session: 5, size: 8, sequence: 1},            // of the other kind
		{session: 9, size: 16, sequence: 1, start: 2}, // of an earlier run
	}), own)
	if got, want := r.ended.len, 4; got != want {
		t.Errorf("got %d files to remove, want %d", got, want)
	}
	if got := r.live; len(got) != 1 || got[4] != 1 {
		t.Errorf("got the live files %v, want that of session 4", got)
	}
	if r.size != 31 {
		t.Errorf("got %d bytes, want 31", r.size)
	}
	r.release(saved{session: 5, size: 100})
	if r.size != 31 || r.ended.len != 4 {
		t.Errorf("after the end of a session whose file is gone: got %d bytes, want 31", r.size)
	}
}

func TestFilesThatStayCostNoImage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stay := map[uint64]bool{1: true, 2: true, 3: true}
		d := disposal{fail: func(s saved) error {
			if stay[s.sequence] {
				return fs.ErrPermission
			}
			return nil
		}}
		r := startRetention(t, Keep{Images: 16}, &d)
		for n := range uint64(60) {
			if err := r.admit(t.Context()); err != nil {
				t.Errorf("image %d: got error %v", n+1, err)
			}
			addAll(r, 1, n+1)
			synctest.Wait()
			if got := r.ended.len + r.stuck.len; got > 16 {
				t.Errorf("image %d: got %d files, want at most 16", n+1, got)
			}
		}
		d.mu.Lock()
		clear(stay)
		d.removed = nil
		d.mu.Unlock()
		addAll(r, 1, 61, 62, 63)
		synctest.Wait()
		slices.Sort(d.removed)
		d.expect(t, "when all can be removed again", 1, 2, 3)
	})
}

func TestTheNewestStaysWhenNoOtherCanBeRemoved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := disposal{fail: func(s saved) error {
			if s.sequence <= 16 {
				return fs.ErrPermission
			}
			return nil
		}}
		r := startRetention(t, Keep{Images: 16}, &d)
		for n := range uint64(20) {
			if err := r.admit(t.Context()); err != nil {
				t.Errorf("image %d: got error %v", n+1, err)
			}
			addAll(r, 1, n+1)
			synctest.Wait()
		}
		d.expect(t, "sixteen stay", 17, 18, 19)
	})
}

func TestADiskThatGetsFullIsABound(t *testing.T) {
	room := func(left int64) headroom { return headroom{free: uint64(1000 + left), need: 1000, known: true} }
	synctest.Test(t, func(t *testing.T) {
		var d disposal
		r := startRetention(t, Keep{Images: 100}, &d)
		addAll(r, 10, 1, 2, 3, 4)
		if !r.fit(room(5)) {
			t.Error("5 bytes left: got that there is no room")
		}
		d.expect(t, "5 bytes left")
		addAll(r, 10, 5)
		d.expect(t, "5 bytes left and 10 more saved", 1)
		if !r.fit(room(-11)) {
			t.Error("11 bytes too few of 40: got that there is no room")
		}
		d.expect(t, "11 bytes too few", 1, 2, 3)
		if r.fit(room(-11)) {
			t.Error("11 bytes too few of 20, the newest stays: got that there is room")
		}
		d.expect(t, "when removal is not enough", 1, 2, 3)
		if !r.fit(room(1000)) {
			t.Error("1000 bytes left: got that there is no room")
		}
		addAll(r, 10, 6, 7, 8, 9)
		d.expect(t, "with plenty of room", 1, 2, 3)
		if !r.fit(headroom{}) {
			t.Error("a system that does not tell: got that there is no room")
		}
	})
	var none *retention
	if none.fit(room(-1)) || !none.fit(room(0)) {
		t.Error("without bounds: got that there is room on a full disk, or none on another")
	}
}
