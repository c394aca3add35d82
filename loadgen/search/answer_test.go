package search

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/wsimg/wsimg/loadgen/record"
)

// confirmed returns confirmations of loads 100 (p) and 110 (f), and of 105 (?)
// which tell nothing, behind a bracket of 100 and 110.
func confirmed(verdicts string) []Probe {
	probes := []Probe{
		{Step{100, record.Grow}, record.Pass},
		{Step{200, record.Grow}, record.Fail},
		{Step{110, record.Bisect}, record.Fail},
	}
	for _, v := range verdicts {
		probes = append(probes, map[rune]Probe{
			'p': {Step{100, record.Confirm}, record.Pass},
			'f': {Step{110, record.Confirm}, record.Fail},
			'?': {Step{105, record.Confirm}, record.Inconclusive},
		}[v])
	}
	return probes
}

func TestAnswered(t *testing.T) {
	middle := math.Sqrt(100 * 110)
	for _, tt := range []struct {
		name          string
		probes        []Probe
		load          float64
		confirmations int
		interval      bool
	}{
		{"no probes", nil, 0, 0, false},
		{"a pass alone", confirmed("")[:1], 0, 0, false},
		{"a bracket alone", confirmed(""), middle, 0, false},
		{"one edge confirmed", confirmed("p"), middle, 1, false},
		{"both edges confirmed", confirmed("pf"), middle, 2, false},
		{"too few for an interval", confirmed("pfpfp"), 105, 5, false},
		{"enough for an interval", confirmed("pfpfpf"), middle, 6, true},
		{"what can't be told does not count", confirmed("p?fpfp??"), 105, 5, false},
		{"what can't be told is no confirmation", confirmed("p?fp?f?pf"), middle, 6, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := Answered(tt.probes)
			if math.Abs(a.Load-tt.load) > 0.01*tt.load || a.Confirmations != tt.confirmations || (a.Interval != nil) != tt.interval {
				t.Errorf("got %+v with interval %v, want load %.1f of %d and an interval: %v", a, a.Interval, tt.load, tt.confirmations, tt.interval)
			}
		})
	}
}

// TestWhatCannotBeToldIsNearTheEdge: it narrows the answer where it is expected,
// and moves it where it is not.
func TestWhatCannotBeToldIsNearTheEdge(t *testing.T) {
	told := confirmed("pfpfpf") // 100 and 110
	plain := Answered(told)
	unsure := func(load float64) Answer {
		at := Probe{Step{load, record.Confirm}, record.Inconclusive}
		return Answered(append(slices.Clone(told), at, at, at, at))
	}
	width := func(a Answer) float64 { return a.Interval.High / a.Interval.Low }
	if middle := unsure(plain.Load); width(middle) >= width(plain) || math.Abs(middle.Load/plain.Load-1) > 0.005 {
		t.Errorf("got %g in %v with four that can't be told in the middle, want as much in less than %v", middle.Load, *middle.Interval, *plain.Interval)
	}
	low, high := unsure(98), unsure(112)
	if low.Load >= plain.Load || high.Load <= plain.Load {
		t.Errorf("got %g and %g with those below and above, want less and more than %g", low.Load, high.Load, plain.Load)
	}
	if low.Confirmations != plain.Confirmations {
		t.Errorf("got %d confirmations, want %d: they neither passed nor failed", low.Confirmations, plain.Confirmations)
	}
}

// TestOneStalledProbeIsNotTheEdge: one that failed at half the load, which all
// others say is carried.
func TestOneStalledProbeIsNotTheEdge(t *testing.T) {
	calm := Answered(confirmed(strings.Repeat("pf", 6)))
	a := Answered(append(confirmed(strings.Repeat("pf", 6)), Probe{Step{50, record.Confirm}, record.Fail}))
	t.Log(calm.Load, calm.Interval, a.Load, a.Interval)
	if math.Abs(a.Load/calm.Load-1) > 0.01 || a.Interval.Low < 0.97*calm.Interval.Low {
		t.Errorf("got %g in %v with a stalled probe, want about %g in %v", a.Load, a.Interval, calm.Load, calm.Interval)
	}
}

func TestBracketBelievesTheLaterProbe(t *testing.T) {
	at := func(load float64, verdict string) Probe { return Probe{Step{load, record.Confirm}, verdict} }
	for _, tt := range []struct {
		name      string
		told      []Probe
		low, high float64
	}{
		{"nothing", nil, 0, 0},
		{"no contradiction", []Probe{at(1, record.Pass), at(4, record.Fail), at(2, record.Pass), at(3, record.Fail)}, 2, 3},
		{"it failed, and then passed", []Probe{at(3, record.Fail), at(3, record.Pass)}, 3, 0},
		{"it passed, and then failed", []Probe{at(1, record.Pass), at(3, record.Pass), at(2, record.Fail)}, 1, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if low, high := bracket(tt.told); low != tt.low || high != tt.high {
				t.Errorf("got %g to %g, want %g to %g", low, high, tt.low, tt.high)
			}
		})
	}
}

