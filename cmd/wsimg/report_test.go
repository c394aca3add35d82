package main

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/reports"
	"github.com/wsimg/wsimg/reports/render"
)

// typeReport runs wsimg report and returns what it printed and its exit code.
func typeReport(t *testing.T, stdin string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errs bytes.Buffer
	err := run(t.Context(), append([]string{"report"}, args...), strings.NewReader(stdin), &out, &errs)
	return out.String(), errs.String(), exitCode(err)
}

// TestReportPrintsWhatTheRunPrinted, and ends as it did.
func TestReportPrintsWhatTheRunPrinted(t *testing.T) {
	echo := func(ws *websocket.Conn, _, typ int, m []byte) { ws.WriteMessage(typ, m) }
	for _, tt := range []struct {
		name  string
		reply func(ws *websocket.Conn, n, typ int, m []byte)
		load  string
		code  int
	}{
		{"all is well", echo, "closed,single", 0},
		{"an image failed", func(ws *websocket.Conn, n, typ int, m []byte) {
			if n == 30 {
				m[len(m)/2] ^= 0x20
			}
			ws.WriteMessage(typ, m)
		}, "single", exitFailed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "run.json")
			printed, stderr, code := typeBench(t.Context(), append(quick, "--url", peer(t, tt.reply), "--loads", tt.load, "--out", file)...)
			if code != tt.code {
				t.Fatalf("bench exits with %d, want %d:\n%s", code, tt.code, stderr)
			}
			again, _, code := typeReport(t, "", file)
			if again != printed {
				t.Errorf("report prints\n%s\nand bench printed\n%s", again, printed)
			}
			if code != tt.code {
				t.Errorf("report exits with %d, want %d as bench did", code, tt.code)
			}
			saved, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if fromStdin, _, _ := typeReport(t, string(saved), "-"); fromStdin != printed {
				t.Errorf("of standard input, report prints\n%s\nand bench printed\n%s", fromStdin, printed)
			}
		})
	}
}

// TestBenchAndReportPrintTheSameInAllFormats: of one run in memory and the same
// run saved.
func TestBenchAndReportPrintTheSameInAllFormats(t *testing.T) {
	done := readRecord(t, oldRun)
	file := filepath.Join(t.TempDir(), "run.json")
	if err := save(file, done); err != nil {
		t.Fatal(err)
	}
	report, err := reports.Analyze(done)
	if err != nil {
		t.Fatal(err)
	}
	for _, format := range render.Formats() {
		var printed bytes.Buffer
		write, err := reportWriter(format, &printed)
		if err != nil {
			t.Fatal(err)
		}
		if err := write(&printed, report); err != nil {
			t.Fatal(err)
		}
		if again, _, _ := typeReport(t, "", "--format", format, file); again != printed.String() {
			t.Errorf("%s: report prints\n%s\nand bench\n%s", format, again, printed.String())
		}
	}
}

const oldRun = "../../loadgen/record/testdata/run-1-v0.1.0.json"

func readRecord(t testing.TB, file string) *record.Run {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := record.Read(f)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestReportEndsAsTheRunDid where that can't be had of a quick run.
func TestReportEndsAsTheRunDid(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*record.Run)
		code   int
		says   string
	}{
		{"valid", func(*record.Run) {}, 0, ""},
		{"interrupted", func(r *record.Run) { r.Incomplete = "interrupted" }, exitFailed, "the run is incomplete: interrupted"},
		{"a cell that failed", func(r *record.Run) { r.Cells[0].Failed = "the server left" }, exitFailed, "the server left"},
		{"void", func(r *record.Run) {
			r.Environment.Shared = false
			for i := range r.Cells {
				for j := range r.Cells[i].Samples {
					r.Cells[i].Samples[j].Disturbance = record.Disturbance{SpanSeconds: 2, Foreign: 0.5}
				}
			}
		}, exitVoid, "the measurement is void"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := readRecord(t, oldRun)
			tt.change(r)
			saved, err := json.Marshal(r)
			if err != nil {
				t.Fatal(err)
			}
			stdout, stderr, code := typeReport(t, string(saved), "-")
			if code != tt.code || !strings.Contains(stderr, tt.says) || tt.says == "" && stderr != "" {
				t.Errorf("got exit code %d and %q, want %d and %q", code, stderr, tt.code, tt.says)
			}
			if !strings.Contains(stdout, "Unloaded latency") {
				t.Errorf("the report is missing:\n%s", stdout)
			}
		})
	}
}

