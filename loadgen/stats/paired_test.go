package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestPairedFindsAConstantRatioExactly(t *testing.T) {
	e, ok := Paired([]float64{2, 4, 6, 8, 10, 12}, []float64{1, 2, 3, 4, 5, 6})
	if !ok || math.Abs(e.Ratio-2) > 1e-12 {
		t.Fatalf("Paired = %+v, %v, want a ratio of 2", e, ok)
	}
	if e.Interval == nil || !e.Significant() {
		t.Errorf("interval %v, want one that leaves out 1", e.Interval)
	}
	if e.Detectable > 1e-12 {
		t.Errorf("detectable %v without spread, want 0", e.Detectable)
	}
}

func TestPairedCancelsWhatBothBlocksShare(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	mode, baseline := make([]float64, 30), make([]float64, 30)
	for i := range mode {
		shared := math.Exp(r.NormFloat64()) // the machine's mood, far larger than the effect
		mode[i], baseline[i] = 0.97*shared, shared
	}
	e, _ := Paired(mode, baseline)
	if math.Abs(e.Ratio-0.97) > 1e-9 || !e.Significant() {
		t.Errorf("Paired = %+v, want 0.97, significant", e)
	}
}

func TestPairedSaysLessWithFewRounds(t *testing.T) {
	if _, ok := Paired(nil, nil); ok {
		t.Error("Paired of no rounds has an estimate")
	}
	e, ok := Paired([]float64{3, 3, 3, 3, 3}, []float64{1, 1, 1, 1, 1})
	if !ok || e.Ratio < 2.99 {
		t.Errorf("Paired of five rounds = %+v, %v, want a ratio of 3", e, ok)
	}
	if e.Interval != nil || e.Significant() || e.Detectable != 0 {
		t.Errorf("Paired of five rounds = %+v, want neither interval nor significance", e)
	}
}

// drawRounds draws two series of n rounds, and one more number.
func drawRounds(t *rapid.T) (mode, baseline []float64, scale float64) {
	positive := rapid.Float64Range(0.01, 100)
	n := rapid.IntRange(1, 30).Draw(t, "n")
	mode = rapid.SliceOfN(positive, n, n).Draw(t, "mode")
	baseline = rapid.SliceOfN(positive, n, n).Draw(t, "baseline")
	return mode, baseline, positive.Draw(t, "scale")
}

func scaled(xs []float64, by float64) []float64 {
	out := make([]float64, len(xs))
	for i, x := range xs {
		out[i] = x * by
	}
	return out
}

func TestPairedDoesNotDependOnUnits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, b, scale := drawRounds(t)
		here, _ := Paired(m, b)
		both, _ := Paired(scaled(m, scale), scaled(b, scale))
		if !alike(here, both) {
			t.Errorf("%+v, both scaled by %v %+v", here, scale, both)
		}
		one, _ := Paired(scaled(m, scale), b)
		here.Ratio *= scale
		if here.Interval != nil {
			here.Interval = &Interval{here.Interval.Low * scale, here.Interval.High * scale}
		}
		if !alike(here, one) {
			t.Errorf("the mode scaled by %v: got %+v, want %+v", scale, one, here)
		}
	})
}

func TestPairedTellsTheSameStoryTheOtherWayRound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, b, _ := drawRounds(t)
		here, _ := Paired(m, b)
		back, _ := Paired(b, m)
		inverse := Estimate{Ratio: 1 / back.Ratio, Detectable: back.Detectable}
		if back.Interval != nil {
			inverse.Interval = &Interval{1 / back.Interval.High, 1 / back.Interval.Low}
		}
		if !alike(here, inverse) {
			t.Errorf("mode/baseline %+v is not the inverse of baseline/mode %+v", here, back)
		}
		if here.Significant() != back.Significant() {
			t.Errorf("significant %v, the other way round %v", here.Significant(), back.Significant())
		}
	})
}

func TestPairedIntervalContainsTheRatio(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, b, _ := drawRounds(t)
		e, _ := Paired(m, b)
		if got, want := e.Interval != nil, len(m) >= minRounds; got != want {
			t.Errorf("%d rounds have an interval: %v, want %v", len(m), got, want)
		}
		if e.Interval != nil && !e.Interval.Contains(e.Ratio) {
			t.Errorf("interval %v does not contain the ratio %v", *e.Interval, e.Ratio)
		}
	})
}

