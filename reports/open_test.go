package reports_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/reports"
)

const ms = time.Millisecond

// times are how often which time was measured.
type times map[time.Duration]int64

func (ts times) histogram(t *testing.T) record.Histogram {
	t.Helper()
	h := record.NewHistogram()
	for d, n := range ts {
		if err := h.RecordValues(int64(d), n); err != nil {
			t.Fatal(err)
		}
	}
	frozen, err := record.Encode(h)
	if err != nil {
		t.Fatal(err)
	}
	return frozen
}

func open(mode string, samples ...record.Sample) record.Cell {
	c := closed(mode, samples...)
	c.Load, c.RatePerS = record.Open, 1000
	return c
}

// planned is one second of a round at 1000/s with these response times, all in time.
func planned(t *testing.T, round int, response times) record.Sample {
	t.Helper()
	s := block(round, 1000)
	s.Scheduled, s.PacerCPUNs, s.EncodeNs = 1000, 1000*3_000, 1000*7_000
	s.Response = response.histogram(t)
	return s
}

// censored makes n images of s ones that were given up from that time on.
func censored(s record.Sample, n uint64, from time.Duration) record.Sample {
	s.Images -= n
	s.Credit -= float64(n)
	s.Censored, s.CensoredFromNs = n, int64(from)
	s.Errors = map[string]uint64{"unanswered": n}
	return s
}

func TestOpenCell(t *testing.T) {
	s := censored(planned(t, 0, times{2 * ms: 900, 3000 * ms: 100}), 50, 3000*ms)
	s.Wait = times{5 * ms: 950}.histogram(t)
	s.Lateness = times{1 * ms: 950}.histogram(t)
	c := analyze(t, run(open("text", s), closed("text", block(0, 10)))).Cells[1]
	for _, f := range []struct {
		name string
		got  *float64
		want float64
	}{
		{"requested is the cell's rate", c.RequestedPerS, 1000},
		{"scheduled is what was due over the window", c.ScheduledPerS, 1000},
		{"achieved is what was credited", c.AchievedPerS, 950},
		{"encoding is spread over the block's images", c.EncodeUsPerImage, 7},
		{"the pacer's CPU is apart", c.PacerCPUUsPerImage, 3},
		{"the generator's CPU is without it", c.GeneratorCPUUsPerImage, 10},
	} {
		if !is(f.got, f.want) {
			t.Errorf("%s: got %v, want %v", f.name, show(f.got), f.want)
		}
	}
	if c.Wait.P99 == nil || c.Lateness.P99 == nil || *c.Wait.P99 < 4990 || *c.Lateness.P99 > 1010 {
		t.Errorf("wait %v and lateness %v at p99, want 5000 and 1000 µs", show(c.Wait.P99), show(c.Lateness.P99))
	}
	if c.Images != 950 || c.Censored != 50 || c.ResponseSamples() != 1000 {
		t.Errorf("%d images, %d censored, %d samples, want 950, 50 and 1000", c.Images, c.Censored, c.ResponseSamples())
	}
}

func TestFiguresOfAnOpenLoadAreNullUnderAnother(t *testing.T) {
	c := analyze(t, run(closed("binary", block(0, 10)))).Cells[0]
	if c.RequestedPerS != nil || c.ScheduledPerS != nil || c.AchievedPerS != nil || c.PacerCPUUsPerImage != nil {
		t.Errorf("a closed cell has requested %v, scheduled %v, achieved %v and pacer CPU %v, want nil",
			show(c.RequestedPerS), show(c.ScheduledPerS), show(c.AchievedPerS), show(c.PacerCPUUsPerImage))
	}
}

func TestPercentilesFromTheFirstImageGivenUpAreLowerBounds(t *testing.T) {
	answered := times{2 * ms: 950, 50 * ms: 50}
	for _, c := range []struct {
		name    string
		samples func() []record.Sample
		want    [5]bool // p50, p90, p99, p99.9, max
	}{
		{"every image answered", func() []record.Sample {
			return []record.Sample{planned(t, 0, answered)}
		}, [5]bool{}},
		{"the last were given up", func() []record.Sample {
			return []record.Sample{censored(planned(t, 0, times{2 * ms: 995, 3000 * ms: 5}), 5, 3000*ms)}
		}, [5]bool{4: true}}, // p99.9 needs more samples
		{"images answered later than one given up are no better", func() []record.Sample {
			return []record.Sample{censored(planned(t, 0, answered), 1, 40*ms)}
		}, [5]bool{2: true, 4: true}},
		{"half were given up", func() []record.Sample {
			return []record.Sample{censored(planned(t, 0, times{2 * ms: 400, 900 * ms: 600}), 600, 900*ms)}
		}, [5]bool{true, true, true, false, true}},
		{"the least of all rounds counts", func() []record.Sample {
			return []record.Sample{
				censored(planned(t, 0, times{2 * ms: 999, 3000 * ms: 1}), 1, 3000*ms),
				censored(planned(t, 1, times{2 * ms: 700, 40 * ms: 300}), 1, 30*ms),
			}
		}, [5]bool{1: true, 2: true, 4: true}},
		{"a repeated round does not", func() []record.Sample {
			again := censored(planned(t, 0, answered), 1, 1*ms)
			again.Repeated = true
			return []record.Sample{again, planned(t, 1, answered)}
		}, [5]bool{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := analyze(t, run(open("binary", c.samples()...))).Cells[0].Response
			var got [5]bool
			for i, us := range []*float64{l.P50, l.P90, l.P99, l.P999, l.Max} {
				got[i] = l.IsLowerBound(us)
			}
			if got != c.want {
				t.Errorf("p50, p90, p99, p99.9, max are lower bounds: %v, want %v; from %v", got, c.want, show(l.LowerBoundFrom))
			}
		})
	}
}

