package reports_test

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/reports"
	"github.com/wsimg/wsimg/reports/internal/specimen"
)

// each are stages or steps of ten images that take so many nanoseconds each.
type each map[string]int64

func (e each) stages() map[string]record.Stage {
	stages := map[string]record.Stage{}
	for name, ns := range e {
		stages[name] = record.Stage{Count: 10, TotalNs: 10 * ns}
	}
	return stages
}

// costing is eight rounds of ten images, that take so many nanoseconds of CPU
// at each end and so long to be answered.
func costing(t *testing.T, mode, load string, generator, target int64, response time.Duration, steps, stages each) record.Cell {
	t.Helper()
	c := closed(mode)
	c.Load = load
	h := times{response: 10}.histogram(t)
	for round := range 8 {
		s := block(round, 10)
		cpu := 10 * target
		s.GeneratorCPUNs, s.TargetCPUNs, s.Response = 10*generator, &cpu, h
		if steps != nil {
			s.Steps = steps.stages()
		}
		if stages != nil {
			s.Stages = stages.stages()
		}
		c.Samples = append(c.Samples, s)
	}
	return c
}

// known is a run whose every part is known. At saturation the stages take
// longer, as they do when they wait for a core.
func known(t *testing.T) *record.Run {
	t.Helper()
	r := run(
		costing(t, "binary", record.Closed, 10_000, 20_000, ms,
			each{"mask": 1000, "unmask": 2000, "compare": 500}, each{"save": 30_000}),
		costing(t, "text", record.Closed, 14_000, 30_000, ms,
			each{"encode": 3000, "mask": 1100, "unmask": 2200, "compare": 700}, each{"save": 40_000, "decode": 50_000}),
		costing(t, "binary", record.Single, 9000, 9000, 40_000*time.Nanosecond, nil, each{"save": 4000}),
		costing(t, "text", record.Single, 9000, 9000, 60_000*time.Nanosecond, nil, each{"save": 4400, "decode": 2000}),
	)
	r.Settings.Store = "latest"
	return r
}

func costOf(t *testing.T, r *reports.Report, mode, metric string) reports.Cost {
	t.Helper()
	i := slices.IndexFunc(r.Costs, func(c reports.Cost) bool { return c.Mode == mode && c.Metric == metric })
	if i < 0 {
		t.Fatalf("no %s of %s", metric, mode)
	}
	return r.Costs[i]
}

func TestCostIsSplit(t *testing.T) {
	r := analyze(t, known(t))
	got := costOf(t, r, "text", reports.CPUCost)
	want := reports.Cost{
		SizeBytes: 300, Source: "synthetic", Mode: "text", Metric: reports.CPUCost, Load: record.Closed,
		End: reports.BothEnds, StagesLoad: record.Single, TotalUs: 44,
		Parts: []reports.Part{
			{Name: "encode", End: "generator", Us: 3}, {Name: "mask", End: "generator", Us: 1.1}, {Name: "mask", End: "target", Us: 2.2},
			{Name: "utf8", End: "target"}, {Name: "decode", End: "target", Us: 2}, {Name: "save", End: "target", Us: 4.4},
			{Name: "compare", End: "generator", Us: 0.7}, {Name: "other", End: "both", Us: 30.6},
		},
		Rest: &reports.Range{Low: 30.6, High: 30.6},
		Overhead: &reports.CostOverhead{
			Baseline: "binary", Us: 14, UsInterval: &reports.Range{Low: 14, High: 14}, Significant: true, Points: 14 / 0.3,
			Parts: []reports.PartOverhead{
				{Part: reports.Part{Name: "encode", End: "generator", Us: 3}, Points: 10},
				{Part: reports.Part{Name: "mask", End: "generator", Us: 0.1}, Points: 0.1 / 0.3},
				{Part: reports.Part{Name: "mask", End: "target", Us: 0.2}, Points: 0.2 / 0.3},
				{Part: reports.Part{Name: "utf8", End: "target"}},
				{Part: reports.Part{Name: "decode", End: "target", Us: 2}, Points: 2 / 0.3},
				{Part: reports.Part{Name: "save", End: "target", Us: 0.4}, Points: 0.4 / 0.3},
				{Part: reports.Part{Name: "compare", End: "generator", Us: 0.2}, Points: 0.2 / 0.3},
				{Part: reports.Part{Name: "other", End: "both", Us: 8.1}, Points: 27},
			},
			RestUs: &reports.Range{Low: 8.1, High: 8.1}, RestPoints: &reports.Range{Low: 27, High: 27}, Largest: "other", LargestNamed: "encode",
		},
	}
	close := cmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) < 1e-6 })
	if diff := cmp.Diff(want, got, close); diff != "" {
		t.Errorf("CPU (-want +got):\n%s", diff)
	}
	latency := costOf(t, r, "text", reports.LatencyCost)
	// A histogram tells times to three digits; the reply is compared when it is there.
	if math.Abs(latency.TotalUs-60) > 0.06 || latency.Load != record.Single || latency.StagesLoad != record.Single {
		t.Errorf("latency: got %.3f µs under the %s load, stages of the %s load, want 60 and single", latency.TotalUs, latency.Load, latency.StagesLoad)
	}
	if us, ok := latency.Part(reports.ComparePart); ok {
		t.Errorf("latency: comparing takes %v µs of it, want it left out", us)
	}
	if us, _ := latency.Part(reports.MaskPart); math.Abs(us-3.3) > 1e-6 {
		t.Errorf("latency: masking at both ends takes %v µs, want 3.3", us)
	}
	want14 := "Of the CPU that text costs more, both ends together, the largest part is kernel, cache and other work: " +
		"8.10 µs of 14.0 µs (58 %) at 300 B; the largest with a name is encoding: 3.00 µs at 300 B."
	if !strings.Contains(r.Conclusion, want14) {
		t.Errorf("conclusion: got %q, want %q in it", r.Conclusion, want14)
	}
}

