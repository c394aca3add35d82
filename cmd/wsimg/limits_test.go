package main

import (
	"encoding/json"
	"net/http"
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
	if want := "at most 123 connections and 0.9 GB of messages in flight; memory stays below "; !strings.HasPrefix(serving.bounds, want) {
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

// TestOneClientTooMany has the generator tell what a full target answers.
func TestOneClientTooMany(t *testing.T) {
	serving := typeTarget(t, "--store", "discard", "--max-connections", "2")
	got := compare(t, "--url", serving.url, "--clients", "3")
	if got.code != exitFailed || !strings.Contains(got.stderr, "HTTP 503: ") || !strings.Contains(got.stderr, "ask for fewer clients") {
		t.Errorf("got exit code %d and %q; want %d, why, and what to do", got.code, got.stderr, exitFailed)
	}
	if totals := serving.stop(t); !strings.Contains(totals, "refused before a session: 1 with HTTP 503") {
		t.Errorf("got totals %q, want the one that was refused", totals)
	}
}
