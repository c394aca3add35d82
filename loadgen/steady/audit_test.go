package steady

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/wsimg/wsimg/loadgen/internal/keeper"
	"github.com/wsimg/wsimg/loadgen/site"
)

// audited returns settings of a short audited load, back to back.
func audited(t *testing.T, s *keeper.Server) Settings {
	return Settings{
		URL: s.URL, Source: synthetic(t), Clients: 2, Timeout: time.Second, Audit: true,
		Duration: 60 * time.Millisecond, Warmup: 20 * time.Millisecond,
	}
}

func TestAudit(t *testing.T) {
	once := func(_ int, image []byte) ([][]byte, bool) { return [][]byte{image}, true }
	fifth := func(saves func([]byte) ([][]byte, bool)) func(int, []byte) ([][]byte, bool) {
		return func(n int, image []byte) ([][]byte, bool) {
			if n == 5 {
				return saves(image)
			}
			return once(n, image)
		}
	}
	for _, tt := range []struct {
		name             string
		saves            func(n int, image []byte) ([][]byte, bool)
		tells            func(n int) bool
		unsettled, saved uint64
		fault            string // holds this; empty: there is none
	}{
		{name: "all is well", saves: once},
		{name: "an image is lost", saves: fifth(func([]byte) ([][]byte, bool) { return nil, true }),
			fault: "verified images; see"},
		{name: "an image is saved twice", saves: fifth(func(i []byte) ([][]byte, bool) { return [][]byte{i, i}, true }),
			fault: "images, 1 more than the"},
		{name: "an image is altered", saves: fifth(func(i []byte) ([][]byte, bool) { return [][]byte{i[1:]}, true }),
			fault: "at least 1 was altered or lost"},
		{name: "a connection ends before an image is saved", saves: fifth(func([]byte) ([][]byte, bool) { return nil, false }),
			unsettled: 1},
		{name: "a connection ends after an image was saved", saves: fifth(func(i []byte) ([][]byte, bool) { return [][]byte{i}, false }),
			unsettled: 1, saved: 1},
		{name: "the side channel is gone in the end", saves: once, tells: func(n int) bool { return n == 0 },
			fault: "could not be read after the run"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := keeper.New(t)
			s.Saves, s.Tells = tt.saves, tt.tells
			run, err := Run(t.Context(), audited(t, s))
			if err != nil {
				t.Fatal(err)
			}
			a := run.Audit
			if (a.Fault == "") != (tt.fault == "") || !strings.Contains(a.Fault, tt.fault) {
				t.Errorf("got fault %q, want %q", a.Fault, tt.fault)
			}
			// The other client's image is in flight when the fifth breaks off: it
			// is answered all the same.
			if a.Unsettled != tt.unsettled || a.UnsettledSaved != tt.saved {
				t.Errorf("got %d unsettled of which %d were saved, want %d and %d", a.Unsettled, a.UnsettledSaved, tt.unsettled, tt.saved)
			}
			if n := run.Cells[0].Samples[0].BlockImages; a.Verified <= n {
				t.Errorf("got %d verified, want more than the %d of the block: the warm-up counts", a.Verified, n)
			}
		})
	}
}

func TestAuditOfAnInterruptedRun(t *testing.T) {
	s := keeper.New(t)
	settings := audited(t, s)
	settings.Duration = time.Minute
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s.Saves = func(n int, image []byte) ([][]byte, bool) {
		if n == 100 {
			cancel()
		}
		return [][]byte{image}, true
	}
	run, err := Run(ctx, settings)
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if a := run.Audit; a == nil || a.Fault != "" || a.Verified == 0 {
		t.Errorf("got %+v, want an audit without a fault", a)
	}
}

func TestAuditRefusedBeforeAnythingIsSent(t *testing.T) {
	s := keeper.New(t)
	s.Tells = func(int) bool { return false }
	run, err := Run(t.Context(), audited(t, s))
	if run != nil || !errors.Is(err, site.ErrAudit) {
		t.Errorf("got %v and %v, want only site.ErrAudit", run, err)
	}
	if n := s.Sessions(); n != 0 {
		t.Errorf("%d sessions were begun, want none", n)
	}
}

func TestNobodyAsksForAnAudit(t *testing.T) {
	s := keeper.New(t)
	settings := audited(t, s)
	settings.Audit = false
	run, err := Run(t.Context(), settings)
	if err != nil {
		t.Fatal(err)
	}
	if run.Audit != nil || s.Sessions() != 0 {
		t.Errorf("got %+v and %d audited sessions, want none", run.Audit, s.Sessions())
	}
}

func TestTokenIsShownAndNotRecorded(t *testing.T) {
	s := keeper.New(t)
	s.Token = "hush"
	settings := audited(t, s)
	settings.Access.Token = s.Token
	run, err := Run(t.Context(), settings)
	if err != nil {
		t.Fatal(err)
	}
	if run.Audit.Fault != "" || run.Environment.Target == nil {
		t.Errorf("got %+v of target %v, want a sound audit of one that tells", run.Audit, run.Environment.Target)
	}
}
