package reports_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/verdict"
	"github.com/wsimg/wsimg/reports"
	"github.com/wsimg/wsimg/reports/internal/specimen"
)

// tried is a probe of text: what was asked for, and what became of it.
type tried struct {
	phase, verdict, decided string
	load                    float64
	response                times // of a second
	resident                uint64
}

// search is a run of these probes; for clients, each of one image in 10 s.
func search(t *testing.T, find string, probes ...tried) *record.Run {
	t.Helper()
	r := run()
	r.Settings.Command, r.Settings.Modes, r.Settings.Baseline = "capacity", []string{"text"}, "text"
	r.Capacity = &record.Capacity{
		Find: find, Objectives: []string{"response_p99<150ms"}, Least: 1, Most: 10_000,
		Memory: &record.Footprint{Connections: 100, BaseBytes: 10_000_000, WithBytes: 11_000_000},
	}
	if find == record.FindClients {
		r.Capacity.PerClientPerS = 0.1
	}
	for round, p := range probes {
		c := open("text", planned(t, round, p.response))
		c.RatePerS = p.load
		if find == record.FindClients {
			c.Clients, c.RatePerS = int(p.load), p.load/10
		}
		s := &c.Samples[0]
		s.Images = 0
		for _, n := range p.response {
			s.Images += uint64(n)
		}
		s.Credit, s.BlockImages, s.Scheduled = float64(s.Images), s.Images, s.Images
		s.CreditBytes = s.Credit * 300
		target := int64(s.Images) * 20_000
		s.TargetCPUNs, s.GeneratorCPUNs = &target, int64(s.Images)*10_000
		if i := slices.IndexFunc(r.Cells, func(o record.Cell) bool { return o.RatePerS == c.RatePerS }); i >= 0 {
			r.Cells[i].Samples = append(r.Cells[i].Samples, *s)
		} else {
			r.Cells = append(r.Cells, c)
		}
		probe := record.Probe{Round: round, Mode: "text", Load: p.load, Phase: p.phase, Verdict: p.verdict, Decided: p.decided}
		if p.resident > 0 {
			probe.TargetResidentBytes = &p.resident
		}
		r.Capacity.Probes = append(r.Capacity.Probes, probe)
	}
	return r
}

func TestFiguresOfAnAnswerAreOfWhatWasConfirmedAndPassed(t *testing.T) {
	grown := []tried{
		{record.Grow, record.Pass, "", 1000, times{1 * ms: 1000}, 90_000_000},
		{record.Grow, record.Pass, "", 2000, times{2 * ms: 2000}, 12_000_000},
		{record.Bisect, record.Fail, "backlog", 3000, times{900 * ms: 2500}, 99_000_000},
		{record.Grow, record.Fail, "response_p99", 4000, times{990 * ms: 2500}, 99_000_000},
	}
	confirmed := append(slices.Clone(grown),
		tried{record.Confirm, record.Pass, "", 2500, times{10 * ms: 2500}, 14_000_000},
		tried{record.Confirm, record.Fail, "errors", 2600, times{200 * ms: 2550}, 15_000_000},
		tried{record.Confirm, record.Inconclusive, "response_p99", 2550, times{140 * ms: 2550}, 16_000_000},
		tried{record.Confirm, record.Pass, "", 2400, times{30 * ms: 2400}, 13_000_000},
		tried{record.Confirm, record.Fail, "response_p99", 2500, times{160 * ms: 2500}, 0},
		tried{record.Confirm, record.Fail, "response_p99", 2500, times{160 * ms: 2500}, 0},
	)
	for _, c := range []struct {
		name                                        string
		probes                                      []tried
		achieved, goodput, p99, inFlight, cpu, most float64
		samples                                     uint64
		decided                                     string
	}{
		{"confirmed", confirmed, 2450, 735_000, 30_000, 2450 * (2500*0.010 + 2400*0.030) / 4900, 20, 14_000_000, 4900, "response_p99"},
		{"not confirmed: the highest that passed, the lowest that failed", grown, 2000, 600_000, 2000, 4, 20, 12_000_000, 2000, "backlog"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := analyze(t, search(t, record.FindRate, c.probes...)).Capacity.Answers[0]
			// A histogram tells times to within a thousandth.
			about := func(p *float64, want float64) bool { return p != nil && *p >= want*0.998 && *p <= want*1.002 }
			for _, f := range []struct {
				name string
				got  *float64
				want float64
			}{
				{"achieved", got.AchievedPerS, c.achieved}, {"goodput", got.GoodputBytesPerS, c.goodput},
				{"p99", got.Response.P99, c.p99}, {"in flight", got.InFlight, c.inFlight},
				{"target CPU", got.TargetCPUUsPerImage, c.cpu}, {"generator CPU", got.GeneratorUsPerImage, c.cpu / 2},
				{"resident", got.TargetResidentBytes, c.most},
				{"beyond base and 4 connections", got.TargetBytesBeyond, c.most - 10_000_000 - 4*10_000},
			} {
				if !about(f.got, f.want) {
					t.Errorf("%s: got %v, want %v", f.name, show(f.got), f.want)
				}
			}
			if got.Samples != c.samples || got.Decided != c.decided || got.Probes != len(c.probes) || got.ClientsAtConfirmed != 4 {
				t.Errorf("got %d samples, decided by %q, %d probes, %d clients, want %d, %q, %d and 4",
					got.Samples, got.Decided, got.Probes, got.ClientsAtConfirmed, c.samples, c.decided, len(c.probes))
			}
		})
	}
}

