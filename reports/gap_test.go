package reports_test

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/reports"
)

// sec is what a second of a load came to.
type sec struct {
	due, images uint64
	connected   int // unknown: it is not
	errors      uint64
}

const unknown = -1

// several is n seconds alike.
func several(n int, s sec) []sec {
	all := make([]sec, n)
	for i := range all {
		all[i] = s
	}
	return all
}

// overTime is `wsimg run` of these seconds.
func overTime(load string, parts ...[]sec) *record.Run {
	var s record.Sample
	for _, part := range parts {
		for _, of := range part {
			p := record.Point{AtSeconds: float64(len(s.Series) + 1), Seconds: 1, Scheduled: of.due, Images: of.images}
			if of.connected != unknown {
				n := uint64(of.connected)
				p.Connected = &n
			}
			if of.errors > 0 {
				p.Errors = map[string]uint64{"refused": of.errors}
			}
			s.Series = append(s.Series, p)
			s.Images += of.images
		}
	}
	s.Seconds, s.Credit = float64(len(s.Series)), float64(s.Images)
	c := closed("binary", s)
	c.Load, c.RatePerS = load, 100
	r := run(c)
	r.Settings.Command, r.Settings.Seconds = "run", s.Seconds
	return r
}

// outlasted is a run whose window is over after so many seconds.
func outlasted(r *record.Run, seconds float64) *record.Run {
	r.Settings.Seconds = seconds
	return r
}

