package stats

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

func TestMedianOfKnownValues(t *testing.T) {
	for _, c := range []struct {
		name string
		xs   []float64
		want float64
	}{
		{"one value", []float64{7}, 7},
		{"odd number, unsorted", []float64{9, 1, 5}, 5},
		{"even number takes the mean of the middle two", []float64{4, 1, 3, 2}, 2.5},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Median(c.xs); got != c.want {
				t.Errorf("Median(%v) = %v, want %v", c.xs, got, c.want)
			}
		})
	}
}

func TestMedianLeavesItsInputUnsorted(t *testing.T) {
	xs := []float64{3, 1, 2}
	Median(xs)
	if xs[0] != 3 {
		t.Errorf("Median sorted its input: %v", xs)
	}
}

// The ranks are those of the tables of the sign test (Dixon & Mood 1946;
// Conover, Practical Nonparametric Statistics, table A3).
func TestMedianRankAgreesWithTheTables(t *testing.T) {
	for _, c := range []struct {
		n          int
		confidence float64
		want       int
	}{
		{0, 0.95, 0},
		{5, 0.95, 0},
		{6, 0.95, 1},
		{8, 0.95, 1},
		{9, 0.95, 2},
		{12, 0.95, 3},
		{15, 0.95, 4},
		{20, 0.95, 6},
		{25, 0.95, 8},
		{40, 0.95, 14},
		{64, 0.95, 24},
		{100, 0.95, 40},
		{7, 0.99, 0},
		{8, 0.99, 1},
		{20, 0.99, 4},
	} {
		if got := medianRank(c.n, c.confidence); got != c.want {
			t.Errorf("medianRank(%d, %v) = %d, want %d", c.n, c.confidence, got, c.want)
		}
	}
}

func TestMedianIntervalHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		xs := rapid.SliceOfN(rapid.Float64Range(-100, 100), 6, 60).Draw(t, "xs")
		narrow, ok := MedianInterval(xs, 0.5)
		if !ok {
			t.Fatalf("no 50 %% interval from %d values", len(xs))
		}
		wide, ok := MedianInterval(xs, Confidence)
		if !ok {
			t.Fatalf("no 95 %% interval from %d values", len(xs))
		}
		if m := Median(xs); !narrow.Contains(m) {
			t.Errorf("interval %v does not contain the median %v", narrow, m)
		}
		if wide.Low > narrow.Low || wide.High < narrow.High {
			t.Errorf("95 %% interval %v is narrower than the 50 %% one %v", wide, narrow)
		}
	})
}

func TestMedianIntervalCoversAsOftenAsItSays(t *testing.T) {
	const repetitions = 4000
	for _, c := range []struct {
		name   string
		draw   func(*rand.Rand) float64
		median float64
	}{
		{"normal", (*rand.Rand).NormFloat64, 0},
		{"exponential, skewed", (*rand.Rand).ExpFloat64, math.Ln2},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, 2))
			covered := 0
			xs := make([]float64, 20)
			for range repetitions {
				for i := range xs {
					xs[i] = c.draw(r)
				}
				if i, _ := MedianInterval(xs, Confidence); i.Contains(c.median) {
					covered++
				}
			}
			// Exact for n = 20: 0.9586. Four standard errors are 0.013.
			if got := float64(covered) / repetitions; math.Abs(got-0.9586) > 0.013 {
				t.Errorf("the interval covered the median in %.4f of repetitions, want 0.9586 ± 0.013", got)
			}
		})
	}
}