// rounds are n rounds with these response times.
func rounds(t *testing.T, n int, response times) []record.Sample {
	t.Helper()
	var ss []record.Sample
	for i := range n {
		ss = append(ss, planned(t, i, response))
	}
	return ss
}

func names(r *reports.Report) []string {
	var ns []string
	for _, o := range r.Overhead {
		ns = append(ns, o.Name())
	}
	return ns
}

func TestOverheadAtEqualLoad(t *testing.T) {
	binary, text := times{2 * ms: 1000}, times{3 * ms: 1000}
	for _, c := range []struct {
		name  string
		cells []record.Cell
		want  string
	}{
		{"bytes are told of the closed cell, where there is one",
			[]record.Cell{closed("binary", block(0, 9)), closed("text", block(0, 9)),
				open("binary", rounds(t, 2, binary)...), open("text", rounds(t, 2, text)...)},
			"wire bytes per image, images/s, target CPU per image, generator CPU per image, " +
				"target CPU at 1,000/s, p50 at 1,000/s, p99 at 1,000/s"},
		{"and of the open one where there is none",
			[]record.Cell{open("binary", rounds(t, 2, binary)...), open("text", rounds(t, 2, text)...)},
			"wire bytes per image, target CPU at 1,000/s, p50 at 1,000/s, p99 at 1,000/s"},
		{"cells of different rates are not compared",
			[]record.Cell{open("binary", rounds(t, 2, binary)...), {SizeBytes: 300, Source: "synthetic", Mode: "text",
				Load: record.Open, RatePerS: 900, Samples: rounds(t, 2, text)}}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := strings.Join(names(analyze(t, run(c.cells...))), ", "); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestOverheadAtEqualLoadNeedsSixRoundsToo(t *testing.T) {
	for _, c := range []struct {
		rounds   int
		interval bool
	}{{5, false}, {6, true}} {
		r := analyze(t, run(open("binary", rounds(t, c.rounds, times{2 * ms: 1000})...), open("text", rounds(t, c.rounds, times{3 * ms: 1000})...)))
		o := find(t, r, "text", reports.ResponseP99)
		if o.Ratio == nil || *o.Ratio < 1.49 || *o.Ratio > 1.51 || (o.Low != nil) != c.interval || o.Rounds != c.rounds {
			t.Errorf("%d rounds: %+v, want 1.5, an interval: %v", c.rounds, o, c.interval)
		}
		note := strings.Contains(strings.Join(r.Footnotes, "\n"), "With 5 rounds (open load) there is no interval")
		if note == c.interval {
			t.Errorf("%d rounds: a footnote on the interval: %v", c.rounds, note)
		}
	}
}

func TestALowerBoundHasNoRatio(t *testing.T) {
	calm := times{2 * ms: 1000}
	for _, c := range []struct {
		name            string
		round           record.Sample // of text, the first of eight
		others          times
		p50, p99        bool // have a ratio
		p50Low, p99Low  bool // have an interval
		note            bool
		lowerBoundAtP99 bool
	}{
		{"every image answered", planned(t, 0, calm), calm, true, true, true, true, false, false},
		{"one given up, far above", censored(planned(t, 0, times{2 * ms: 999, 5000 * ms: 1}), 1, 5000*ms), calm, true, true, true, true, false, false},
		{"p99 of one round is a bound: the interval's end might be", censored(planned(t, 0, times{2 * ms: 950, 5000 * ms: 50}), 50, 5000*ms), calm,
			true, true, true, false, false, false},
		{"p99 is a bound", censored(planned(t, 0, times{2 * ms: 700, 5000 * ms: 300}), 300, 5000*ms), calm, true, false, true, false, true, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := rounds(t, 8, c.others)
			text[0] = c.round
			for _, baseline := range []bool{false, true} { // whichever side it is on
				modes := []string{"binary", "text"}
				if baseline {
					slices.Reverse(modes)
				}
				r := analyze(t, run(open(modes[0], rounds(t, 8, calm)...), open(modes[1], text...)))
				p50, p99 := find(t, r, "text", reports.ResponseP50), find(t, r, "text", reports.ResponseP99)
				if (p50.Ratio != nil) != c.p50 || (p50.Low != nil) != c.p50Low {
					t.Errorf("p50 %+v, want a ratio: %v, an interval: %v", p50, c.p50, c.p50Low)
				}
				if (p99.Ratio != nil) != c.p99 || (p99.Low != nil) != c.p99Low || p99.LowerBound != c.lowerBoundAtP99 {
					t.Errorf("p99 %+v, want a ratio: %v, an interval: %v", p99, c.p99, c.p99Low)
				}
				if got := strings.Contains(strings.Join(r.Footnotes, "\n"), "lower bound has no ratio"); got != c.note {
					t.Errorf("a footnote on ratios: %v, want %v", got, c.note)
				}
			}
		})
	}
}