func TestGaps(t *testing.T) {
	n := func(n uint64) *uint64 { return &n }
	x := func(x float64) *float64 { return &x }
	well, poor := sec{100, 100, 200, 0}, sec{1, 1, 200, 0}
	for _, tt := range []struct {
		name string
		run  *record.Run
		want []reports.Gap
	}{
		{"all is well", overTime(record.Open, several(20, well)), nil},
		{"a target that was gone for five seconds", overTime(record.Open, several(20, well),
			[]sec{{100, 40, 0, 7}}, several(5, sec{100, 0, 0, 30}), []sec{{100, 300, 150, 1}, {100, 200, 199, 0}}, several(9, well)),
			[]reports.Gap{{AtSeconds: 21, Seconds: 5, MostSeconds: x(7), Clients: n(200), Fewest: n(0), BackSeconds: x(3), Failures: 157}}},
		{"all clients back as it ends", overTime(record.Open, several(20, well), several(5, sec{100, 0, 0, 0}), several(9, well)),
			[]reports.Gap{{AtSeconds: 20, Seconds: 5, MostSeconds: x(7), Clients: n(200), Fewest: n(0), BackSeconds: x(1)}}},
		{"one that lasts to the end", overTime(record.Open, several(20, well), several(5, sec{100, 0, 0, 0})),
			[]reports.Gap{{AtSeconds: 20, Seconds: 5, Clients: n(200), Fewest: n(0)}}},
		{"a target that froze, its connections open", overTime(record.Open, several(20, well), several(3, sec{100, 0, 200, 0}), several(9, well)),
			[]reports.Gap{{AtSeconds: 20, Seconds: 3, MostSeconds: x(5), Clients: n(200), Fewest: n(200), BackSeconds: x(0)}}},
		{"a file that does not tell of connections", overTime(record.Open, several(20, sec{100, 100, unknown, 0}), several(3, sec{100, 0, unknown, 0}), several(9, sec{100, 100, unknown, 0})),
			[]reports.Gap{{AtSeconds: 20, Seconds: 3, MostSeconds: x(5)}}},
		{"an outage at a low rate ends when clients are back, not with the next image",
			overTime(record.Open, several(20, poor), []sec{{0, 0, 200, 0}, {1, 0, 0, 3}, {1, 0, 0, 3}, {0, 0, 180, 0}, {0, 0, 200, 0}}, several(9, poor)),
			[]reports.Gap{{AtSeconds: 21, Seconds: 1, MostSeconds: x(3), Clients: n(200), Fewest: n(0), BackSeconds: x(2), Failures: 6}}},
		{"an outage in which nothing was due", overTime(record.Open, several(20, poor), several(3, sec{0, 0, 0, 0}), several(9, poor)), nil},
		{"a slow answer at a low rate", overTime(record.Open, several(20, poor), several(5, sec{1, 0, 200, 0}), several(9, poor)), nil},
		{"a few clients that are away", overTime(record.Open, several(20, poor), several(5, sec{1, 0, 101, 0}), several(9, poor)), nil},
		{"a start before anything was answered", overTime(record.Open, several(5, sec{100, 0, 200, 0}), several(9, well)), nil},
		{"clients that come one by one", overTime(record.Open, []sec{{100, 5, 10, 0}, {100, 9, 50, 0}, {100, 80, 100, 0}}, several(9, well)), nil},
		{"a drain", overTime(record.Open, several(20, well), several(5, sec{0, 0, 200, 0})), nil},
		{"one that lasts to the end, and a drain", outlasted(overTime(record.Open, several(20, well), several(5, sec{100, 0, 0, 0}), several(13, sec{0, 0, 0, 0})), 25),
			[]reports.Gap{{AtSeconds: 20, Seconds: 5, Clients: n(200), Fewest: n(0)}}},
		{"clients that come back in the drain", outlasted(overTime(record.Open, several(20, well), several(5, sec{100, 0, 0, 0}), several(2, sec{0, 0, 0, 0}), several(1, sec{0, 500, 200, 0})), 25),
			[]reports.Gap{{AtSeconds: 20, Seconds: 5, Clients: n(200), Fewest: n(0), BackSeconds: x(3)}}},
		{"two gaps", overTime(record.Open, several(20, well), several(2, sec{100, 0, 200, 0}), several(9, well), several(1, sec{100, 0, 200, 0}), several(9, well)),
			[]reports.Gap{{AtSeconds: 20, Seconds: 2, MostSeconds: x(4), Clients: n(200), Fewest: n(200), BackSeconds: x(0)}, {AtSeconds: 31, Seconds: 1, MostSeconds: x(3), Clients: n(200), Fewest: n(200), BackSeconds: x(0)}}},
		{"back to back, frozen", overTime(record.Closed, several(20, sec{0, 100, 4, 0}), several(3, sec{0, 0, 4, 0}), several(9, sec{0, 100, 4, 0})),
			[]reports.Gap{{AtSeconds: 20, Seconds: 3, MostSeconds: x(5), Clients: n(4), Fewest: n(4), BackSeconds: x(0)}}},
		{"back to back, images that take seconds", overTime(record.Closed, several(20, sec{0, 1, 4, 0}), several(3, sec{0, 0, 4, 0}), several(9, sec{0, 1, 4, 0})), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, analyze(t, tt.run).Cells[0].Gaps); diff != "" {
				t.Errorf("gaps (-want +got):\n%s", diff)
			}
		})
	}
}

// TestGapInARamp: when the server goes, there are more clients than there were at
// the end of the second before.
func TestGapInARamp(t *testing.T) {
	came := []sec{{50, 50, 50, 0}, {100, 100, 100, 0}, {150, 150, 150, 0}}
	gone := several(4, sec{190, 0, 0, 0})
	for _, tt := range []struct {
		name    string
		last    sec // the second in which they were lost
		before  uint64
		seconds float64
		most    float64
	}{
		{"after an image", sec{190, 40, 0, 0}, 196, 4, 6},
		{"before any image", sec{190, 0, 0, 0}, 196, 5, 7},
		{"some of them just after it", sec{190, 40, 20, 0}, 216, 4, 6},
	} {
		r := overTime(record.Open, came, []sec{tt.last}, gone, []sec{{190, 600, 150, 0}, {190, 300, 195, 0}}, several(9, sec{300, 300, 300, 0}))
		r.Cells[0].Clients = 300
		r.Cells[0].Samples[0].Series[3].Lost = 196
		gaps := analyze(t, r).Cells[0].Gaps
		if len(gaps) != 1 || *gaps[0].Clients != tt.before || gaps[0].Seconds != tt.seconds || !is(gaps[0].MostSeconds, tt.most) || !is(gaps[0].BackSeconds, 3) {
			t.Errorf("%s: got %+v, want one of %v to %v s, %d clients before it, all back 3 s after it", tt.name, gaps, tt.seconds, tt.most, tt.before)
		}
	}
	// Who was lost twice was one client.
	r := overTime(record.Open, several(20, sec{100, 100, 300, 0}), several(1, sec{100, 50, 0, 0}), gone, several(9, sec{100, 100, 300, 0}))
	r.Cells[0].Clients = 300
	r.Cells[0].Samples[0].Series[20].Lost = 450
	if g := analyze(t, r).Cells[0].Gaps; len(g) != 1 || *g[0].Clients != 300 {
		t.Errorf("got %+v, want 300 clients before it", g)
	}
}