// FuzzSavedRunIsReported: with any value in any place of a saved run, it is
// refused or makes a report in every format. Nothing panics.
func FuzzSavedRunIsReported(f *testing.F) {
	f.Add(uint(0), `"wsimg.run/2"`)
	f.Add(uint(7), `-1`)
	f.Add(uint(20), `1e15`)
	f.Add(uint(40), `null`)
	f.Add(uint(60), `9007199254740992`)
	f.Add(uint(80), `""`)
	f.Add(uint(90), `{"": {}}`)
	f.Add(uint(95), `[]`)
	saved, err := json.Marshal(tinyRun())
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, place uint, value string) {
		var doc, put any
		if json.Unmarshal([]byte(value), &put) != nil {
			t.Skip("no JSON")
		}
		if err := json.Unmarshal(saved, &doc); err != nil {
			t.Fatal(err)
		}
		leaf := 0
		count := func(v any) any { leaf++; return v }
		replaceLeaves(doc, count)
		at := int(place % uint(leaf))
		leaf = 0
		replaceLeaves(doc, func(v any) any {
			if leaf++; leaf-1 == at {
				return put
			}
			return v
		})
		changed, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		r, err := record.Read(bytes.NewReader(changed))
		if err != nil {
			return
		}
		report, err := reports.Analyze(r)
		if err != nil {
			t.Fatalf("what was read can't be analyzed: %v", err)
		}
		for _, format := range render.Formats() {
			write, err := render.ByName(format, render.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if err := write(io.Discard, report); err != nil {
				t.Errorf("%s: %v", format, err)
			}
		}
	})
}

// tinyRun has a cell of each load, and every kind of field.
func tinyRun() *record.Run {
	target := int64(1000)
	r := &record.Run{
		Schema: record.Schema, Seconds: 1, Incomplete: "interrupted", Notes: []string{"a note"}, Merged: 2,
		Environment: record.Environment{Wsimg: "0.1.0", Cores: 2, GOMAXPROCS: 2, Shared: true, Target: &record.Target{Store: "latest"}},
		Settings: record.Settings{
			Command: "bench", Modes: []string{"text", "binary"}, Baseline: "binary", Clients: 2, RatePerS: 5, ThinkSeconds: 1,
			Stages: []record.Ramp{{FromPerS: 1, ToPerS: 2, Seconds: 3}}, Seconds: 1, Distinct: 2, Arrivals: record.Poisson,
		},
	}
	for _, load := range []string{record.Closed, record.Single, record.Open} {
		for m, mode := range r.Settings.Modes {
			c := record.Cell{SizeBytes: 1000, Source: record.Synthetic, Mode: mode, Load: load, Clients: 2, Distinct: 1}
			for round := range 2 {
				c.Samples = append(c.Samples, record.Sample{
					Round: round, Order: (m + round) % 2, Seconds: 1, Images: 4, Credit: 4, CreditBytes: 4000, BlockImages: 5, BlockBytes: 5000,
					WireSentBytes: 5100, WireReceivedBytes: 5100, GeneratorCPUNs: 900, TargetCPUNs: &target, EncodeNs: 10,
					Scheduled: 5, Censored: 1, CensoredFromNs: 1000, PacerCPUNs: 1,
					Stages: map[string]record.Stage{"save": {Count: 5, TotalNs: 100}}, Steps: map[string]record.Stage{record.EncodeStep: {Count: 5, TotalNs: 100}},
					Errors: map[string]uint64{"flipped": 1}, Disturbance: record.Disturbance{SpanSeconds: 2, Foreign: 0.01},
					Series: []record.Point{{AtSeconds: 1, Seconds: 1, Images: 4, Bytes: 4000, Scheduled: 5}},
				})
			}
			c.Examples = map[string]record.Example{"flipped": {Client: 1, Round: 0, Detail: "byte 7"}}
			if load == record.Open {
				c.RatePerS = 5
			}
			r.Cells = append(r.Cells, c)
		}
	}
	return r
}

// replaceLeaves passes everything in v that holds nothing itself through f, in
// an order that is always the same.
func replaceLeaves(v any, f func(any) any) {
	each := func(v any, set func(any)) {
		switch v.(type) {
		case map[string]any, []any:
			replaceLeaves(v, f)
		default:
			set(f(v))
		}
	}
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			each(v[name], func(to any) { v[name] = to })
		}
	case []any:
		for i := range v {
			each(v[i], func(to any) { v[i] = to })
		}
	}
}
