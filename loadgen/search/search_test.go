package search

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wsimg/wsimg/loadgen/record"
)

// steps returns what a search asks for when it gets these verdicts: p, f, or ?
// for inconclusive.
func steps(s *Search, verdicts string) (asked []Step) {
	for _, v := range verdicts {
		step, ok := s.Next()
		if !ok {
			return asked
		}
		asked = append(asked, step)
		s.Observe(map[rune]string{'p': record.Pass, 'f': record.Fail, '?': record.Inconclusive}[v])
	}
	return asked
}

func TestSteps(t *testing.T) {
	rate := Settings{Start: 100, Least: 25, Most: 400}
	clients := Settings{Start: 4, Least: 1, Most: 10, Whole: true}
	grow := func(loads ...float64) (s []Step) {
		for _, load := range loads {
			s = append(s, Step{load, record.Grow})
		}
		return s
	}
	after := func(before []Step, phase string, loads ...float64) []Step {
		for _, load := range loads {
			before = append(before, Step{load, phase})
		}
		return before
	}
	octaves := func(of float64, by ...float64) (loads []float64) {
		for _, x := range by {
			loads = append(loads, of*math.Exp2(x/octave))
		}
		return loads
	}
	for _, tt := range []struct {
		name     string
		settings Settings
		verdicts string
		want     []Step
		more     bool
	}{
		{"grows twofold, then bisects, then confirms both edges", rate, "ppfpfppfpf",
			after(after(grow(100, 200, 400), record.Bisect, octaves(200, 16, 24, 20)...),
				record.Confirm, octaves(200, 20, 24, 20, 24)...), true},
		{"halves from a start that fails", rate, "fpff",
			after(grow(100, 50), record.Bisect, octaves(50, 16, 8)...), true},
		{"repeats what can't be told, twice, and takes it for failed", rate, "??p???",
			grow(100, 100, 100, 200, 200, 200), true},
		{"counts what can't be told in a row alone", rate, "??p?p??f",
			grow(100, 100, 100, 200, 200, 400, 400, 400), true},
		{"walks on over what can't be told, and turns down at the third", rate, "ppfpff" + "p?f" + "???",
			after(after(grow(100, 200, 400), record.Bisect, octaves(200, 16, 24, 20)...),
				record.Confirm, octaves(200, 16, 20, 24, 20, 16, 12)...), true},
		{"the most passes, and once more", rate, "pppp", after(grow(100, 200, 400), record.Confirm, 400), false},
		{"the most passes, and then can't be told; one below it does", rate, "ppp" + "???p",
			after(after(grow(100, 200, 400), record.Confirm, 400, 400, 400), record.Confirm, octaves(200, 28)...), true},
		{"the least fails, and once more", rate, "ffff", after(grow(100, 50, 25), record.Confirm, 25), false},
		{"the most passes, and then does not", rate, "pppfp",
			after(after(grow(100, 200, 400), record.Confirm, 400), record.Confirm, octaves(200, 28)...), true},
		{"bisects whole numbers down to neighbours", clients, "pfpfpf",
			after(after(grow(4, 8), record.Bisect, 6, 7), record.Confirm, 6, 7), true},
		{"stays within bounds that are no power of two", clients, "ppp",
			grow(4, 8, 10), true},
		{"one client or none", Settings{Start: 1, Least: 1, Most: 1, Whole: true}, "pp",
			after(grow(1), record.Confirm, 1), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := New(tt.settings)
			got := steps(s, tt.verdicts)
			if d := cmp.Diff(tt.want, got, cmp.Comparer(func(a, b float64) bool { return math.Abs(a/b-1) < 1e-12 })); d != "" {
				t.Errorf("steps differ from what was wanted (-want +got):\n%s", d)
			}
			if _, more := s.Next(); more != tt.more {
				t.Errorf("got more to tell: %v, want %v", more, tt.more)
			}
		})
	}
}

