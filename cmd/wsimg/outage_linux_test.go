package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// TestLoadOutlivesItsTarget: the target is killed in the middle of a load and
// started anew at the same address. What was due meanwhile waits for it, all
// clients return, and the gap is in the record and in the report.
func TestLoadOutlivesItsTarget(t *testing.T) {
	t.Parallel()
	const (
		gone    = 800 * time.Millisecond  // from the start of the load
		outage  = 2300 * time.Millisecond // so that nothing comes back in the 2nd and 3rd second
		clients = 4
	)
	serve := func(addr string) (*exec.Cmd, string) {
		return startTargetProcess(t, new(safeBuffer), os.Args[0], "target", "--store", "discard", "--addr", addr)
	}
	target, url := serve("127.0.0.1:0")
	back := make(chan struct{})
	kill := func() {
		if err := target.Process.Kill(); err != nil {
			t.Error(err)
		}
		time.AfterFunc(outage, func() {
			defer close(back)
			serve(strings.TrimPrefix(url, "ws://"))
		})
	}
	got := typeRun(t.Context(), t, func() { time.AfterFunc(gone, kill) },
		"--url", url, "--clients", "4", "--reconnect", "50ms..400ms", "--size", "10KB", "--distinct", "8",
		"--rate", "200/s", "--arrivals", "constant", "--duration", "4200ms")
	<-back

	if got.code != exitFailed || got.saved.Incomplete != "" {
		t.Errorf("got exit code %d and incomplete %q; want %d, for images failed, and a whole run\n%s", got.code, got.saved.Incomplete, exitFailed, got.stderr)
	}
	s := got.sample(t)
	if s.Scheduled != 840 || s.Images < 840-clients {
		t.Errorf("got %d of %d images, want of 840 all but those that were under way: %v", s.Images, s.Scheduled, s.Errors)
	}
	waits, err := s.Wait.Decode()
	if err != nil {
		t.Fatal(err)
	}
	if longest := time.Duration(waits.Max()); longest < outage*9/10 {
		t.Errorf("longest wait: got %v, want at least the %v the target was gone", longest, outage)
	}
	if c := s.Connections; c == nil || c.Lost != clients || c.Connected != clients || c.Vacant != 0 || c.Dialed <= c.Connected {
		t.Errorf("got connections %+v, want %d that were lost, as many that replaced them, and attempts in vain", c, clients)
	}
	if s.Errors["refused"] == 0 {
		t.Errorf("got errors %v, want connections that were refused", s.Errors)
	}
	for _, says := range []string{"Connections", "Gap", "refused"} {
		if !strings.Contains(got.stdout, says) {
			t.Errorf("the report does not say %q:\n%s", says, got.stdout)
		}
	}
}
