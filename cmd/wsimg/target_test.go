package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"maps"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/websocket"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/site"
	"github.com/wsimg/wsimg/reports"
	"github.com/wsimg/wsimg/target"
	"github.com/wsimg/wsimg/target/store"
)

// servingTarget is wsimg target as a user sees it.
type servingTarget struct {
	url       string // from its first line
	told      string // its second line
	bounds    string // its third
	log       *safeBuffer
	lines     *bufio.Scanner
	interrupt context.CancelFunc
	ended     chan error
}

// typeTarget types wsimg target with the flags, on a free port.
func typeTarget(t *testing.T, flags ...string) servingTarget {
	t.Helper()
	stdout, printed := io.Pipe()
	ctx, interrupt := context.WithCancel(t.Context())
	s := servingTarget{log: new(safeBuffer), lines: bufio.NewScanner(stdout), interrupt: interrupt, ended: make(chan error, 1)}
	go func() {
		s.ended <- run(ctx, append([]string{"target", "--addr", "127.0.0.1:0"}, flags...), nil, printed, s.log)
		printed.Close()
	}()
	s.lines.Scan()
	s.url = regexp.MustCompile(`wss?://127\.0\.0\.1:\d+`).FindString(s.lines.Text())
	if s.url == "" {
		t.Fatalf("the target does not say where it listens: %q, %s", s.lines.Text(), s.log)
	}
	s.lines.Scan()
	s.told = s.lines.Text()
	s.bounds = s.next()
	return s
}

// next returns the next line that the target prints.
func (s servingTarget) next() string {
	s.lines.Scan()
	return s.lines.Text()
}

// stop interrupts the target and returns the totals it prints at its end.
func (s servingTarget) stop(t *testing.T) string {
	t.Helper()
	s.interrupt()
	last := ""
	for s.lines.Scan() {
		last = s.lines.Text()
	}
	if err := <-s.ended; err != nil {
		t.Errorf("an interrupted target: got error %v", err)
	}
	return last
}

// safeBuffer is a buffer that may be written to and read at the same time.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// TestTargetServesUntilInterrupted is the example wsimg descends from: an
// image as Base64, and one as it is, sent, saved and echoed.
func TestTargetServesUntilInterrupted(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "images")
	serving := typeTarget(t, "--dir", dir)
	if !strings.Contains(serving.told, dir) || !strings.Contains(serving.told, "echo") {
		t.Errorf("the target does not say where it saves and how it replies: %q", serving.told)
	}
	ws, _, err := websocket.DefaultDialer.Dial(serving.url, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	image := []byte("\xff\xd8\xff\xe0 as good as a JPEG")
	for _, sent := range []struct {
		kind    int
		message []byte
	}{
		{websocket.TextMessage, []byte(base64.StdEncoding.EncodeToString(image))},
		{websocket.BinaryMessage, image},
	} {
		if err := ws.WriteMessage(sent.kind, sent.message); err != nil {
			t.Fatal(err)
		}
		kind, echo, err := ws.ReadMessage()
		if err != nil || kind != sent.kind || !bytes.Equal(echo, sent.message) {
			t.Fatalf("got type %d, %q, %v; want the message back", kind, echo, err)
		}
	}
	ws.Close() // or the target would wait for its goodbye
	if got := serving.stop(t); !strings.Contains(got, "2 images received over 1 connections: 2 saved, 2 echoed, 0 refused") {
		t.Errorf("got totals %q", got)
	}
	saved, _ := filepath.Glob(filepath.Join(dir, "*.jpg"))
	if len(saved) != 2 {
		t.Fatalf("got %d files, want 2", len(saved))
	}
	for _, path := range saved {
		if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, image) {
			t.Errorf("%s is not what was sent (%v)", path, err)
		}
	}
}

const ackOfABC = `{"ok":true,"bytes":3}`

// sendABC sends an image of three bytes in both modes and returns the replies.
func sendABC(t *testing.T, url string) (replies []string) {
	t.Helper()
	ws, _, err := websocket.DefaultDialer.Dial(url, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	for kind, message := range map[int]string{websocket.TextMessage: "YWJj", websocket.BinaryMessage: "abc"} {
		if err := ws.WriteMessage(kind, []byte(message)); err != nil {
			t.Fatal(err)
		}
		kind, reply, err := ws.ReadMessage()
		if err != nil || kind != websocket.TextMessage {
			t.Fatalf("got type %d, %q, %v; want a text", kind, reply, err)
		}
		replies = append(replies, string(reply))
	}
	return replies
}

func TestTargetAcks(t *testing.T) {
	serving := typeTarget(t, "--store", "discard", "--reply", "ack")
	if want := `replying {"ok":true,"bytes":n}`; !strings.Contains(serving.told, want) {
		t.Errorf("got %q, want it to say %s", serving.told, want)
	}
	if diff := cmp.Diff([]string{ackOfABC, ackOfABC}, sendABC(t, serving.url)); diff != "" {
		t.Errorf("replies (-want +got):\n%s", diff)
	}
	if got, want := serving.stop(t), "2 decoded, 2 acked, 0 refused"; !strings.Contains(got, want) {
		t.Errorf("got totals %q, want %s", got, want)
	}
}

// TestChildAcks has the setting travel to a child process, by its flag.
func TestChildAcks(t *testing.T) {
	child, err := target.Start(t.Context(), target.ChildSettings{Env: []string{role + "=wsimg"}, Store: store.Latest, Reply: target.Ack})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{ackOfABC, ackOfABC}, sendABC(t, child.URL())); diff != "" {
		t.Errorf("replies (-want +got):\n%s", diff)
	}
	if err := child.Stop(t.Context()); err != nil {
		t.Error(err)
	}
}