func TestSettings(t *testing.T) {
	for _, tt := range []struct {
		name     string
		settings Settings
		valid    bool
	}{
		{"a rate", Settings{Start: 100, Least: 0.5, Most: 1e6}, true},
		{"one load alone", Settings{Start: 1, Least: 1, Most: 1, Whole: true}, true},
		{"nothing", Settings{}, false},
		{"a start below the least", Settings{Start: 1, Least: 2, Most: 3}, false},
		{"a start above the most", Settings{Start: 4, Least: 2, Most: 3}, false},
		{"bounds the wrong way round", Settings{Start: 2, Least: 3, Most: 1}, false},
		{"half a client", Settings{Start: 1.5, Least: 1, Most: 3, Whole: true}, false},
		{"no end", Settings{Start: 1, Least: 1, Most: math.Inf(1)}, false},
		{"not a number", Settings{Start: math.NaN(), Least: 1, Most: 2}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if err := tt.settings.Validate(); (err == nil) != tt.valid {
				t.Errorf("got error %v, want valid: %v", err, tt.valid)
			}
			s := New(tt.settings)
			s.Observe(record.Pass)
			if _, ok := s.Next(); ok != tt.valid {
				t.Errorf("got a probe to make: %v, want %v", ok, tt.valid)
			}
		})
	}
}

// finds runs one search against a server for so many seeds, and returns the share
// whose answer is within so much of what is true, and the most probes before
// Confirm.
func finds(settings Settings, confirm, seeds int, capacity, within float64, of func(*rand.Rand) server) (share float64, most int) {
	for seed := range seeds {
		probes := put(New(settings), of(rand.New(rand.NewPCG(uint64(seed), 11))), confirm)
		if math.Abs(math.Log(Answered(probes).Load/capacity)) < math.Log1p(within) {
			share += 1 / float64(seeds)
		}
		most = max(most, slices.IndexFunc(probes, func(p Probe) bool { return p.Phase == record.Confirm }))
	}
	return share, most
}

func TestFindsWhatIsKnown(t *testing.T) {
	rate := Settings{Start: 100, Least: 1, Most: 1e6}
	same := func(s server) func(*rand.Rand) server { return func(*rand.Rand) server { return s } }
	noise := func(s server, sd float64) func(*rand.Rand) server {
		return func(draw *rand.Rand) server { return noisy(s, sd, draw) }
	}
	one, oneCapacity := queue(1, 1000, 0.150)
	four, fourCapacity := queue(4, 250, 0.050)
	slow, slowCapacity := degrading(0.150)
	for _, tt := range []struct {
		name     string
		capacity float64
		server   func(*rand.Rand) server
		confirm  int
		within   float64
		probes   int // at most, before Confirm
		seeds    int
	}{
		{"a ceiling of 800", 800, same(ceiling(800)), 8, 0.05, 8, 1},
		{"a ceiling of 13", 13, same(ceiling(13)), 8, 0.05, 8, 1},
		{"a ceiling of 100,000", 100_000, same(ceiling(100_000)), 8, 0.05, 14, 1},
		{"M/M/1", oneCapacity, same(one), 8, 0.05, 8, 1},
		{"M/M/4", fourCapacity, same(four), 8, 0.05, 8, 1},
		{"M/M/4, noise of 5 %", fourCapacity, noise(four, 0.05), 12, 0.05, 9, 200},
		{"slow degradation", slowCapacity, same(slow), 8, 0.05, 9, 1},
		{"slow degradation, noise of 5 %", slowCapacity, noise(slow, 0.05), 12, 0.05, 9, 200},
		{"a ceiling, noise of 5 %", 800, noise(ceiling(800), 0.05), 12, 0.05, 8, 200},
		{"a ceiling, noise of 15 %", 800, noise(ceiling(800), 0.15), 24, 0.10, 8, 200},
		{"a ceiling, noise of 5 %, one probe of 30 stalled", 800, func(draw *rand.Rand) server {
			return stalling(noisy(ceiling(800), 0.05, draw), 1.0/30, draw)
		}, 16, 0.10, 12, 200},
		{"what can't be told within 3 % of the edge", 800, same(unsure(800, 0.03)), 12, 0.05, 15, 1},
		{"what can't be told within 6 % of the edge", 800, same(unsure(800, 0.06)), 12, 0.05, 15, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if raceEnabled && tt.seeds > 1 {
				t.Skip("many seeds")
			}
			t.Parallel()
			share, probes := finds(rate, tt.confirm, tt.seeds, tt.capacity, tt.within, tt.server)
			t.Logf("%.1f %% within, %d probes before Confirm", 100*share, probes)
			if share < 0.95 {
				t.Errorf("%.1f %% of seeds within %g of %g, want 95 %%", 100*share, tt.within, tt.capacity)
			}
			if probes > tt.probes {
				t.Errorf("%d probes before Confirm, want at most %d", probes, tt.probes)
			}
		})
	}
}

