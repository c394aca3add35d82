package reports_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/reports"
)

func TestFailuresHaveNames(t *testing.T) {
	for kind, want := range map[string]string{
		"closed-1001":     "closed-1001 (going away)",
		"closed-1013":     "closed-1013 (try again later)",
		"closed-1015":     "closed-1015 (TLS handshake)",
		"closed-4001":     "closed-4001 (the server's own code)",
		"closed-3000":     "closed-3000 (unauthorized)",
		"closed-3999":     "closed-3999",
		"closed-1999":     "closed-1999",
		"closed-":         "closed-",
		"handshake-503":   "handshake-503 (service unavailable)",
		"handshake-418":   "handshake-418",
		"handshake":       "handshake",
		"refused":         "refused",
		"closed-nonsense": "closed-nonsense",
	} {
		c := closed("binary", block(0, 10))
		c.Samples[0].Errors = map[string]uint64{kind: 1}
		if got := analyze(t, run(c)).Cells[0].Failures; len(got) != 1 || got[0].Title() != want {
			t.Errorf("%s: got %+v, want %s", kind, got, want)
		}
	}
}

func TestFailuresAreSortedAndKeepTheFirst(t *testing.T) {
	c := closed("binary", block(0, 10))
	c.Samples[0].Errors = map[string]uint64{"late": 2, "reset": 9, "dropped": 2}
	c.WarmupErrors = map[string]uint64{"late": 1}
	first := record.Example{Client: 3, Detail: "by peer", Remedy: "see its log", Local: "a:1", Remote: "b:2", AtSeconds: 12.5}
	c.Examples = map[string]record.Example{"reset": first}
	r := analyze(t, run(c))
	want := []reports.Failure{{Kind: "reset", Count: 9, First: &first}, {Kind: "late", Count: 3, InWarmup: 1}, {Kind: "dropped", Count: 2}}
	if diff := cmp.Diff(want, r.Cells[0].Failures); diff != "" {
		t.Errorf("failures (-want +got):\n%s", diff)
	}
	note := "9 × reset; the first, client 3, round 0 at 12.5 s, from a:1 to b:2: by peer; see its log."
	if notes := strings.Join(r.Footnotes, "\n"); !strings.Contains(notes, note) {
		t.Errorf("no footnote says %q in\n%s", note, notes)
	}
}

// TestAttemptsToConnectAreNoImages: they are told apart, and a server that
// refused many has not answered as many images.
func TestAttemptsToConnectAreNoImages(t *testing.T) {
	for _, tt := range []struct {
		name   string
		errors map[string]uint64
		want   string
	}{
		{"images alone", map[string]uint64{"late": 1, "reset": 2}, "3 images failed: see errors."},
		{"attempts alone", map[string]uint64{"refused": 400, "handshake-503": 100}, "500 attempts to connect failed: see errors."},
		{"both", map[string]uint64{"dns": 1, "lost": 1}, "1 image and 1 attempt to connect failed: see errors."},
	} {
		s := planned(t, 0, times{ms: 500})
		s.Images, s.Credit, s.Errors = 500, 500, tt.errors
		r := run(open("text", s))
		r.Settings.Command = "run"
		got := analyze(t, r).Conclusion
		if !strings.Contains(got, tt.want) || !strings.Contains(got, "did not keep up") {
			t.Errorf("%s: got %s\nwant that the server did not keep up, and %s", tt.name, got, tt.want)
		}
	}
}
