package bench

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/wsimg/wsimg/loadgen/internal/keeper"
	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/site"
)

// audited returns quick settings of two sources that have images in common, and
// of modes with connections of their own, which are redialed in between.
func audited(t *testing.T, s *keeper.Server) Settings {
	t.Helper()
	settings := quick(t, s.URL, "binary", "text", "binary")
	again, err := payload.Synthetic(t.Context(), 3000, 6, 1)
	if err != nil {
		t.Fatal(err)
	}
	settings.Sources = append(settings.Sources, again)
	settings.Rounds, settings.Audit = 2, true
	return settings
}

func TestAudit(t *testing.T) {
	s := keeper.New(t)
	run, err := Run(t.Context(), audited(t, s))
	if err != nil {
		t.Fatal(err)
	}
	a := run.Audit
	if a.Fault != "" || a.Unsettled != 0 || a.Saved != a.Verified {
		t.Errorf("got %+v, want it sound and nothing unsettled", a)
	}
	var measured uint64
	for _, c := range run.Cells {
		for _, b := range c.Samples {
			measured += b.BlockImages
		}
	}
	if a.Verified <= measured {
		t.Errorf("got %d verified, want more than the %d of all blocks: warm-up and settling count", a.Verified, measured)
	}
}

func TestAuditFindsAFault(t *testing.T) {
	s := keeper.New(t)
	s.Saves = func(n int, image []byte) ([][]byte, bool) {
		if n == 10 {
			return nil, true
		}
		return [][]byte{image}, true
	}
	settings := quick(t, s.URL, "text")
	settings.Rounds, settings.Audit, settings.Loads = 1, true, []string{record.Closed}
	run, err := Run(t.Context(), settings)
	if err != nil {
		t.Fatal(err)
	}
	if a := run.Audit; a.Saved != a.Verified-1 || !strings.Contains(a.Fault, "verified images; see its log") {
		t.Errorf("got %+v, want that one is lost", a)
	}
}

func TestAuditOfAnInterruptedRun(t *testing.T) {
	s := keeper.New(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	settings := audited(t, s)
	settings.Rounds = 1000
	settings.Progress = func(p Progress) {
		if p.Round == 2 {
			cancel()
		}
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
	url, agents := echoServer(t)
	settings := quick(t, url, "binary")
	settings.Audit, settings.Loads = true, []string{record.Closed}
	run, err := Run(t.Context(), settings)
	if run != nil || !errors.Is(err, site.ErrAudit) {
		t.Errorf("got %v and %v, want only site.ErrAudit", run, err)
	}
	for _, agent := range agents() {
		if strings.HasPrefix(agent, "wsimg/") {
			t.Errorf("%s connected, want that nobody did", agent)
		}
	}
}
