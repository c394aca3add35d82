package reports_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/reports"
)

// sent is a block of that many seconds, images taking about as long as said:
// every other second a tenth more.
func sent(t *testing.T, seconds int, took time.Duration) record.Sample {
	t.Helper()
	s := record.Sample{Seconds: float64(seconds), Images: uint64(100 * seconds), Credit: float64(100 * seconds)}
	for i := range seconds {
		slow := took + took/10*time.Duration(i%2)
		target := int64(100 * slow)
		s.Series = append(s.Series, record.Point{AtSeconds: float64(i + 1), Seconds: 1, Scheduled: 100, Images: 100,
			Response: times{slow: 100}.histogram(t), GeneratorCPUNs: 2 * target, TargetCPUNs: &target})
	}
	return s
}

// crowd is a run of 10 active clients of 1,010, measured alone before and after.
func crowd(t *testing.T, before, with, after time.Duration) *record.Run {
	t.Helper()
	c := closed("binary", sent(t, 20, with))
	c.Load, c.Clients, c.RatePerS = record.Open, 1010, 100
	r := run(c)
	r.Settings.Command, r.Settings.Clients, r.Settings.Active = "run", 1010, 10
	bytes := func(n uint64) *uint64 { return &n }
	r.Idle = &record.Idle{Clients: 1000,
		Before: record.Memory{Generator: bytes(10_000_000)},
		With:   record.Memory{Generator: bytes(16_900_000), Target: bytes(30_000_000)},
		Alone:  []record.Sample{sent(t, 10, before), sent(t, 10, after)}}
	return r
}

func effect(t *testing.T, i *reports.Idle, metric string) reports.Effect {
	t.Helper()
	for _, e := range i.Effects {
		if e.Metric == metric {
			return e
		}
	}
	t.Fatalf("no effect on %s", metric)
	return reports.Effect{}
}

func TestIdleClientsAreCompared(t *testing.T) {
	r := analyze(t, crowd(t, 10*ms, 15*ms, 10*ms))
	i := r.Idle
	if i == nil || i.Clients != 1000 || i.Active != 10 || !is(i.GeneratorBytes, 6900) || i.TargetBytes != nil {
		t.Fatalf("got %+v, want 1,000 idle clients beside 10, 6,900 bytes each here and nothing of the target", i)
	}
	p50 := effect(t, i, reports.ResponseP50)
	if p50.Ratio == nil || *p50.Ratio < 1.4 || *p50.Ratio > 1.7 || !p50.Significant || p50.Low == nil || *p50.Low < 1.3 {
		t.Errorf("p50: got %+v, want half as much again with an interval above 1", p50)
	}
	if p50.Seconds != 20 || p50.SecondsOf != 20 {
		t.Errorf("p50 is of %d seconds against %d, want 20 against twice 10", p50.Seconds, p50.SecondsOf)
	}
	for metric, want := range map[string]float64{reports.TargetCPU: 1.5, reports.GeneratorCPU: 1.5, reports.ImagesRate: 1} {
		if e := effect(t, i, metric); !is(e.Ratio, want) || !is(e.Drift, 1) || e.After == nil {
			t.Errorf("%s: got %+v, a ratio of %v; want %v and no drift", e.Name(), e, show(e.Ratio), want)
		}
	}
	if cpu := effect(t, i, reports.TargetCPU); !is(cpu.Before, 10_500) || !is(cpu.With, 15_750) {
		t.Errorf("target CPU: got %v and %v µs, want 10,500 and 15,750", show(cpu.Before), show(cpu.With))
	}
}