func TestEndsAtABound(t *testing.T) {
	settings := Settings{Start: 100, Least: 25, Most: 1000}
	for _, tt := range []struct {
		name   string
		target server
		want   Answer
		probes int
	}{
		{"never met", ceiling(0), Answer{High: 25, Unmet: true, Confirmations: 1}, 4},
		{"always met", ceiling(1e9), Answer{Load: 1000, Low: 1000, Unbounded: true, Confirmations: 1}, 6},
		{"a probe of the least failed by chance, and no other", func() server {
			probe := 0
			return func(float64, float64) string { probe++; return met(probe > 3) }
		}(), Answer{Load: 1000, Low: 1000, Unbounded: true}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			probes := put(New(settings), tt.target, 50)
			got := Answered(probes)
			if tt.probes == 0 { // how many is not the point
				got.Confirmations = 0
			} else if len(probes) != tt.probes {
				t.Errorf("got %d probes, want %d", len(probes), tt.probes)
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("answer differs (-want +got):\n%s", d)
			}
			if e, ok := Ratio(probes, probes); ok {
				t.Errorf("got ratio %+v to a bound, want none", e)
			}
		})
	}
}

// TestWholeNumbers: every number of clients is found, be it however small.
func TestWholeNumbers(t *testing.T) {
	for clients := 1; clients < 64; clients++ {
		probes := put(New(Settings{Start: 4, Least: 1, Most: 100, Whole: true}), ceiling(float64(clients)), 10)
		a := Answered(probes)
		for _, p := range probes {
			if p.Load != math.Trunc(p.Load) {
				t.Fatalf("%d clients: a probe with %g", clients, p.Load)
			}
		}
		if w := a.Whole(); clients < 16 && w.Load != float64(clients) || math.Abs(w.Load-float64(clients)) > 1 {
			t.Errorf("got %g clients of %g, bracket %g to %g, want %d", w.Load, a.Load, a.Low, a.High, clients)
		}
		if a.Interval == nil || !a.Whole().Interval.Contains(float64(clients)) {
			t.Errorf("%d clients: interval %v, want one that has them", clients, a.Interval)
		}
	}
}

// TestEdgeInWhatCannotBeTold: the staircase steps over it, so both sides of it
// are confirmed.
func TestEdgeInWhatCannotBeTold(t *testing.T) {
	probes := put(New(Settings{Start: 100, Least: 1, Most: 1e6}), unsure(800, 0.05), 14)
	if told := decided(confirmations(probes)); !straddle(told) || len(told) < MinConfirmations {
		t.Errorf("got %v, want both sides confirmed", told)
	}
}

// TestRecoversFromAWrongBracket: a probe failed by chance while growing, at an
// eighth of the capacity.
func TestRecoversFromAWrongBracket(t *testing.T) {
	probe := 0
	target := func(load, _ float64) string { probe++; return met(load <= 800 && probe != 1) }
	a := Answered(put(New(Settings{Start: 100, Least: 1, Most: 1e6}), target, 14))
	if math.Abs(a.Load/800-1) > 0.05 || !a.Interval.Contains(800) {
		t.Errorf("got %g in %v after a probe failed by chance, want 800", a.Load, a.Interval)
	}
}
