package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/wsimg/wsimg/loadgen"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/steady"
)

// brief are the flags of a load that takes no time: 100 images in half a
// second.
var brief = []string{"--size", "10KB", "--distinct", "8", "--clients", "2", "--rate", "200/s", "--arrivals", "constant", "--duration", "500ms", "--timeout", "500ms"}

// typed is a wsimg run that was typed, and what came of it.
type typed struct {
	stdout, stderr string
	saved          record.Run
	code           int
}

// typeRun runs wsimg run and calls measuring, if any, when its warm-up is over.
func typeRun(ctx context.Context, t *testing.T, measuring func(), flags ...string) typed {
	t.Helper()
	out := filepath.Join(t.TempDir(), "run.json")
	var stdout bytes.Buffer
	stderr := &watchedBuffer{measuring: measuring}
	err := run(ctx, append([]string{"run", "--out", out}, flags...), strings.NewReader(""), &stdout, stderr)
	got := typed{stdout: stdout.String(), stderr: stderr.String(), code: exitCode(err)}
	if data, err := os.ReadFile(out); err == nil {
		if err := json.Unmarshal(data, &got.saved); err != nil {
			t.Fatal(err)
		}
	}
	return got
}

// sample is the one that was saved.
func (r typed) sample(t *testing.T) record.Sample {
	t.Helper()
	if len(r.saved.Cells) != 1 || len(r.saved.Cells[0].Samples) != 1 {
		t.Fatalf("saved: got cells %+v, want one with one sample; exit code %d and %q", r.saved.Cells, r.code, r.stderr)
	}
	return r.saved.Cells[0].Samples[0]
}

// watchedBuffer is standard error, and somebody who waits for the measurement.
type watchedBuffer struct {
	bytes.Buffer
	measuring func()
}

func (b *watchedBuffer) Write(p []byte) (int, error) {
	if b.measuring != nil && bytes.Contains(p, []byte(steady.Measuring)) {
		b.measuring()
	}
	return b.Buffer.Write(p)
}

// TestRunByRate is a load against the bundled target. What else the machine
// does may void it, which changes the exit code alone.
func TestRunByRate(t *testing.T) {
	t.Setenv(role, "wsimg")
	for _, tt := range []struct {
		name  string
		flags []string
		due   uint64
		says  []string
	}{
		{"steady", []string{"--rate", "200/s", "--duration", "500ms", "--mode", "text"}, 100,
			[]string{"wsimg run: text, 10 KB", "2 clients · 200/s · constant arrivals", "requested  scheduled  achieved", "Over time"}},
		{"staged, and acknowledged", []string{"--stages", "0/s..200/s:300ms,200/s:300ms,200/s..0/s:100ms", "--reply", "ack"}, 100,
			[]string{"0/s..200/s:300ms, 200/s:300ms, 200/s..0/s:100ms", "reply ack"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			flags := append([]string{"--size", "10KB", "--clients", "2", "--arrivals", "constant"}, tt.flags...)
			got := typeRun(t.Context(), t, nil, flags...)
			if got.code != 0 && got.code != exitVoid {
				t.Errorf("got exit code %d and %q, want 0", got.code, got.stderr)
			}
			s := got.sample(t)
			if s.Scheduled != tt.due || s.Images != tt.due || len(s.Errors) > 0 {
				t.Errorf("got %d of %d images with %v, want all of %d", s.Images, s.Scheduled, s.Errors, tt.due)
			}
			if s.TargetCPUNs == nil || len(s.Series) == 0 {
				t.Errorf("got target CPU %v and %d points, want both", s.TargetCPUNs, len(s.Series))
			}
			for _, want := range tt.says {
				if !strings.Contains(got.stdout, want) {
					t.Errorf("the report does not say %q:\n%s", want, got.stdout)
				}
			}
		})
	}
}