// echoCompressed sends an image in a compressed message and returns the
// extensions agreed on; the echo must be the message.
func echoCompressed(t *testing.T, url string) (extensions string) {
	t.Helper()
	dialer := websocket.Dialer{EnableCompression: true}
	ws, resp, err := dialer.Dial(url+"/?deflate=6", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	image := bytes.Repeat([]byte("abc"), 10_000)
	if err := ws.WriteMessage(websocket.BinaryMessage, image); err != nil {
		t.Fatal(err)
	}
	kind, echo, err := ws.ReadMessage()
	if err != nil || kind != websocket.BinaryMessage || !bytes.Equal(echo, image) {
		t.Fatalf("got type %d, %d bytes, %v; want the message back", kind, len(echo), err)
	}
	return resp.Header.Get("Sec-WebSocket-Extensions")
}

func TestTargetCompressesWhenTold(t *testing.T) {
	for _, tt := range []struct {
		name   string
		flags  []string
		agreed bool
	}{
		{"by default", nil, false},
		{"with --deflate", []string{"--deflate"}, true},
	} {
		serving := typeTarget(t, append(tt.flags, "--store", "discard")...)
		if got := strings.Contains(serving.told, "may be compressed"); got != tt.agreed {
			t.Errorf("%s: the target says %q", tt.name, serving.told)
		}
		if got := echoCompressed(t, serving.url); strings.Contains(got, "permessage-deflate") != tt.agreed {
			t.Errorf("%s: got extensions %q, want permessage-deflate: %v", tt.name, got, tt.agreed)
		}
		serving.stop(t)
	}
}

// TestChildCompresses has the setting travel to a child process, by its flag.
func TestChildCompresses(t *testing.T) {
	child, err := target.Start(t.Context(), target.ChildSettings{Env: []string{role + "=wsimg"}, Store: store.Discard, Deflate: true})
	if err != nil {
		t.Fatal(err)
	}
	if got := echoCompressed(t, child.URL()); !strings.Contains(got, "permessage-deflate") {
		t.Errorf("got extensions %q, want permessage-deflate", got)
	}
	if err := child.Stop(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestTargetThatCannotStart(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name  string
		flags []string
		want  string
	}{
		{"port in use", []string{"--addr", taken.Addr().String(), "--store", "off"}, "--addr"},
		{"a file for a folder", []string{"--addr", "127.0.0.1:0", "--dir", file}, "--dir"},
		{"an unknown reply", []string{"--reply", "shrug"}, `--reply: unknown reply "shrug": choose echo or ack`},
		{"no reply", []string{"--reply", ""}, `--reply: unknown reply "": choose echo or ack`},
	} {
		var stdout, stderr bytes.Buffer
		err := run(t.Context(), append([]string{"target"}, tt.flags...), nil, &stdout, &stderr)
		if got := exitCode(err); got != exitUsage || !strings.Contains(stderr.String(), tt.want) {
			t.Errorf("%s: got exit code %d and %q; want %d and what to do with %s", tt.name, got, stderr.String(), exitUsage, tt.want)
		}
	}
}

// TestSideChannelContract holds the two ends of GET /stats together: what the
// target counts is what the generator reads.
func TestSideChannelContract(t *testing.T) {
	t.Setenv(role, "wsimg") // the target is this binary again
	stdout, stderr, code := typeBench(t.Context(), "--loads", "closed", "--sizes", "10KB", "--distinct", "8", "--rounds", "1", "--duration", "100ms", "--warmup", "100ms", "--format", "json")
	if code != 0 {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	var report reports.Report
	if err := json.Unmarshal([]byte(stdout), &report); err != nil {
		t.Fatal(err)
	}
	told, own := report.Environment.Target, report.Environment
	if told == nil || told.Store != "latest" || told.Codec != "simd" {
		t.Fatalf("the target's own words are lost: %+v", told)
	}
	if told.OS != own.OS || told.Kernel != own.Kernel || told.MemoryBytes != own.MemoryBytes || told.Cores != own.Cores {
		t.Errorf("the target runs on %+v, and the generator of the same machine on %+v", told, own)
	}
	for _, c := range report.Cells {
		if c.TargetCPUUsPerImage == nil || *c.TargetCPUUsPerImage <= 0 {
			t.Errorf("%s, %s: no CPU of the target", c.Mode, c.Load)
		}
		for _, stage := range []string{"receive", "save", "echo"} {
			if c.TargetStagesUsPerImage[stage] <= 0 {
				t.Errorf("%s, %s: no time in stage %s", c.Mode, c.Load, stage)
			}
		}
		if decodes := c.TargetStagesUsPerImage["decode"] > 0; decodes != (c.Mode == "text") {
			t.Errorf("%s, %s: time in stage decode: %v", c.Mode, c.Load, decodes)
		}
	}
}

// TestStatsContract has each name in the target's JSON understood by the
// generator's side, those of a machine that can't be had here too.
func TestStatsContract(t *testing.T) {
	stage := func(n int) target.Stage { return target.Stage{Count: uint64(n), TotalNs: int64(n)} }
	resident := uint64(7e9)
	stats := target.Stats{
		PID: 4711, Memory: target.MemoryStats{ResidentBytes: &resident}, Connections: target.ConnectionStats{Open: 9},
		Limits: target.LimitStats{Connections: 10, PerAddress: 11, NewPerAddress: 1.2, MaxImageBytes: 13},
		Schema: target.StatsSchema, Wsimg: "v1", Go: "go1.26", Store: "latest", Codec: "simd", Reply: "echo", Refused: map[int]uint64{503: 7},
		Environment: target.Environment{
			OS: "linux", Arch: "arm64", Kernel: "6.12", CPU: "model", Cores: 8, GOMAXPROCS: 4, MemoryBytes: 16e9,
			Virtualization: "kvm", Governor: "performance", OpenFiles: 1024,
			Container: &target.Container{CPUs: 4.5, MemoryBytes: 8e9},
		},
	}
	stats.Stages.Text = target.StageStats{Receive: stage(1), Inflate: stage(2), Decode: stage(3), Save: stage(4), Deflate: stage(5), Echo: stage(6)}
	sent, err := json.Marshal(stats)
	if err != nil {
		t.Fatal(err)
	}
	var got site.Stats
	if err := json.Unmarshal(sent, &got); err != nil {
		t.Fatal(err)
	}
	want := record.Target{
		OS: "linux", Arch: "arm64", Kernel: "6.12", CPU: "model", Cores: 8, GOMAXPROCS: 4, MemoryBytes: 16e9,
		Virtualization: "kvm", Governor: "performance", OpenFiles: 1024,
		Container: &record.Container{CPUs: 4.5, MemoryBytes: 8e9},
	}
	if diff := cmp.Diff(want, got.Environment); diff != "" {
		t.Errorf("environment (-want +got):\n%s", diff)
	}
	if got.PID != stats.PID || got.Resident == nil || *got.Resident != resident || got.Connections.Open != 9 {
		t.Errorf("got process %d, resident memory %v and %d connections, want what was sent", got.PID, got.Resident, got.Connections.Open)
	}
	if diff := cmp.Diff(site.Limits{Connections: 10, PerAddress: 11, NewPerAddress: 1.2, MaxImageBytes: 13}, got.Limits); diff != "" {
		t.Errorf("limits (-want +got):\n%s", diff)
	}
	var names struct {
		Limits        map[string]float64 `json:"limits"`
		Refused       map[string]uint64  `json:"refused"`
		InFlightBytes *int64             `json:"in_flight_bytes"`
	}
	if err := json.Unmarshal(sent, &names); err != nil {
		t.Fatal(err)
	}
	limits := []string{"connections", "handshake_seconds", "idle_seconds", "in_flight_bytes", "max_image_bytes",
		"memory_bytes", "message_seconds", "new_per_address", "per_address", "write_seconds"}
	if diff := cmp.Diff(limits, slices.Sorted(maps.Keys(names.Limits))); diff != "" {
		t.Errorf("names of limits (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]uint64{"503": 7}, names.Refused); diff != "" || names.InFlightBytes == nil {
		t.Errorf("refused (-want +got):\n%s, and bytes in flight %v", diff, names.InFlightBytes)
	}
	stages := map[string]record.Stage{"receive": {Count: 1, TotalNs: 1}, "inflate": {Count: 2, TotalNs: 2}, "decode": {Count: 3, TotalNs: 3},
		"save": {Count: 4, TotalNs: 4}, "deflate": {Count: 5, TotalNs: 5}, "echo": {Count: 6, TotalNs: 6}}
	if diff := cmp.Diff(stages, got.Stages["text"]); diff != "" {
		t.Errorf("stages of text (-want +got):\n%s", diff)
	}
}
