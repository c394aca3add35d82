package stats

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

func TestTotalsRatio(t *testing.T) {
	blocks := func(rate float64, n int, stalled ...int) []Total {
		ts := make([]Total, n)
		for i := range ts {
			ts[i] = Total{Amount: rate * 0.1, Over: 0.1}
		}
		for _, i := range stalled {
			ts[i].Amount = 0
		}
		return ts
	}
	for _, c := range []struct {
		name           string
		mode, baseline []Total
		want           float64
		interval, sees bool
	}{
		{"constant ratio", blocks(75, 20), blocks(100, 20), 0.75, true, true},
		{"a stall that a median would hide", blocks(100, 20, 3, 9), blocks(100, 20), 0.9, true, false},
		{"too few rounds for an interval", blocks(75, 5), blocks(100, 5), 0.75, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			e, ok := TotalsRatio(c.mode, c.baseline, 1)
			if !ok || math.Abs(e.Ratio-c.want) > 1e-9 {
				t.Fatalf("TotalsRatio = %+v, %v, want %v", e, ok, c.want)
			}
			if got := e.Interval != nil; got != c.interval {
				t.Errorf("has an interval: %v, want %v", got, c.interval)
			}
			if e.Interval != nil && (e.Interval.Low > e.Ratio+1e-9 || e.Interval.High < e.Ratio-1e-9) {
				t.Errorf("interval %v does not contain the ratio %v", *e.Interval, e.Ratio)
			}
			if got := e.Significant(); got != c.sees {
				t.Errorf("significant: %v with %+v, want %v", got, e.Interval, c.sees)
			}
		})
	}
	if _, ok := TotalsRatio(blocks(0, 8), blocks(100, 8), 1); ok {
		t.Error("a total of zero has a ratio")
	}
}

func TestTotalsRatioRepeatsItself(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	m, b := make([]Total, 12), make([]Total, 12)
	for i := range m {
		m[i], b[i] = Total{r.Float64() + 1, 1}, Total{r.Float64() + 1, 1}
	}
	first, _ := TotalsRatio(m, b, 42)
	again, _ := TotalsRatio(m, b, 42)
	if *first.Interval != *again.Interval {
		t.Errorf("same seed, intervals %v and %v", *first.Interval, *again.Interval)
	}
	other, _ := TotalsRatio(m, b, 43)
	if *first.Interval == *other.Interval {
		t.Errorf("another seed, the same interval %v", *first.Interval)
	}
}

func TestTotalsRatioDoesNotDependOnUnits(t *testing.T) {
	positive := rapid.Float64Range(0.01, 100)
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 8).Draw(t, "n")
		m, b, scaled := make([]Total, n), make([]Total, n), make([]Total, n)
		scale := positive.Draw(t, "scale")
		for i := range n {
			m[i] = Total{positive.Draw(t, "amount"), positive.Draw(t, "over")}
			b[i] = Total{positive.Draw(t, "amount"), positive.Draw(t, "over")}
			scaled[i] = Total{scale * m[i].Amount, m[i].Over}
		}
		here, _ := TotalsRatio(m, b, 1)
		there, _ := TotalsRatio(scaled, b, 1)
		here.Ratio *= scale
		if here.Interval != nil {
			here.Interval = &Interval{here.Interval.Low * scale, here.Interval.High * scale}
		}
		if !alike(here, there) {
			t.Errorf("scaled by %v: got %+v, want %+v", scale, there, here)
		}
		back, _ := TotalsRatio(b, m, 1)
		if !near(here.Ratio, scale/back.Ratio) {
			t.Errorf("mode/baseline %v is not the inverse of baseline/mode %v", here.Ratio/scale, back.Ratio)
		}
	})
}

// Percentile bootstraps of medium samples cover a little less than they say;
// the test holds them to that little.
func TestTotalsRatioCoverage(t *testing.T) {
	const repetitions = 200
	r := rand.New(rand.NewPCG(9, 10))
	covered := 0
	m, b := make([]Total, 30), make([]Total, 30)
	for k := range repetitions {
		for i := range m {
			shared := 1 + 0.2*r.NormFloat64()
			m[i] = Total{80 * shared * (1 + 0.03*r.NormFloat64()), 1}
			b[i] = Total{100 * shared * (1 + 0.03*r.NormFloat64()), 1}
		}
		if e, _ := TotalsRatio(m, b, uint64(k)); e.Interval.Contains(0.8) {
			covered++
		}
	}
	if got := float64(covered) / repetitions; got < 0.88 || got > 0.99 {
		t.Errorf("the interval covered the ratio in %.3f of repetitions, want 0.88 to 0.99", got)
	}
}
