package stats

import (
	"math"
	"math/rand/v2"
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

func TestPairedDoesNotDependOnScaleOrDirection(t *testing.T) {
	positive := rapid.Float64Range(0.01, 100)
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 30).Draw(t, "n")
		m := rapid.SliceOfN(positive, n, n).Draw(t, "mode")
		b := rapid.SliceOfN(positive, n, n).Draw(t, "baseline")
		scale := positive.Draw(t, "scale")
		scaled := func(xs []float64) []float64 {
			out := make([]float64, len(xs))
			for i, x := range xs {
				out[i] = x * scale
			}
			return out
		}
		here, _ := Paired(m, b)
		there, _ := Paired(scaled(m), scaled(b))
		back, _ := Paired(b, m)
		if !near(here.Ratio, there.Ratio) {
			t.Errorf("ratio %v, scaled by %v %v", here.Ratio, scale, there.Ratio)
		}
		if !near(here.Ratio, 1/back.Ratio) {
			t.Errorf("mode/baseline %v is not the inverse of baseline/mode %v", here.Ratio, back.Ratio)
		}
		if here.Interval != nil && !near(here.Interval.Low, 1/back.Interval.High) {
			t.Errorf("interval %v is not the inverse of %v", here.Interval, back.Interval)
		}
	})
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

func TestTailForSolvesItsEquation(t *testing.T) {
	// With r = 1 no round may fall beyond: (1−p)^n = 0.8.
	if got, want := tailFor(6, 1), 1-math.Pow(0.8, 1.0/6); math.Abs(got-want) > 1e-9 {
		t.Errorf("tailFor(6, 1) = %v, want %v", got, want)
	}
}