// TestGapOfOneStep: steps begin when the one before was read, and so are a bit
// shorter than a second when its clock rang late.
func TestGapOfOneStep(t *testing.T) {
	for _, tt := range []struct {
		seconds float64 // of the step
		want    int     // gaps
	}{{1.0004, 1}, {0.9992, 1}, {0.95, 1}, {0.5, 0}} {
		r := overTime(record.Open, several(20, sec{100, 100, 200, 0}), []sec{{100, 0, 200, 0}}, several(9, sec{100, 100, 200, 0}))
		r.Cells[0].Samples[0].Series[20].Seconds = tt.seconds
		if got := analyze(t, r).Cells[0].Gaps; len(got) != tt.want {
			t.Errorf("a step of %v s: got gaps %+v, want %d", tt.seconds, got, tt.want)
		}
	}
}

// TestNoGapBehindTheEnd of a closed load, where nothing more is sent, nor while
// all clients think.
func TestNoGapWhereNothingWasToCome(t *testing.T) {
	behind := overTime(record.Closed, several(20, sec{0, 100, 4, 0}), several(5, sec{0, 0, 4, 0}))
	behind.Settings.Seconds = 20
	thinking := overTime(record.Closed, several(3, sec{0, 300, 4, 0}), several(2, sec{0, 0, 4, 0}), several(3, sec{0, 300, 4, 0}))
	thinking.Settings.ThinkSeconds = 2
	for name, r := range map[string]*record.Run{"a drain": behind, "clients that think": thinking} {
		if got := analyze(t, r).Cells[0].Gaps; got != nil {
			t.Errorf("%s: got %+v, want no gap", name, got)
		}
	}
}

// TestLowRatesHaveNoGaps: of Poisson arrivals a second and their answers, in
// hours, at rates from one in five seconds to some a second, none makes a gap.
func TestLowRatesHaveNoGaps(t *testing.T) {
	draw := rand.New(rand.NewPCG(1, 1))
	for _, rate := range []float64{0.2, 1, 3, 8} {
		const hours = 2 * 3600
		seconds := several(hours, sec{0, 0, 200, 0})
		for at := draw.ExpFloat64() / rate; at < hours; at += draw.ExpFloat64() / rate {
			seconds[int(at)].due++
			if done := at + 0.8*draw.ExpFloat64(); done < hours {
				seconds[int(done)].images++
			}
		}
		for i := range seconds { // some are always about to reconnect
			seconds[i].connected -= draw.IntN(20)
		}
		if got := analyze(t, overTime(record.Open, seconds)).Cells[0].Gaps; got != nil {
			t.Errorf("at %v/s: got %+v, want no gap", rate, got)
		}
	}
}

func TestBenchHasNoGaps(t *testing.T) {
	r := overTime(record.Open, several(20, sec{100, 100, 200, 0}), several(3, sec{100, 0, 200, 0}))
	r.Settings.Command = "bench"
	if got := analyze(t, r).Cells[0]; got.Gaps != nil || got.Stretches != nil {
		t.Errorf("got %+v and %+v of a comparison, want none", got.Gaps, got.Stretches)
	}
}