func TestCostsAddUp(t *testing.T) {
	r := analyze(t, specimen.Compressed())
	if len(r.Costs) != 6 {
		t.Fatalf("got %d costs, want two of each of three modes", len(r.Costs))
	}
	near := func(what string, c reports.Cost, got, want float64) {
		if math.Abs(got-want) > 1e-6*max(1, math.Abs(want)) {
			t.Errorf("%s, %s at %d: the parts' %s add up to %v, want %v", c.Metric, c.Mode, c.SizeBytes, what, got, want)
		}
	}
	for _, c := range r.Costs {
		var us, points, more float64
		for _, p := range c.Parts {
			us += p.Us
		}
		near("time", c, us, c.TotalUs)
		rest, _ := c.Part(reports.OtherPart)
		if c.Rest == nil || c.Rest.Low > rest || c.Rest.High < rest || c.Rest.Low == c.Rest.High {
			t.Errorf("%s, %s at %d: the rest of %v µs is not within its interval %v", c.Metric, c.Mode, c.SizeBytes, rest, c.Rest)
		}
		o := c.Overhead
		if (o == nil) != (c.Mode == "binary") {
			t.Fatalf("%s: overhead %v, want one of all but the baseline", c.Mode, o)
		}
		if o == nil {
			continue
		}
		for _, p := range o.Parts {
			more, points = more+p.Us, points+p.Points
		}
		near("difference", c, more, o.Us)
		near("points", c, points, o.Points)
		base := costOf(t, r, "binary", c.Metric).TotalUs
		near("overhead", c, 1+points/100, c.TotalUs/base)
		if d, _ := o.Part(reports.OtherPart); o.RestPoints == nil || o.RestPoints.Low > d.Points || o.RestPoints.High < d.Points {
			t.Errorf("%s, %s: the rest of %v points is not within its interval %v", c.Metric, c.Mode, d.Points, o.RestPoints)
		}
	}
}

// A paired interval is that of the difference: what both modes share of the
// noise is not in it.
func TestCostOverheadIsPaired(t *testing.T) {
	r := known(t)
	for i := range r.Cells {
		for j := range r.Cells[i].Samples {
			s := &r.Cells[i].Samples[j]
			*s.TargetCPUNs += int64(j) * 100_000 // 10 µs an image more in each round, in both modes
		}
	}
	c := costOf(t, analyze(t, r), "text", reports.CPUCost)
	if w := c.Rest.High - c.Rest.Low; w < 10 {
		t.Errorf("the rest is known to %v µs, want noise in it", w)
	}
	if w := c.Overhead.RestUs.High - c.Overhead.RestUs.Low; w > 1e-6 {
		t.Errorf("the difference in the rest is known to %v µs, want exactly", w)
	}
}