func TestConcludeIdle(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*record.Run)
		with   time.Duration
		want   string
	}{
		{"they slow the others down", func(*record.Run) {}, 15 * ms, "1,000 idle clients took 6.9 KB each here, and made response p50 of the 10 that sent +"},
		{"the machine drifted half as much", func(r *record.Run) { r.Idle.Alone[1] = sent(t, 10, 13*ms) }, 18 * ms,
			"alone it drifted by +30.0 % meanwhile, so part of that may be the machine's."},
		{"the machine drifted as much", func(r *record.Run) { r.Idle.Alone[1] = sent(t, 10, 14*ms) }, 15 * ms,
			"each here; with them response p50 of the 10 that sent was +36.4 % [+7.2 %, +50.0 %], which may be the machine's doing: alone it drifted by +40.0 %."},
		{"the run ended before they left", func(r *record.Run) { r.Idle.Alone = r.Idle.Alone[:1] }, 15 * ms,
			"which may be the machine's doing: how it was after them was not measured."},
		{"too few to tell of memory", func(r *record.Run) { r.Idle.Clients = 999 }, 10 * ms, "999 idle clients were connected, and made no measurable"},
		{"they make no difference", func(*record.Run) {}, 10 * ms, "1,000 idle clients took 6.9 KB each here, and made no measurable difference to response p50 of the 10 that sent: one of ±"},
		{"nobody was measured alone", func(r *record.Run) { r.Idle.Alone = nil }, 10 * ms, "1,000 idle clients took 6.9 KB each here. "},
		{"too short for an interval", func(r *record.Run) {
			for i := range r.Idle.Alone {
				r.Idle.Alone[i] = sent(t, 2, 10*ms)
			}
		}, 10 * ms, "1,000 idle clients took 6.9 KB each here. "},
		{"the target tells of its memory", func(r *record.Run) {
			n := uint64(21_200_000)
			r.Idle.Before.Target = &n
		}, 10 * ms, "took 6.9 KB each here and 8.8 KB each at the target, and made"},
		{"memory is not known", func(r *record.Run) { r.Idle.Before, r.Idle.Alone = record.Memory{}, nil }, 10 * ms, "1,000 idle clients were connected. "},
		{"memory came back", func(r *record.Run) {
			n := uint64(9_000_000)
			r.Idle.With.Generator, r.Idle.Alone = &n, nil
		}, 10 * ms, "1,000 idle clients took −1 KB each here. "},
	} {
		r := crowd(t, 10*ms, tt.with, 10*ms)
		r.Incomplete = "interrupted"
		tt.change(r)
		got := analyze(t, r).Conclusion
		if !strings.Contains(got, tt.want) {
			t.Errorf("%s: got %s\nwant %s", tt.name, got, tt.want)
		}
		if strings.Contains(got, "drifted") && !strings.Contains(tt.want, "drifted") {
			t.Errorf("%s: got %s\nwant nothing of a drift", tt.name, got)
		}
	}
}

// TestConcludeOtherEffects: what idle clients make of others than the median
// response is said whenever it is significant.
func TestConcludeOtherEffects(t *testing.T) {
	costs := func(target, generator int64) func(*record.Run) {
		return func(r *record.Run) {
			for i := range r.Cells[0].Samples[0].Series {
				p := &r.Cells[0].Samples[0].Series[i]
				dearer := *p.TargetCPUNs * target / 100
				p.TargetCPUNs, p.GeneratorCPUNs = &dearer, p.GeneratorCPUNs*generator/100
			}
		}
	}
	for _, tt := range []struct {
		name   string
		change func(*record.Run)
		want   []string // in this order
	}{
		{"both ends took more CPU", costs(135, 124), []string{"made no measurable difference to response p50",
			"would have shown. They changed target CPU per image by +35.0 % [", "] and generator CPU per image by +24.0 % [", "%]."}},
		{"one of them", costs(100, 124), []string{"They changed generator CPU per image by +24.0 % ["}},
		{"the machine drifted by part of it", func(r *record.Run) {
			costs(100, 124)(r)
			for i := range r.Idle.Alone[1].Series {
				p := &r.Idle.Alone[1].Series[i]
				p.GeneratorCPUNs = p.GeneratorCPUNs * 115 / 100
			}
		}, []string{"They changed generator CPU per image by +", "] (alone it drifted by +15.0 %)."}},
		{"neither", costs(100, 100), nil},
	} {
		r := crowd(t, 10*ms, 10*ms, 10*ms)
		tt.change(r)
		got := analyze(t, r).Conclusion
		if tt.want == nil && strings.Contains(got, "changed") {
			t.Errorf("%s: got %s\nwant nothing changed", tt.name, got)
		}
		for rest, i := got, 0; i < len(tt.want); i++ {
			var found bool
			if _, rest, found = strings.Cut(rest, tt.want[i]); !found {
				t.Errorf("%s: got %s\nwant %q", tt.name, got, tt.want[i])
			}
		}
	}
}

func TestDriftIsTold(t *testing.T) {
	r := analyze(t, crowd(t, 10*ms, 11*ms, 12*ms))
	if e := effect(t, r.Idle, reports.ResponseP50); e.Drift == nil || *e.Drift < 1.15 || *e.Drift > 1.25 {
		t.Errorf("drift: got %v, want 1.2", show(e.Drift))
	}
	if notes := strings.Join(r.Footnotes, "\n"); !strings.Contains(notes, "response p50 of the active alone changed by +20.0 %") {
		t.Errorf("no footnote on the drift in\n%s", notes)
	}
	// Ctrl-C before the idle ones left.
	short := crowd(t, 10*ms, 11*ms, 12*ms)
	short.Idle.Alone = short.Idle.Alone[:1]
	if e := effect(t, analyze(t, short).Idle, reports.ResponseP50); e.Drift != nil || e.After != nil || e.Ratio == nil || e.SecondsOf != 10 {
		t.Errorf("got %+v, want a ratio to what was before and no drift", e)
	}
}

