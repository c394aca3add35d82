package audit

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/loadgen/site"
)

func source(t *testing.T) *payload.Source {
	t.Helper()
	src, err := payload.Synthetic(t.Context(), 2000, 4, 1)
	if err != nil {
		t.Fatal(err)
	}
	return src
}

// TestAuditorWaitsForSessionsThatEnd: what is saved late, after all connections
// were closed, is in the books.
func TestAuditorWaitsForSessionsThatEnd(t *testing.T) {
	src := source(t)
	for _, tt := range []struct {
		name  string
		open  int64                                // sessions when the run begins
		then  func(s *target, since time.Duration) // at each reading after it
		late  uint64                               // of the unsettled images
		takes time.Duration
	}{
		{"all are gone at once", 0, func(s *target, _ time.Duration) { s.Open = 0 }, 0, 0},
		{"other sessions stay", 5, func(s *target, _ time.Duration) { s.Open = 5 }, 0, 0},
		{"one saves until it ends", 0, func(s *target, since time.Duration) {
			if since >= 300*time.Millisecond && s.Open > 0 {
				s.save(src.Images()[0], 1)
				s.Open = 0
			}
		}, 1, 300 * time.Millisecond},
		{"one never ends", 0, func(*target, time.Duration) {}, 0, quiet},
		{"somebody else keeps sending", 0, func(s *target, _ time.Duration) { s.save([]byte("else"), 1) }, 0, patience},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newTarget()
				s.Open = tt.open
				var closed time.Time
				read := func(context.Context) (site.Books, error) {
					if !closed.IsZero() {
						tt.then(s, time.Since(closed))
					}
					return s.now(), nil
				}
				a, err := Begin(t.Context(), read)
				if err != nil {
					t.Fatal(err)
				}
				s.Open++
				s.send(a.Book(src), src.Images(), 0, 3, 1)
				closed = time.Now()
				ctx, cancel := context.WithCancel(t.Context())
				cancel() // an interrupted run is audited as well
				got := a.End(ctx, 1)
				if took := time.Since(closed); took < tt.takes || took > tt.takes+2*pause {
					t.Errorf("took %v, want %v", took, tt.takes)
				}
				if got.Verified != 3 || got.Unsettled != 1 || got.UnsettledSaved != tt.late {
					t.Errorf("got %+v, want 3 verified and 1 unsettled, saved %d times", got, tt.late)
				}
				if elses := tt.takes == patience; (got.Fault != "") != elses {
					t.Errorf("got fault %q, want one: %v", got.Fault, elses)
				}
			})
		})
	}
}

func TestAuditorBeginsWhenARunBeforeHasEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, began := newTarget(), time.Now()
		s.Open = 1
		a, err := Begin(t.Context(), func(context.Context) (site.Books, error) {
			if time.Since(began) > quiet/2 && s.Open > 0 {
				s.save([]byte("late"), 1)
				s.Open = 0
			}
			return s.now(), nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := a.End(t.Context(), 0); got.Saved != 0 || got.Fault != "" {
			t.Errorf("got %+v, want nothing saved: it was of the run before", got)
		}
	})
}

func TestAuditorIsInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := Begin(ctx, func(context.Context) (site.Books, error) { return site.Books{Open: 1}, nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want that the context was cancelled", err)
	}
}

func TestAuditorCannotRead(t *testing.T) {
	gone := errors.New("nobody is there")
	var fail error
	s, src := newTarget(), source(t)
	read := func(context.Context) (site.Books, error) { return s.now(), fail }
	a, err := Begin(t.Context(), read)
	if err != nil {
		t.Fatal(err)
	}
	if first := a.Book(src); a.Book(src) != first {
		t.Error("a source has two books")
	}
	s.send(a.Book(src), src.Images(), 0, 2, 1)
	fail = gone
	got := a.End(t.Context(), 1)
	if !strings.Contains(got.Fault, gone.Error()) || got.Verified != 2 || got.Unsettled != 1 || got.Saved != 0 {
		t.Errorf("got %+v, want what was sent, and the error as the fault", got)
	}
	if _, err := Begin(t.Context(), read); !errors.Is(err, gone) {
		t.Errorf("before the run: got %v, want the error", err)
	}
}