func TestCostsAreSplitAsFarAsIsKnown(t *testing.T) {
	all := func(r *record.Run, change func(c *record.Cell, s *record.Sample)) {
		for i := range r.Cells {
			for j := range r.Cells[i].Samples {
				change(&r.Cells[i], &r.Cells[i].Samples[j])
			}
		}
	}
	for _, c := range []struct {
		name   string
		change func(r *record.Run)
		parts  string // of text, CPU
		note   string
	}{
		{"as usual", func(*record.Run) {},
			"encode/generator mask/generator mask/target utf8/target decode/target save/target compare/generator other/both", "Parts: encode"},
		{"a record without steps", func(r *record.Run) {
			all(r, func(_ *record.Cell, s *record.Sample) { s.Steps = nil })
		}, "", ""},
		{"steps beside the single load", func(r *record.Run) {
			for i := range 2 {
				for j := range r.Cells[i].Samples {
					r.Cells[i+2].Samples[j].Steps, r.Cells[i].Samples[j].Steps = r.Cells[i].Samples[j].Steps, nil
				}
			}
		}, "encode/generator mask/generator mask/target utf8/target decode/target save/target compare/generator other/both", ""},
		{"no single load", func(r *record.Run) {
			r.Cells = r.Cells[:2]
			all(r, func(_ *record.Cell, s *record.Sample) {
				s.Stages["save"], s.Stages["decode"] = s.Steps["mask"], s.Steps["encode"]
			})
		},
			"encode/generator mask/generator mask/target utf8/target decode/target save/target compare/generator other/both", "timed at saturation"},
		{"no side channel", func(r *record.Run) {
			all(r, func(_ *record.Cell, s *record.Sample) { s.TargetCPUNs, s.Stages = nil, nil })
		}, "encode/generator mask/generator compare/generator other/generator", "the generator's alone"},
		{"a compressed mode", func(r *record.Run) {
			all(r, func(c *record.Cell, s *record.Sample) {
				if c.Mode == "text" && c.Load == record.Closed {
					s.Steps[record.DeflateStep] = record.Stage{Count: 1, TotalNs: 5000}
				}
			})
		}, "encode/generator mask/generator mask/target utf8/target decode/target save/target compare/generator deflate/generator other/both", "the generator's deflate"},
		{"checked text", func(r *record.Run) {
			r.Settings.Store = "off"
			all(r, func(_ *record.Cell, s *record.Sample) {
				if s.Steps != nil {
					s.Steps[record.UTF8Step] = record.Stage{Count: 1, TotalNs: 600}
				}
			})
		}, "encode/generator mask/generator mask/target utf8/target decode/target save/target compare/generator other/both", ""},
		{"parts that exceed the whole", func(r *record.Run) {
			all(r, func(_ *record.Cell, s *record.Sample) {
				if s.Steps != nil {
					s.Steps[record.EncodeStep] = record.Stage{Count: 1, TotalNs: 100_000}
				}
			})
		}, "", "Not split: CPU of binary at 300 B, where the parts at the generator take 102 µs and its CPU is 10.0 µs; " +
			"CPU of text at 300 B, where the parts at the generator take 102 µs and its CPU is 14.0 µs; " +
			"latency of binary at 300 B, where the parts take 107 µs and the whole is 40.0 µs; "},
		{"a target that waits longer than it works", func(r *record.Run) {
			all(r, func(c *record.Cell, s *record.Sample) {
				if c.Mode == "text" && c.Load == record.Single {
					s.Stages["save"] = record.Stage{Count: 10, TotalNs: 260_000}
				}
			})
		}, "", "Not split: CPU of text at 300 B, where the parts at the target take 30.2 µs and its CPU is 30.0 µs."},
	} {
		t.Run(c.name, func(t *testing.T) {
			run := known(t)
			c.change(run)
			r := analyze(t, run)
			var parts []string
			for _, cost := range r.Costs {
				if cost.Mode != "text" || cost.Metric != reports.CPUCost {
					continue
				}
				for _, p := range cost.Parts {
					parts = append(parts, p.Name+"/"+p.End)
				}
			}
			if got := strings.Join(parts, " "); got != c.parts {
				t.Errorf("got  %s\nwant %s", got, c.parts)
			}
			notes := strings.Join(r.Footnotes, "\n")
			if !strings.Contains(notes, c.note) {
				t.Errorf("footnotes %q, want one that says %q", r.Footnotes, c.note)
			}
			if utf8 := strings.Contains(notes, "--store off"); utf8 != (c.name != "a record without steps" && run.Settings.Store != "off" && c.name != "no side channel") {
				t.Errorf("footnotes %q: one on UTF-8: %v", r.Footnotes, utf8)
			}
		})
	}
}

// What can't be split still has a total, and its difference.
func TestWithheldCosts(t *testing.T) {
	r := known(t)
	for i := range r.Cells[3].Samples {
		r.Cells[3].Samples[i].Stages["save"] = record.Stage{Count: 10, TotalNs: 260_000}
	}
	report := analyze(t, r)
	c := costOf(t, report, "text", reports.CPUCost)
	o := c.Overhead
	if c.Withheld == "" || c.Parts != nil || c.Rest != nil || o.Parts != nil || o.RestUs != nil || o.Largest != "" {
		t.Errorf("parts that exceed an end's total: got %+v with %+v, want nothing split", c, o)
	}
	if c.TotalUs != 44 || o.Us != 14 || o.UsInterval == nil || !o.Significant {
		t.Errorf("the whole: got %v µs, %+v, want 44, 14 more than binary", c.TotalUs, o)
	}
	if b := costOf(t, report, "binary", reports.CPUCost); b.Withheld != "" || b.Parts == nil {
		t.Errorf("the baseline is withheld too: %+v", b)
	}
}