func TestRunAgainstAFaultyServer(t *testing.T) {
	var flips atomic.Bool // the next image
	url := peer(t, func(ws *websocket.Conn, _, typ int, m []byte) {
		if flips.CompareAndSwap(true, false) {
			m[len(m)/2] ^= 0x20
		}
		ws.WriteMessage(typ, m)
	})
	got := typeRun(t.Context(), t, func() { flips.Store(true) }, append(brief, "--url", url)...)
	if got.code != exitFailed || !strings.Contains(got.stderr, "1 image failed") {
		t.Errorf("got exit code %d and %q; want %d and what failed", got.code, got.stderr, exitFailed)
	}
	if !strings.Contains(got.stdout, loadgen.Flipped) {
		t.Errorf("the report does not tell of the image that was flipped:\n%s", got.stdout)
	}
	if s := got.sample(t); s.Errors[loadgen.Flipped] != 1 || s.Images != 99 {
		t.Errorf("saved: got %d images and errors %v, want 99 and one flipped", s.Images, s.Errors)
	}
}

func TestRunAgainstAServerThatIsNotThere(t *testing.T) {
	gone := httptest.NewServer(http.NotFoundHandler())
	url := "ws" + strings.TrimPrefix(gone.URL, "http")
	gone.Close()
	got := typeRun(t.Context(), t, nil, append(brief, "--url", url)...)
	if got.code != exitFailed || !strings.Contains(got.stderr, "refused") || !strings.Contains(got.stderr, "--url") {
		t.Errorf("got exit code %d and %q; want %d, a refusal and what to do about it", got.code, got.stderr, exitFailed)
	}
}

func TestInterruptedLoadIsKept(t *testing.T) {
	t.Parallel()
	url := peer(t, func(ws *websocket.Conn, _, typ int, m []byte) { ws.WriteMessage(typ, m) })
	ctx, cancel := context.WithCancel(t.Context())
	soon := func() { time.AfterFunc(400*time.Millisecond, cancel) }
	got := typeRun(ctx, t, soon, append(brief, "--url", url, "--duration", "1h")...)
	if got.code != exitInterrupted || !strings.Contains(got.stderr, "interrupted") {
		t.Errorf("got exit code %d and %q; want %d and that it was interrupted", got.code, got.stderr, exitInterrupted)
	}
	if !strings.Contains(got.stdout, "incomplete") || !strings.Contains(got.stdout, "Latency") {
		t.Errorf("the report of what was measured is missing, or not marked incomplete:\n%s", got.stdout)
	}
	if s := got.sample(t); got.saved.Incomplete != "interrupted" || s.Images == 0 || len(s.Series) == 0 {
		t.Errorf("saved: got incomplete %q, %d images and %d points", got.saved.Incomplete, s.Images, len(s.Series))
	}
}

// TestClientThatDoesNotComeBack: the server ends one connection, and the other
// client goes on by itself.
func TestClientThatDoesNotComeBack(t *testing.T) {
	t.Parallel()
	var hangsUp atomic.Bool // on whom comes next
	url := peer(t, func(ws *websocket.Conn, _, typ int, m []byte) {
		if hangsUp.CompareAndSwap(true, false) {
			ws.Close()
			return
		}
		ws.WriteMessage(typ, m)
	})
	got := typeRun(t.Context(), t, func() { hangsUp.Store(true) }, append(brief, "--url", url, "--reconnect", "off")...)
	if got.code != exitFailed || got.saved.Incomplete != "" {
		t.Errorf("got exit code %d and incomplete %q; want %d and a whole run: %s", got.code, got.saved.Incomplete, exitFailed, got.stderr)
	}
	s := got.sample(t)
	if churn := got.saved.Settings.Churn; churn == nil || !churn.NoReconnect {
		t.Errorf("saved: got settings %+v, want that nobody reconnects", churn)
	}
	if c := s.Connections; c == nil || c.Lost != 1 || c.Vacant != 1 || c.Dialed != 0 {
		t.Errorf("got connections %+v, want one that was lost, nobody in its place, and no attempt", c)
	}
	if s.Images < 45 || s.Images > 75 {
		t.Errorf("got %d images of %d, want about those of the other client", s.Images, s.Scheduled)
	}
}