// TestOnlyTheWindowIsCompared: a ramp and a drain are other loads.
func TestOnlyTheWindowIsCompared(t *testing.T) {
	r := crowd(t, 10*ms, 10*ms, 10*ms)
	s := &r.Cells[0].Samples[0]
	ramp, drain := sent(t, 3, 900*ms).Series, sent(t, 1, 900*ms).Series
	for i := range s.Series {
		s.Series[i].AtSeconds += 3.005
	}
	drain[0].AtSeconds = 23.7
	drain[0].Seconds = 0.7
	s.Series = append(append(ramp, s.Series...), drain...)
	s.Ramp, s.Drain = &record.Stretch{Seconds: 3}, &record.Stretch{Seconds: 0.7}
	if e := effect(t, analyze(t, r).Idle, reports.ResponseP50); e.Seconds != 20 || e.Significant || *e.Ratio > 1.05 {
		t.Errorf("got %+v, want the 20 seconds of the window, which are like those alone", e)
	}
}

// TestUnequalStretchesAreNotCompared: an outage, or a cut, in any of the three
// has more to do with their difference than idle clients.
func TestUnequalStretchesAreNotCompared(t *testing.T) {
	all := crowd(t, 10*ms, 15*ms, 10*ms)
	measured := func(r *record.Run) *record.Sample { return &r.Cells[0].Samples[0] }
	for _, tt := range []struct {
		name   string
		change func(*record.Run)
		want   string
	}{
		{"a cut", func(r *record.Run) { measured(r).Connections = &record.Connections{Cut: 1010} }, "1,010 connections were cut with the idle clients"},
		{"connections that were lost", func(r *record.Run) { r.Idle.Alone[0].Connections = &record.Connections{Lost: 10} }, "10 connections were lost or given up alone before"},
		{"failures", func(r *record.Run) { r.Idle.Alone[1].Errors = map[string]uint64{"flipped": 1} }, "there was 1 failure alone after"},
		{"failures that the sample counts too", func(r *record.Run) {
			r.Idle.Alone[1].Errors, measured(r).Errors = map[string]uint64{"flipped": 2}, map[string]uint64{"flipped": 2}
		}, "there were 2 failures alone after"},
		{"failures with them", func(r *record.Run) { measured(r).Errors = map[string]uint64{"flipped": 2} }, "there were 2 failures with the idle clients"},
		{"images that were given up", func(r *record.Run) { measured(r).Censored = 7 }, "7 images were given up with the idle clients"},
		{"a target that froze", func(r *record.Run) {
			s := slices.Clone(r.Idle.Alone[1].Series)
			for i := range 3 {
				s[4+i].Images = 0
			}
			r.Idle.Alone[1].Series = s
		}, "nothing was answered for 3 to 5 s alone after"},
		{"lifetimes that ended", func(r *record.Run) { measured(r).Connections = &record.Connections{Retired: 50} }, ""},
	} {
		run, idle := *all, *all.Idle
		run.Cells, idle.Alone, run.Idle = slices.Clone(run.Cells), slices.Clone(idle.Alone), &idle
		run.Cells[0].Samples = slices.Clone(run.Cells[0].Samples)
		tt.change(&run)
		r := analyze(t, &run)
		if r.Idle.Unequal != tt.want || (len(r.Idle.Effects) == 0) != (tt.want != "") {
			t.Errorf("%s: got %q and %d effects, want %q, and effects where that is empty", tt.name, r.Idle.Unequal, len(r.Idle.Effects), tt.want)
		}
		if tt.want == "" {
			continue
		}
		if strings.Contains(r.Conclusion, "made") {
			t.Errorf("%s: the conclusion compares all the same: %s", tt.name, r.Conclusion)
		}
		if notes := strings.Join(r.Footnotes, "\n"); !strings.Contains(notes, tt.want) {
			t.Errorf("%s: no footnote says so in\n%s", tt.name, notes)
		}
	}
}

// TestADifferenceNeedsAnInterval: with fewer than six steps there is none.
func TestADifferenceNeedsAnInterval(t *testing.T) {
	r := crowd(t, 10*ms, 15*ms, 10*ms)
	for i := range r.Idle.Alone {
		r.Idle.Alone[i] = sent(t, 2, 10*ms)
	}
	for _, e := range analyze(t, r).Idle.Effects {
		if e.Ratio != nil || e.Low != nil || e.Significant {
			t.Errorf("%s: got a ratio of %v over %d and %d seconds, want none", e.Name(), show(e.Ratio), e.Seconds, e.SecondsOf)
		}
	}
}
