package render_test

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/reports/internal/specimen"
	"github.com/wsimg/wsimg/reports/render"
)

func TestBenchstatGolden(t *testing.T) {
	p := specimen.Default()
	p.Sizes, p.Rounds, p.Modes = p.Sizes[:2], 2, []string{"binary", "binary#2", "text+deflate=-2"}
	run := p.Run()
	for i := range run.Cells {
		if run.Cells[i].SizeBytes == 10_000 {
			run.Cells[i].SizeBytes, run.Cells[i].Source = 10_123, "my photos/a=b.jpg"
		}
	}
	golden(t, "rounds.bench", output(t, render.Benchstat, analyze(t, run)))
}

// benchmarkLine is a line of the format: a name, a count, pairs of value and
// unit, single spaces between them.
var benchmarkLine = regexp.MustCompile(`^(Benchmark\S+)-(\d+) (\d+)((?: [\d.e+-]+ \S+)+)$`)

// benchmarks returns the lines of rounds by name, their values by unit.
func benchmarks(t *testing.T, text string) map[string][]map[string]float64 {
	t.Helper()
	found := map[string][]map[string]float64{}
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		switch {
		case strings.HasPrefix(line, "#"), strings.HasPrefix(line, "Unit "), regexp.MustCompile(`^[a-z]+: \S`).MatchString(line):
			continue
		case !benchmarkLine.MatchString(line):
			t.Fatalf("%q is no line of the format", line)
		}
		m := benchmarkLine.FindStringSubmatch(line)
		values := map[string]float64{}
		fields := strings.Fields(m[4])
		for i := 0; i < len(fields); i += 2 {
			x, err := strconv.ParseFloat(fields[i], 64)
			if err != nil {
				t.Fatalf("%q: %v", line, err)
			}
			values[fields[i+1]] = x
		}
		found[m[1]] = append(found[m[1]], values)
	}
	return found
}

func TestBenchstatHasALineForEachRoundAndCell(t *testing.T) {
	p := specimen.Default()
	p.Sizes, p.Rounds = p.Sizes[1:2], 6
	run := p.Run()
	text := specimen.Cell(run, 100_000, "text", record.Closed)
	text.Samples[0].Repeated = true
	text.Samples[1].Seconds = 0
	text.Samples[2].Errors = map[string]uint64{"flipped": 2}
	s := text.Samples[3]
	written := output(t, render.Benchstat, analyze(t, run))
	found := benchmarks(t, written)
	if got, want := len(found), len(run.Cells); got != want {
		t.Errorf("%d names, want %d: one for each cell", got, want)
	}
	lines := found["BenchmarkWsimg/load=closed/size=100KB/mode=text"]
	if got, want := len(lines), len(text.Samples)-2; got != want {
		t.Fatalf("%d lines, want %d: neither the repeated round nor the one whose window never opened", got, want)
	}
	for unit, want := range map[string]float64{
		"ns/op":                  1e9 * s.Seconds / s.Credit,
		"images/s":               s.Credit / s.Seconds,
		"target-cpu-ns/image":    float64(*s.TargetCPUNs) / float64(s.BlockImages),
		"generator-cpu-ns/image": float64(s.GeneratorCPUNs) / float64(s.BlockImages),
		"wire-B/image":           float64(s.WireSentBytes+s.WireReceivedBytes) / float64(s.BlockImages),
	} {
		if got := lines[1][unit]; got < want*0.9999999 || got > want*1.0000001 {
			t.Errorf("%s: got %v, want %v", unit, got, want)
		}
	}
	if _, ok := lines[1]["response-ns/image"]; ok {
		t.Error("response time is told of a closed load, where it is throughput in disguise")
	}
	if !strings.Contains(written, "# text at 100 KB, closed load, 16 clients: 2 images failed") {
		t.Error("the failures are not mentioned")
	}
}

// TestFaultOfAnAuditIsAComment: it is in every format that has comments, in one
// line whatever is in it, and nothing else changes.
func TestFaultOfAnAuditIsAComment(t *testing.T) {
	run := specimen.BackToBack()
	for name, write := range map[string]render.Writer{"benchstat": render.Benchstat, "hgrm": render.Hgrm} {
		run.Audit = &record.Audit{Verified: 5, Saved: 5}
		sound := output(t, write, analyze(t, run))
		run.Audit = &record.Audit{Verified: 5, Saved: 4, Fault: "the target saved 4 of 5\nBenchmarkForged 1 1 ns/op"}
		faulty := output(t, write, analyze(t, run))
		const want = "# The audit found a fault: the target saved 4 of 5 BenchmarkForged 1 1 ns/op\n"
		if got := strings.Replace(faulty, want, "", 1); strings.Contains(sound, "audit") || got == faulty || got != sound {
			t.Errorf("%s: got\n%.800s\nwant what a sound run has, and %q", name, faulty, want)
		}
	}
}

func TestBenchstatLeavesOutWhatIsNotKnown(t *testing.T) {
	for name, lines := range benchmarks(t, output(t, render.Benchstat, elsewhere(t))) {
		if _, ok := lines[0]["target-cpu-ns/image"]; ok {
			t.Errorf("%s has CPU of a target without a side channel", name)
		}
	}
	r := overloaded(t)
	for name, lines := range benchmarks(t, output(t, render.Benchstat, r)) {
		_, ok := lines[0]["response-ns/image"]
		censored := strings.Contains(name, "load=open") && strings.Contains(name, "size=1MB/mode=text")
		if want := !strings.Contains(name, "load=closed") && !censored; ok != want {
			t.Errorf("%s has response time: %v, want %v", name, ok, want)
		}
	}
}
