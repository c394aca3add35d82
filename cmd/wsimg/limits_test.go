package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/wsimg/wsimg/target"
)

// TestLimitsAreInForce types each flag of a limit; what crosses them is tested
// where they are kept.
func TestLimitsAreInForce(t *testing.T) {
	serving := typeTarget(t, "--store", "discard", "--max-connections", "123", "--max-per-address", "45", "--max-new-per-address", "6/s",
		"--max-image", "7MB", "--max-in-flight", "890MB", "--handshake-timeout", "1s", "--message-timeout", "2s", "--idle-timeout", "3s", "--write-timeout", "4s")
	defer serving.stop(t)
	if want := "at most 123 connections and 890 MB of messages in flight; memory stays below "; !strings.HasPrefix(serving.bounds, want) {
		t.Errorf("the target says %q, want %q…", serving.bounds, want)
	}
	resp, err := http.Get("http" + strings.TrimPrefix(serving.url, "ws") + "/stats")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	defer http.DefaultClient.CloseIdleConnections()
	var got target.Stats
	if err := json.NewDecoder(resp.Body).Decode(&got); err != nil {
		t.Fatal(err)
	}
	want := target.LimitStats{
		Connections: 123, PerAddress: 45, NewPerAddress: 6, InFlightBytes: 890_000_000, MaxImageBytes: 7_000_000,
		HandshakeSeconds: 1, MessageSeconds: 2, IdleSeconds: 3, WriteSeconds: 4,
	}
	if diff := cmp.Diff(want, got.Limits, cmpopts.IgnoreFields(target.LimitStats{}, "MemoryBytes")); diff != "" {
		t.Errorf("limits (-want +got):\n%s", diff)
	}
	if got.Limits.MemoryBytes <= want.InFlightBytes {
		t.Errorf("memory: got a bound of %d bytes, want it above the %d in flight", got.Limits.MemoryBytes, want.InFlightBytes)
	}
}

// TestOneClientTooMany has the generator tell before it dials what a target
// would refuse.
func TestOneClientTooMany(t *testing.T) {
	serving := typeTarget(t, "--store", "discard", "--max-connections", "2")
	got := compare(t, "--url", serving.url, "--clients", "3")
	if got.code != exitUsage || !strings.Contains(got.stderr, "more than the target allows: 3 connections") || !strings.Contains(got.stderr, "ask for fewer clients") {
		t.Errorf("got exit code %d and %q; want %d, why, and what to do", got.code, got.stderr, exitUsage)
	}
	if totals := serving.stop(t); !strings.Contains(totals, "over 0 connections") || strings.Contains(totals, "before a session") {
		t.Errorf("got totals %q, want nobody who tried", totals)
	}
}

// TestServerThatIsFull does not tell so beforehand.
func TestServerThatIsFull(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "come back tomorrow", http.StatusServiceUnavailable)
	}))
	defer srv.Close()
	got := compare(t, "--url", "ws"+strings.TrimPrefix(srv.URL, "http"), "--clients", "3")
	if got.code != exitFailed || !strings.Contains(got.stderr, "HTTP 503: come back tomorrow") || !strings.Contains(got.stderr, "ask for fewer clients") {
		t.Errorf("got exit code %d and %q; want %d, why, and what to do", got.code, got.stderr, exitFailed)
	}
}

// TestGreetingHasUnits: a bound is told in the unit it is large in.
func TestGreetingHasUnits(t *testing.T) {
	for inFlight, want := range map[string]string{"1MB": " 1 MB of", "2500KB": " 2.5 MB of", "1234567KB": " 1.23 GB of"} {
		serving := typeTarget(t, "--store", "off", "--max-connections", "16", "--max-image", "100KB", "--max-in-flight", inFlight)
		if bounds := serving.bounds; !strings.Contains(bounds, want) || !regexp.MustCompile(`below (\d{3}|\d\d(\.\d)?|[1-9](\.\d{1,2})?) [MG]B$`).MatchString(bounds) {
			t.Errorf("--max-in-flight %s: the target says %q, want %q and memory in three digits and a unit", inFlight, bounds, want)
		}
		serving.stop(t)
	}
}

// TestTargetWarns: what may not be meant so is told at the start, a line each,
// beside the greeting.
func TestTargetWarns(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "everybody's")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o777); err != nil { // whatever the umask
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name  string
		flags []string
		says  []string // of one line each
	}{
		{"nothing to warn of", []string{"--store", "off"}, nil},
		{"a token in clear", []string{"--store", "off", "--addr", "0.0.0.0:0", "--token", "tokenHush"}, []string{"--tls"}},
		{"a token over TLS", []string{"--store", "off", "--addr", "0.0.0.0:0", "--token", "tokenHush", "--tls", selfSigned}, nil},
		{"a folder that others may write", []string{"--dir", dir}, []string{dir}},
		{"both", []string{"--dir", dir, "--addr", "0.0.0.0:0", "--token", "tokenHush"}, []string{"--tls", dir}},
	} {
		// Little enough for any machine to give.
		serving := typeTarget(t, append(tt.flags, "--max-connections", "16", "--max-image", "1MB", "--max-in-flight", "10MB")...)
		serving.stop(t)
		warned := strings.TrimSuffix(serving.log.String(), "\n")
		if lines := strings.Count(warned, "wsimg: warning: "); lines != len(tt.says) || lines > 0 && lines != strings.Count(warned, "\n")+1 {
			t.Errorf("%s: got %q on standard error, want %d lines of warnings", tt.name, warned, len(tt.says))
		}
		for _, says := range tt.says {
			if !strings.Contains(warned, says) {
				t.Errorf("%s: got %q on standard error, want a warning with %s", tt.name, warned, says)
			}
		}
		if strings.Contains(warned, "Hush") {
			t.Errorf("%s: the token is on standard error: %q", tt.name, warned)
		}
	}
}
