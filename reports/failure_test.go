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

// TestWhatFailed: images, attempts to connect and connections are told apart by
// what the record says of them, and never by the kind's name.
func TestWhatFailed(t *testing.T) {
	type counts = map[string]uint64
	for _, tt := range []struct {
		name            string
		errors, without counts // without an image
		connections     *record.Connections
		warmup          counts
		before          *record.Connections
		want            string
		images          uint64
	}{
		{"images alone", counts{"late": 1, "reset": 2}, nil, nil, nil, nil, "3 images failed: see errors.", 3},
		{"attempts alone", counts{"refused": 400, "reset": 100}, counts{"refused": 400, "reset": 100}, &record.Connections{Dialed: 520, Connected: 20}, nil, nil,
			"500 attempts to connect failed: see errors.", 0},
		{"idle connections", counts{"dropped": 50}, counts{"dropped": 50}, &record.Connections{Dialed: 50, Connected: 50, Lost: 50}, nil, nil,
			"50 connections with nothing in flight failed: see errors.", 0},
		{"all of them", counts{"reset": 501, "refused": 32}, counts{"reset": 500, "refused": 32}, &record.Connections{Dialed: 533, Connected: 500, Lost: 501}, nil, nil,
			"1 image, 33 attempts to connect and 499 connections with nothing in flight failed: see errors.", 1},
		{"attempts where connections have no books", counts{"refused": 2, "lost": 1}, counts{"refused": 2}, nil, nil, nil,
			"1 image and 2 attempts to connect failed: see errors.", 1},
		{"attempts before the load", nil, nil, nil, counts{"handshake-503": 3}, &record.Connections{Dialed: 23, Connected: 20},
			"3 attempts to connect failed: see errors.", 0},
		{"failures in the warm-up", counts{"late": 1}, nil, nil, counts{"late": 2, "timeout": 3}, &record.Connections{Dialed: 23, Connected: 20},
			"1 image and 3 attempts to connect failed, and there were 2 failures in the warm-up: see errors.", 1},
		{"failures in the warm-up alone", nil, nil, nil, counts{"late": 1}, nil, "There was 1 failure in the warm-up: see errors.", 0},
	} {
		s := planned(t, 0, times{ms: 500})
		s.Images, s.Credit, s.Errors, s.ConnectionErrors, s.Connections = 500, 500, tt.errors, tt.without, tt.connections
		r := run(open("text", s))
		r.Settings.Command = "run"
		r.Cells[0].WarmupErrors, r.Cells[0].Connecting = tt.warmup, tt.before
		got := analyze(t, r)
		if !strings.Contains(got.Conclusion, tt.want) || !strings.Contains(got.Conclusion, "did not keep up") {
			t.Errorf("%s: got %s\nwant that the server did not keep up, and %s", tt.name, got.Conclusion, tt.want)
		}
		if n := got.Cells[0].FailedImages; n != tt.images {
			t.Errorf("%s: got %d failed images, want %d", tt.name, n, tt.images)
		}
		for _, f := range got.Cells[0].Failures {
			if f.NoImage != tt.without[f.Kind] {
				t.Errorf("%s: got %d of kind %s without an image, want %d", tt.name, f.NoImage, f.Kind, tt.without[f.Kind])
			}
		}
	}
}
