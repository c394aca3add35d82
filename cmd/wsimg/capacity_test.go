package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wsimg/wsimg/loadgen"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/verdict"
	"github.com/wsimg/wsimg/reports"
)

// typeCapacity runs wsimg capacity on 2 KB with a few clients, and saves the run to
// out.
func typeCapacity(ctx context.Context, t *testing.T, out string, flags ...string) typed {
	t.Helper()
	var stdout, stderr bytes.Buffer
	all := append([]string{"capacity", "--out", out, "--size", "2KB", "--distinct", "8", "--clients", "4"}, flags...)
	err := run(ctx, all, strings.NewReader(""), &stdout, &stderr)
	got := typed{stdout: stdout.String(), stderr: stderr.String(), code: exitCode(err)}
	if data, err := os.ReadFile(out); err == nil {
		if err := json.Unmarshal(data, &got.saved); err != nil {
			t.Fatal(err)
		}
	}
	return got
}

// says reports what a text does not hold.
func says(t *testing.T, what, text string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(text, want) {
			t.Errorf("%s does not say %q:\n%s", what, want, text)
		}
	}
}

// tooBusy skips a test whose search had no time for what it asks: other tests take
// it.
func tooBusy(t *testing.T, got typed) {
	t.Helper()
	if strings.Contains(got.stderr, "the search did not come to an end") {
		t.Skip("this machine is too busy to search in so little time")
	}
}

// TestCapacityAndPlan searches on the bundled target, prints the search again, and
// makes a plan of it. What else the machine does may void it, which changes exit
// codes and the conclusion alone.
func TestCapacityAndPlan(t *testing.T) {
	t.Setenv(role, "wsimg")
	out := filepath.Join(t.TempDir(), "run.json")
	got := typeCapacity(t.Context(), t, out, "--time-budget", "5s", "--max", "400/s", "--slo", "response_p50<5s")
	tooBusy(t, got)
	if got.code != 0 && got.code != exitVoid {
		t.Fatalf("got exit code %d and %q, want 0", got.code, got.stderr)
	}
	says(t, "the report", got.stdout, "wsimg capacity: text, binary, 2 KB\n", "PREPARED", "p50 < 5 s", "both ends share this", "\nEvery probe\n", "400")
	says(t, "standard error", got.stderr, "growing: text", "binary")
	if c := got.saved.Capacity; c == nil || len(c.Probes) < 2 || c.Most != 400 || c.Memory == nil || got.saved.Settings.Sender != loadgen.Prepared {
		t.Fatalf("saved %+v and %+v, want some probes of prepared frames to 400/s, and what connections take", c, got.saved.Settings)
	}
	again := func(args ...string) (string, int) {
		var stdout, stderr bytes.Buffer
		code := exitCode(run(t.Context(), args, strings.NewReader(""), &stdout, &stderr))
		return stdout.String() + stderr.String(), code
	}
	if text, code := again("report", out); text != got.stdout && !strings.HasPrefix(text, got.stdout) || code != got.code {
		t.Errorf("report prints, with exit code %d:\n%s\nwant what capacity did, with %d:\n%s", code, text, got.code, got.stdout)
	}
	for format, want := range map[string]string{"json": `"highest_passed"`, "csv": "probe,mode,phase", "markdown": "## Every probe", "hgrm": "#[Mean"} {
		text, _ := again("report", out, "--format", format)
		says(t, format, text, want)
	}
	text, code := again("plan", out, "--users", "50000", "--images-per-user", "12/h")
	if code != exitUsage {
		t.Errorf("a plan of a run on one machine: got exit code %d, want %d", code, exitUsage)
	}
	says(t, "the refusal", text, "--accept-shared")
	text, code = again("plan", out, "--users", "50000", "--images-per-user", "12/h", "--egress-price", "0.08/GB", "--what-if", "users=10000,250000", "--accept-shared")
	if code != got.code {
		t.Errorf("the plan: got exit code %d, want that of the run, %d", code, got.code)
	}
	says(t, "the plan", text, "wsimg plan: binary, text, 2 KB\n", "servers", "users 250,000", "measured", "assumed", "egress")
}

// TestCapacityThatCannotBeMet ends with a code of its own, unless it is void.
func TestCapacityThatCannotBeMet(t *testing.T) {
	t.Setenv(role, "wsimg")
	out := filepath.Join(t.TempDir(), "run.json")
	got := typeCapacity(t.Context(), t, out, "--time-budget", "5s", "--modes", "binary", "--min", "100/s", "--max", "200/s", "--slo", "response_p50<1us", "--quiet")
	tooBusy(t, got)
	if got.code != exitUnmet && got.code != exitVoid {
		t.Errorf("got exit code %d and %q, want %d", got.code, got.stderr, exitUnmet)
	}
	for _, p := range got.saved.Capacity.Probes {
		if p.Verdict == record.Pass || p.Load < 100 {
			t.Errorf("got %+v, want none that passes, and none below --min", p)
		}
	}
	says(t, "the report", got.stdout, "p50 < 1 µs")
}

func TestCapacityInterrupted(t *testing.T) {
	t.Setenv(role, "wsimg")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out := filepath.Join(t.TempDir(), "run.json")
	var stdout bytes.Buffer
	stderr := &cancelling{cancel: cancel, at: "growing: text"}
	err := run(ctx, []string{"capacity", "--out", out, "--size", "2KB", "--clients", "4", "--max", "100k/s"}, strings.NewReader(""), &stdout, stderr)
	if code := exitCode(err); code != exitInterrupted {
		t.Errorf("got exit code %d and %q, want %d", code, stderr.String(), exitInterrupted)
	}
	says(t, "the report", stdout.String(), "interrupted", "\nEvery probe\n")
}

// cancelling is standard error, and cancels when it says something.
type cancelling struct {
	bytes.Buffer
	cancel func()
	at     string
}

func (c *cancelling) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte(c.at)) {
		c.cancel()
	}
	return c.Buffer.Write(p)
}

func TestSearchOutcome(t *testing.T) {
	load := 100.0
	found, unmet, nothing := reports.CapacityAnswer{Load: &load}, reports.CapacityAnswer{Unmet: true}, reports.CapacityAnswer{}
	for _, tt := range []struct {
		name    string
		answers []reports.CapacityAnswer
		kind    verdict.Kind
		errors  map[string]uint64
		want    int
	}{
		{"all is well", []reports.CapacityAnswer{found, found}, verdict.Shared, nil, 0},
		{"too much load does what it does", []reports.CapacityAnswer{found}, verdict.Valid, map[string]uint64{loadgen.Unsent: 7, loadgen.Unanswered: 1, "handshake-503": 2}, 0},
		{"a wrong reply is none of it", []reports.CapacityAnswer{found}, verdict.Void, map[string]uint64{loadgen.Flipped: 1}, exitFailed},
		{"void", []reports.CapacityAnswer{unmet}, verdict.Void, nil, exitVoid},
		{"one mode can't", []reports.CapacityAnswer{found, unmet}, verdict.Shared, nil, exitUnmet},
		{"it came to no end", []reports.CapacityAnswer{found, nothing}, verdict.Shared, nil, exitFailed},
	} {
		r := &reports.Report{
			Verdict: verdict.Verdict{Kind: tt.kind}, Capacity: &reports.Capacity{Answers: tt.answers},
			Cells: []reports.Cell{{Errors: tt.errors}},
		}
		if got := exitCode(outcome(r, nil)); got != tt.want {
			t.Errorf("%s: got exit code %d, want %d", tt.name, got, tt.want)
		}
	}
}