func TestRatio(t *testing.T) {
	many := strings.Repeat("pf", 6)
	for _, tt := range []struct {
		name           string
		mode, baseline []Probe
		ratio          float64
		interval, ok   bool
	}{
		{"nothing", nil, nil, 0, false, false},
		{"one without a load", confirmed(many), nil, 0, false, false},
		{"brackets alone", scaled(confirmed(""), 0.75), confirmed(""), 0.75, false, true},
		{"too few pairs", scaled(confirmed(many), 0.75), confirmed("pfpfp"), 0.75, false, true},
		{"enough", scaled(confirmed(many), 0.75), confirmed(many), 0.75, true, true},
		{"one more than pairs", scaled(confirmed(many+"p"), 0.75), confirmed(many), 0.75, true, true},
		{"what can't be told stays in its pair", scaled(confirmed("p?f"+many), 0.75), confirmed("pfp" + many), 0.75, true, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e, ok := Ratio(tt.mode, tt.baseline)
			if ok != tt.ok || math.Abs(e.Ratio-tt.ratio) > 0.015 || (e.Interval != nil) != tt.interval {
				t.Fatalf("got %+v with interval %v, %v, want %g and an interval: %v", e, e.Interval, ok, tt.ratio, tt.interval)
			}
			if !tt.interval {
				return
			}
			half, _ := e.HalfWidth()
			if half < 0.02 || half > 0.10 || e.Detectable < half {
				t.Errorf("±%.3f, detectable %.3f, want about ±0.05 for loads 10 %% apart, and more that is detectable", half, e.Detectable)
			}
		})
	}
}

// TestRatioLosesWhatBothShare: while the machine becomes twice as fast, ratios
// stay as narrow as if it had not.
func TestRatioLosesWhatBothShare(t *testing.T) {
	climb := func(probes []Probe, by float64) []Probe {
		first := len(probes) - len(confirmations(probes))
		for i := first; i < len(probes); i++ {
			probes[i].Load *= math.Pow(by, float64((i-first)/2))
		}
		return probes
	}
	many := strings.Repeat("pf", 8)
	still, _ := Ratio(scaled(confirmed(many), 0.75), confirmed(many))
	moving, _ := Ratio(scaled(climb(confirmed(many), 1.1), 0.75), climb(confirmed(many), 1.1))
	a, _ := still.HalfWidth()
	b, _ := moving.HalfWidth()
	if math.Abs(moving.Ratio-0.75) > 0.01 || b > 2*a {
		t.Errorf("got %.3f ±%.3f on a machine that becomes faster, want 0.750 about ±%.3f", moving.Ratio, b, a)
	}
}

// TestSpreadKeepsMassAndAddsVariance: of a machine that is at one point.
func TestSpreadKeepsMassAndAddsVariance(t *testing.T) {
	for _, sd := range []float64{0.3, 1, 4} {
		mass := make([]float64, 201)
		mass[100] = 1
		spread(mass, make([]float64, 201), walk(sd))
		var sum, variance float64
		for i, m := range mass {
			sum += m
			variance += m * float64((i-100)*(i-100))
		}
		if math.Abs(sum-1) > 1e-9 || math.Abs(variance-sd*sd) > 1e-6 {
			t.Errorf("a walk of %g: mass %g and variance %g, want 1 and %g", sd, sum, variance, sd*sd)
		}
	}
}

func BenchmarkRatio(b *testing.B) {
	mode, baseline := confirmed(strings.Repeat("pf", 8)), confirmed(strings.Repeat("pf", 8))
	for b.Loop() {
		Ratio(mode, baseline)
	}
}

// TestManyConfirmations: what they tell together is too unlikely for a number.
func TestManyConfirmations(t *testing.T) {
	if raceEnabled {
		t.Skip("it takes long, and has one goroutine")
	}
	mode, baseline := confirmed(strings.Repeat("pf", 600)), confirmed(strings.Repeat("pf", 600))
	for i := range mode {
		mode[i].Load *= 1.3
	}
	a := Answered(baseline)
	if a.Load < 100 || a.Load > 110 || a.Interval == nil || !a.Interval.Contains(a.Load) {
		t.Errorf("got %g in %v, want the middle of 100 and 110", a.Load, a.Interval)
	}
	if r, ok := Ratio(mode, baseline); !ok || math.Abs(r.Ratio-1.3) > 0.01 || r.Interval == nil || !r.Interval.Contains(r.Ratio) {
		t.Errorf("got %+v in %v, want 1.3", r, r.Interval)
	}
}