func TestCostsNeedSixRoundsForIntervals(t *testing.T) {
	r := known(t)
	for i := range r.Cells {
		r.Cells[i].Samples = r.Cells[i].Samples[:5]
	}
	c := costOf(t, analyze(t, r), "text", reports.CPUCost)
	if c.Rest != nil || c.Overhead.RestUs != nil || c.Overhead.UsInterval != nil || c.Overhead.Significant || c.Overhead.Points == 0 {
		t.Errorf("of five rounds: got %+v with %+v, want a split without intervals", c, c.Overhead)
	}
}

// Single loads have fewer rounds, and other sizes other ones.
func TestCostsOfUnequalRounds(t *testing.T) {
	r := known(t)
	for i := range r.Cells[2:] {
		r.Cells[2+i].Samples = slices.DeleteFunc(r.Cells[2+i].Samples, func(s record.Sample) bool { return s.Round%4 > 0 })
	}
	report := analyze(t, r)
	cpu, latency := costOf(t, report, "text", reports.CPUCost), costOf(t, report, "text", reports.LatencyCost)
	if save, _ := cpu.Part(reports.SavePart); math.Abs(save-4.4) > 1e-6 || cpu.Rest != nil {
		t.Errorf("CPU: saving takes %v µs and the rest has the interval %v, want 4.4 and none, of two rounds with stages", save, cpu.Rest)
	}
	if o := cpu.Overhead; o.UsInterval == nil || !o.Significant || o.Largest != "" {
		t.Errorf("CPU: the whole differs by %v (largest part %q), want an interval of eight rounds and no part", o.UsInterval, o.Largest)
	}
	if latency.Rest != nil {
		t.Errorf("latency of two rounds has the interval %v", *latency.Rest)
	}
}

// One stint that something else interrupts says nothing of a step.
func TestCostsOutliveAnOutlier(t *testing.T) {
	r := known(t)
	r.Cells[1].Samples[3].Steps[record.EncodeStep] = record.Stage{Count: 10, TotalNs: 10 * 161_000}
	c := costOf(t, analyze(t, r), "text", reports.CPUCost)
	if encode, _ := c.Part(reports.EncodePart); math.Abs(encode-3) > 1e-6 {
		t.Errorf("encoding takes %v µs, want 3", encode)
	}
}

// A part leads that leads in (nearly) every draw of rounds.
func TestThereIsNoLargestPartInDoubt(t *testing.T) {
	for _, c := range []struct {
		name   string
		encode func(round int) int64 // ns; the rest without it differs by 11.1 µs
		want   string
	}{
		{"it leads", func(int) int64 { return 8000 }, reports.EncodePart},
		{"by less than it varies", func(round int) int64 { return []int64{1000, 6500}[round%2] + int64(400*round) }, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := known(t)
			for i := range r.Cells[1].Samples {
				r.Cells[1].Samples[i].Steps[record.EncodeStep] = record.Stage{Count: 1, TotalNs: c.encode(i)}
			}
			report := analyze(t, r)
			if o := costOf(t, report, "text", reports.CPUCost).Overhead; o.Largest != c.want {
				t.Errorf("the largest part is %q, want %q", o.Largest, c.want)
			}
			if says := strings.Contains(report.Conclusion, "the largest part is"); says != (c.want != "") {
				t.Errorf("conclusion %q: names a largest part: %v", report.Conclusion, says)
			}
		})
	}
}

func TestNoCostWithoutADifference(t *testing.T) {
	r := analyze(t, specimen.AgainstItself())
	if strings.Contains(r.Conclusion, "Of the CPU") {
		t.Errorf("a mode against itself: %q", r.Conclusion)
	}
	if c := costOf(t, r, "binary#2", reports.CPUCost); c.Overhead.Significant {
		t.Errorf("a mode against itself differs by %v", c.Overhead.UsInterval)
	}
}

func TestCostsInJSON(t *testing.T) {
	b, err := json.Marshal(analyze(t, known(t)))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"costs":[{"size_bytes":300,"source":"synthetic","mode":"binary","metric":"cpu_us_per_image","load":"closed","end":"both","total_us":30,`,
		`{"name":"mask","end":"target","us":2}`,
		`"points":46.66666667,`,
	} {
		if !strings.Contains(string(b), want) {
			t.Errorf("JSON lacks %s", want)
		}
	}
	b, _ = json.Marshal(analyze(t, run(closed("binary", blocks(8, 1000)...))))
	if !strings.Contains(string(b), `"costs":[]`) {
		t.Error("without steps: want no costs, as an empty list")
	}
}