func TestClientsAreImagesByWhatTheyAchieved(t *testing.T) {
	// Asked for 0.1/s each, the clients that were confirmed achieved 0.09/s.
	got := analyze(t, search(t, record.FindClients,
		tried{record.Grow, record.Pass, "", 4000, times{1 * ms: 400}, 0},
		tried{record.Grow, record.Fail, "response_p99", 8000, times{900 * ms: 500}, 0},
		tried{record.Confirm, record.Pass, "", 5000, times{10 * ms: 450}, 0},
		tried{record.Confirm, record.Pass, "", 6000, times{10 * ms: 540}, 0},
	)).Capacity.Answers[0]
	if got.Load == nil || !is(got.ImagesPerS, 0.09**got.Load) {
		t.Errorf("%v images/s at %v clients, want 0.09 of each", show(got.ImagesPerS), show(got.Load))
	}
	r := search(t, record.FindClients,
		tried{record.Grow, record.Pass, "", 2500, times{1 * ms: 250}, 0},
		tried{record.Grow, record.Pass, "", 5000, times{1 * ms: 500}, 0},
		tried{record.Confirm, record.Pass, "", 5000, times{1 * ms: 450}, 0},
	)
	r.Capacity.Most = 5000
	if got := analyze(t, r).Capacity.Answers[0]; !got.Unbounded || !is(got.ImagesPerS, 450) {
		t.Errorf("%v images/s of 5000 clients that were not too many (%v), want 450", show(got.ImagesPerS), got.Unbounded)
	}
}

func TestLoadsAreWhatAllTheirProbesCameTo(t *testing.T) {
	c := analyze(t, search(t, record.FindRate,
		tried{record.Confirm, record.Pass, "", 2500, times{10 * ms: 2500}, 0},
		tried{record.Grow, record.Fail, "response_p99", 4000, times{900 * ms: 2500}, 0},
		tried{record.Confirm, record.Fail, "response_p99", 2500, times{200 * ms: 2300}, 0},
		tried{record.Confirm, record.Inconclusive, "response_p99", 2500, times{100 * ms: 2400}, 0},
	)).Capacity
	if len(c.Loads) != 2 || c.Loads[1].Load != 4000 {
		t.Fatalf("got %+v, want loads of 2500 and 4000", c.Loads)
	}
	l := c.Loads[0]
	if l.Probes != 3 || l.Passed != 1 || l.Failed != 1 || l.Samples != 7200 || !is(l.AchievedPerS, 2400) {
		t.Errorf("got %+v at %v/s, want 3 probes, one passed and one failed, with 7200 samples at 2400/s", l, show(l.AchievedPerS))
	}
	if l.Response.P50 == nil || *l.Response.P50 < 99_000 || *l.Response.P50 > 101_000 {
		t.Errorf("p50 %v µs, want 100000", show(l.Response.P50))
	}
	if len(c.Probes) != 4 || c.Probes[1].Load != 4000 || c.Probes[2].Decided != "response_p99" {
		t.Errorf("got %+v, want four probes in their order", c.Probes)
	}
}

// TestRatioIsTheBaselineOverTheMode, whatever the search makes of its probes:
// binary carries a third more.
func TestRatioIsTheBaselineOverTheMode(t *testing.T) {
	c := analyze(t, specimen.Search()).Capacity
	if len(c.Ratios) != 1 || c.Ratios[0].Mode != "text" || c.Ratios[0].Baseline != "binary" {
		t.Fatalf("got %+v, want binary against text alone", c.Ratios)
	}
	if q := c.Ratios[0]; q.Ratio == nil || *q.Ratio < 1.25 || *q.Ratio > 1.5 {
		t.Errorf("got %+v at %v, want about 2780 over 2040", q, show(q.Ratio))
	}
	if c.Answers[0].Mode != "binary" || c.Answers[1].Mode != "text" {
		t.Errorf("got %s and %s, want the baseline first", c.Answers[0].Mode, c.Answers[1].Mode)
	}
}