// alike reports whether two estimates are the same but for rounding.
func alike(a, b Estimate) bool {
	if (a.Interval == nil) != (b.Interval == nil) {
		return false
	}
	if a.Interval != nil && !(near(a.Interval.Low, b.Interval.Low) && near(a.Interval.High, b.Interval.High)) {
		return false
	}
	return near(a.Ratio, b.Ratio) && near(1+a.Detectable, 1+b.Detectable)
}

func near(a, b float64) bool { return math.Abs(a/b-1) < 1e-9 }

// A difference of the size Detectable names is found in about 80 % of runs,
// whatever the rounds' distribution.
func TestDetectableHasThePowerItClaims(t *testing.T) {
	const repetitions = 1500
	laplace := func(r *rand.Rand) float64 { return r.ExpFloat64() - r.ExpFloat64() }
	for _, c := range []struct {
		name   string
		rounds int
		draw   func(*rand.Rand) float64
	}{
		{"6 rounds, normal", 6, (*rand.Rand).NormFloat64},
		{"8 rounds, normal", 8, (*rand.Rand).NormFloat64},
		{"16 rounds, normal", 16, (*rand.Rand).NormFloat64},
		{"60 rounds, normal", 60, (*rand.Rand).NormFloat64},
		{"16 rounds, heavy tails", 16, laplace},
		{"60 rounds, heavy tails", 60, laplace},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(5, uint64(c.rounds)))
			sample := func(shift float64) []float64 {
				xs := make([]float64, c.rounds)
				for i := range xs {
					xs[i] = shift + 0.02*c.draw(r)
				}
				return xs
			}
			found := 0
			for range repetitions {
				shift := math.Log1p(Detectable(sample(0)))
				if i, _ := MedianInterval(sample(shift), Confidence); i.Low > 0 {
					found++
				}
			}
			got := float64(found) / repetitions
			t.Log(got)
			if got < 0.70 || got > 0.90 {
				t.Errorf("a difference of the detectable size was found in %.2f of runs, want 0.80 ± 0.10", got)
			}
		})
	}
}

// The same rounds several times over: the spread is what it was, and there is
// more of it to judge by.
func TestDetectableShrinksWithMoreRounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		logs := rapid.SliceOfN(rapid.Float64Range(-1, 1), minRounds, 20).Draw(t, "logs")
		times := rapid.IntRange(2, 6).Draw(t, "times")
		few, many := Detectable(logs), Detectable(slices.Repeat(logs, times))
		if many > few*(1+1e-9) {
			t.Errorf("%d rounds detect %v, and %d like them only %v", len(logs), few, times*len(logs), many)
		}
	})
}

func TestTailForSolvesItsEquation(t *testing.T) {
	// With r = 1 no round may fall beyond: (1−p)^n = 0.8.
	if got, want := tailFor(6, 1), 1-math.Pow(0.8, 1.0/6); math.Abs(got-want) > 1e-9 {
		t.Errorf("tailFor(6, 1) = %v, want %v", got, want)
	}
}

// TestRoundsOfNothingHaveNoInterval: a clock that ticks too seldom tells of no
// time at all in a round, and a ratio to that is no end of an interval.
func TestRoundsOfNothingHaveNoInterval(t *testing.T) {
	some, none := []float64{2, 2, 2, 2, 2, 2, 2}, []float64{1, 1, 0, 1, 1, 1, 1}
	for name, e := range map[string]func() (Estimate, bool){
		"nothing in a round of the baseline": func() (Estimate, bool) { return Paired(some, none) },
		"nothing in a round of the mode":     func() (Estimate, bool) { return Paired(none, some) },
	} {
		got, ok := e()
		if !ok || got.Interval != nil || got.Significant() || (got.Ratio != 2 && got.Ratio != 0.5) {
			t.Errorf("%s: got %+v with interval %v, want the median ratio and no interval", name, got, got.Interval)
		}
	}
}
