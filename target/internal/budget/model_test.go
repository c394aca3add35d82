package budget

import (
	"cmp"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// session is one that a model test drives: its lease, and what it knows of it.
type session struct {
	lease  *Lease
	began  time.Duration
	held   int64
	wants  int64
	stop   chan struct{}
	result <-chan error // nil unless it reserves
}

// world is a budget and its sessions, and what must be true of them, worked out
// from what each session was told.
type world struct {
	*rapid.T
	budget   *Budget
	limit    int64
	largest  int64
	sessions []*session
	clock    time.Duration
	held     int64    // by all sessions
	over     *session // the one that overdraws, nil if none
}

func (w *world) where(f func(*session) bool) []*session {
	return slices.DeleteFunc(slices.Clone(w.sessions), func(s *session) bool { return !f(s) })
}

func (w *world) pick(what string, f func(*session) bool) *session {
	able := w.where(f)
	if len(able) == 0 {
		w.Skip("nobody can " + what)
	}
	return rapid.SampledFrom(able).Draw(w.T, what)
}

func waits(s *session) bool   { return s.result != nil }
func free(s *session) bool    { return s.result == nil }
func idle(s *session) bool    { return free(s) && s.held == 0 }
func growing(s *session) bool { return free(s) && s.began > 0 }
func holding(s *session) bool { return free(s) && s.held > 0 }

func (w *world) begin(*rapid.T) {
	s := w.pick("begin", idle)
	w.clock++
	s.began = w.clock
	s.lease.Begin(s.began)
}

func (w *world) reserve(*rapid.T) {
	s := w.pick("reserve", growing)
	s.wants = rapid.Int64Range(0, w.largest-s.held).Draw(w.T, "bytes")
	s.stop = make(chan struct{})
	s.result = later(s.lease, s.wants, s.stop)
	w.settle(nil)
}

func (w *world) release(*rapid.T) {
	s := w.pick("release", holding)
	w.giveBack(s)
	w.settle(nil)
}

func (w *world) giveBack(s *session) {
	s.lease.Release()
	s.began = 0
	w.hold(s, -s.held)
}

func (w *world) interrupt(*rapid.T) {
	s := w.pick("be stopped", waits)
	close(s.stop)
	w.settle(s)
}

// settle sees who was granted what he waits for, and that it was in turn: only the
// one that overdraws already may be served before his.
func (w *world) settle(stopped *session) {
	synctest.Wait()
	queue := w.where(waits)
	slices.SortFunc(queue, func(a, b *session) int { return cmp.Compare(a.began, b.began) })
	first := w.over
	var passed *session // the last one that still waits
	for _, s := range queue {
		select {
		case err := <-s.result:
			s.result = nil
			switch {
			case s == stopped && errors.Is(err, ErrStopped):
			case err != nil:
				w.Fatalf("reserving failed: %v", err)
			case passed != nil && s != first:
				w.Fatalf("the one that began at %d was served before the one that began at %d", s.began, passed.began)
			default:
				w.hold(s, s.wants)
			}
		default:
			if s == stopped {
				w.Fatalf("the one that was stopped still waits")
			}
			passed = s
		}
	}
}

// hold notes that a session has n bytes more, or less, and whether it overdraws.
func (w *world) hold(s *session, n int64) {
	s.held += n
	w.held += n
	switch {
	case w.held <= w.limit:
		w.over = nil
	case n > 0 && w.over == nil:
		w.over = s
	case n > 0 && w.over != s:
		w.Fatal("two overdraw")
	}
}

// check is called after every action.
func (w *world) check(*rapid.T) {
	for _, s := range w.where(free) {
		if s.lease.Held() != s.held {
			w.Fatalf("a lease holds %d bytes, want %d", s.lease.Held(), s.held)
		}
	}
	waiting := len(w.where(waits))
	switch {
	case w.budget.InUse() != w.held:
		w.Fatalf("%d bytes in use, want the %d that were granted", w.budget.InUse(), w.held)
	case w.budget.Waiting() != waiting:
		w.Fatalf("%d wait, want %d", w.budget.Waiting(), waiting)
	case w.held > w.limit+w.largest:
		w.Fatalf("%d bytes in use, want at most the limit of %d and one message of %d", w.held, w.limit, w.largest)
	case waiting > 0 && w.over == nil:
		w.Fatalf("%d wait although nobody overdraws: %d bytes of %d in use", waiting, w.held, w.limit)
	case w.over != nil && waits(w.over):
		w.Fatal("the one that overdraws waits")
	}
}

// inBubble keeps a *testing.T from rapid, which would ask it for its deadline:
// there is none in a bubble.
type inBubble struct{ rapid.TB }

func TestBudgetModel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rapid.Check(inBubble{t}, func(r *rapid.T) {
			w := &world{
				T:       r,
				limit:   rapid.Int64Range(0, 50).Draw(r, "limit"),
				largest: rapid.Int64Range(1, 60).Draw(r, "largest"),
			}
			w.budget = New(w.limit)
			for range rapid.IntRange(1, 6).Draw(r, "sessions") {
				l := w.budget.Lease()
				w.sessions = append(w.sessions, &session{lease: &l})
			}
			defer w.end()
			r.Repeat(map[string]func(*rapid.T){
				"begin":     w.begin,
				"reserve":   w.reserve,
				"release":   w.release,
				"interrupt": w.interrupt,
				"":          w.check,
			})
		})
	})
}

// end lets every message end, those that wait included, and sees that all is given
// back.
func (w *world) end() {
	for range len(w.sessions) + 1 {
		for _, s := range w.where(holding) {
			w.giveBack(s)
		}
		w.settle(nil)
	}
	for _, s := range w.where(waits) { // only after a failure
		close(s.stop)
		<-s.result
		s.result = nil
		s.lease.Release()
		w.Errorf("one waits for ever")
	}
	if used := w.budget.InUse(); used != 0 {
		w.Errorf("%d bytes in use at the end, want 0", used)
	}
}