// TestASearchWithoutTwoEdgesHasNoRatio, and ends with a sentence on why.
// TestADisturbedProbeTellsNothing: one that failed beside other programs was made
// again, and the answer is what it would be without it.
func TestADisturbedProbeTellsNothing(t *testing.T) {
	disturbed, without := specimen.Search(), specimen.Search()
	last := len(disturbed.Capacity.Probes) - 1
	p := &disturbed.Capacity.Probes[last]
	p.Verdict, p.Decided = record.Inconclusive, record.Disturbed
	without.Capacity.Probes = without.Capacity.Probes[:last]
	got, want := analyze(t, disturbed).Capacity, analyze(t, without).Capacity
	for i := range want.Answers {
		g, w := got.Answers[i], want.Answers[i]
		if *g.Load != *w.Load || *g.Low != *w.Low || *g.High != *w.High || g.Confirmations != w.Confirmations {
			t.Errorf("%s: got %g [%g–%g] of %d, want %g [%g–%g] of %d", w.Mode, *g.Load, *g.Low, *g.High, g.Confirmations, *w.Load, *w.Low, *w.High, w.Confirmations)
		}
	}
	if *got.Ratios[0].Ratio != *want.Ratios[0].Ratio || len(got.Probes) != last+1 {
		t.Errorf("got a ratio of %g and %d probes, want %g and %d", *got.Ratios[0].Ratio, len(got.Probes), *want.Ratios[0].Ratio, last+1)
	}
}

func TestASearchWithoutTwoEdgesHasNoRatio(t *testing.T) {
	for _, c := range []struct {
		name string
		run  func() *record.Run
		says string
	}{
		{"unmet", specimen.UnmetSearch, "text misses p99 < 150 ms at the lowest load that was tried, 1/s"},
		{"unbounded", specimen.UnboundedSearch, "binary met p99 < 150 ms and errors < 0.1 % at the highest load that was tried, 6,400/s: raise --max"},
		{"interrupted before anything was confirmed", specimen.InterruptedSearch, "The search is incomplete (interrupted). So far, at p99"},
		{"void", specimen.OutpacedSearch, "No conclusion, the search is void: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := analyze(t, c.run())
			if q := r.Capacity.Ratios; len(q) != 1 || q[0].Ratio != nil || q[0].Low != nil {
				t.Errorf("got %+v, want one ratio that is not known", q)
			}
			if !strings.Contains(r.Conclusion, c.says) {
				t.Errorf("got %q, want it to say %q", r.Conclusion, c.says)
			}
			if void := c.name == "void"; (r.Verdict.Kind == verdict.Void) != void {
				t.Errorf("verdict %+v", r.Verdict)
			}
			if unmet := c.name == "unmet"; r.Capacity.Unmet() != unmet {
				t.Errorf("unmet: got %v, want %v", r.Capacity.Unmet(), unmet)
			}
		})
	}
}

// TestASavedSearchIsToldAlike: specimens are runs that can be saved, and their
// samples are found again.
func TestASavedSearchIsToldAlike(t *testing.T) {
	run := specimen.ClientSearch()
	saved, err := json.Marshal(run)
	if err != nil {
		t.Fatal(err)
	}
	again, err := record.Read(bytes.NewReader(saved))
	if err != nil {
		t.Fatal(err)
	}
	want := analyze(t, run)
	if diff := cmp.Diff(want.Capacity, analyze(t, again).Capacity); diff != "" {
		t.Errorf("the search differs (-before +saved):\n%s", diff)
	}
	if len(want.Capacity.Probes) != len(run.Capacity.Probes) || want.Capacity.Probes[0].Images == 0 {
		t.Errorf("%d probes of %d, the first with %d images", len(want.Capacity.Probes), len(run.Capacity.Probes), want.Capacity.Probes[0].Images)
	}
}

func TestEveryKindOfRunIsToldFromTheOthers(t *testing.T) {
	for command, want := range map[string]reports.Kind{"bench": reports.Comparison, "run": reports.OneLoad, "capacity": reports.Search} {
		r := &reports.Report{Settings: record.Settings{Command: command}}
		if got := r.Kind(); got != want || r.Compares() != (command == "bench") {
			t.Errorf("%s: kind %v, compares %v, want %v", command, got, r.Compares(), want)
		}
	}
}

func TestASearchWithoutItsProbesIsAnError(t *testing.T) {
	r := search(t, record.FindRate)
	r.Capacity = nil
	if _, err := reports.Analyze(r); err == nil || !strings.Contains(err.Error(), "holds no search") {
		t.Errorf("error %v, want one that says so", err)
	}
}

func TestNotesOfASearch(t *testing.T) {
	confirmed, interrupted := analyze(t, specimen.Search()), analyze(t, specimen.InterruptedSearch())
	notes := strings.Join(confirmed.Footnotes, "\n")
	for _, says := range []string{
		"judged across 10 parts", "made of the confirmations", "Backlog:", fmt.Sprintf("1 of %d probes was disturbed, none of them to confirm", len(confirmed.Capacity.Probes)), "21.4 MB without connections",
		"Sender prepared", "Loopback charges", "≥: a lower bound", "All probes, too high loads included: ",
	} {
		if !strings.Contains(notes, says) {
			t.Errorf("the notes do not say %q:\n%s", says, notes)
		}
	}
	for _, of := range []string{"at saturation", "Wait is from due", "--rounds", "rounds that count"} {
		if strings.Contains(notes, of) {
			t.Errorf("a note on %q is of another kind of run:\n%s", of, notes)
		}
	}
	if notes := interrupted.Footnotes; !strings.Contains(strings.Join(notes, "\n"), "Nothing was confirmed") {
		t.Errorf("the notes of a search that confirmed nothing do not say so: %q", notes)
	}
}
