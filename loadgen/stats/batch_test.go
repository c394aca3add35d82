package stats

import (
	"math"
	"math/rand/v2"
	"testing"
)

func equalParts(amounts ...float64) []Total {
	parts := make([]Total, len(amounts))
	for i, a := range amounts {
		parts[i] = Total{a, 1}
	}
	return parts
}

func close3(a, b float64) bool { return math.Abs(a-b) < 1e-3 }

func TestBatchMeansOfKnownValues(t *testing.T) {
	for _, c := range []struct {
		name             string
		parts            []Total
		ratio, low, high float64
		ok               bool
	}{
		// t(9) = 1.8331 of ten parts with s² = 9.1667; t(4) = 2.1318 of five pairs'
		// means 1.5 to 9.5 with s² = 10, which is the wider.
		{"ten that rise", equalParts(1, 2, 3, 4, 5, 6, 7, 8, 9, 10), 5.5, 2.4852, 8.5148, true},
		// Neighbours make up for each other: the parts alone are the wider.
		{"ten that alternate", equalParts(0, 2, 0, 2, 0, 2, 0, 2, 0, 2), 1, 0.3890, 1.6110, true},
		{"by weight", append(equalParts(0, 0, 0, 0, 0, 0, 0, 0, 0), Total{1, 11}), 0.05, -0.0033, 0.1033, true},
		{"without those that hold nothing", append(equalParts(0, 2, 0, 2, 0, 2, 0, 2, 0, 2), Total{}), 1, 0.3890, 1.6110, true},
		{"all the same", equalParts(3, 3, 3, 3, 3, 3, 3, 3, 3, 3), 3, 3, 3, true},
		{"nine", equalParts(1, 2, 3, 4, 5, 6, 7, 8, 9), 0, 0, 0, false},
		{"nine and one that holds nothing", append(equalParts(1, 2, 3, 4, 5, 6, 7, 8, 9), Total{}), 0, 0, 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			ratio, got, ok := BatchMeans(c.parts)
			if ok != c.ok || !close3(ratio, c.ratio) || !close3(got.Low, c.low) || !close3(got.High, c.high) {
				t.Errorf("got %v, %v, %v, want %v, %v to %v, %v", ratio, got, ok, c.ratio, c.low, c.high, c.ok)
			}
		})
	}
}

// TestOneEventIsNotEnough: wherever it lies, a fifth of the parts tell of one
// thing that happened once.
func TestOneEventIsNotEnough(t *testing.T) {
	for k := 10; k <= 60; k++ {
		for length := 1; length <= k/5; length++ {
			for from := range k - length + 1 {
				parts := equalParts(make([]float64, k)...)
				for i := range length {
					parts[from+i].Amount = 1
				}
				if _, bounds, ok := BatchMeans(parts); !ok || bounds.Low > 0 {
					t.Fatalf("%d of %d parts from %d on: got %v, want nothing above 0", length, k, from, bounds)
				}
			}
		}
	}
}

// TestBatchMeansCover draws parts that resemble their neighbours: a lower bound
// at 95 % is above the mean in some 5 % of cases. Without joining it is in 13 %.
func TestBatchMeansCover(t *testing.T) {
	draw := rand.New(rand.NewPCG(1, 2))
	const runs, keeps = 4000, 0.4
	above := 0
	for range runs {
		x := draw.NormFloat64()
		parts := make([]Total, 20)
		for i := range parts {
			x = keeps*x + math.Sqrt(1-keeps*keeps)*draw.NormFloat64()
			parts[i] = Total{x + 10, 1}
		}
		if _, bounds, _ := BatchMeans(parts); bounds.Low > 10 {
			above++
		}
	}
	if share := float64(above) / runs; share < 0.02 || share > 0.07 {
		t.Errorf("the lower bound was too high in %.1f %% of cases, want some 5 %%", 100*share)
	}
}

// The values are those of tables of Clopper and Pearson's limits, 90 % two-sided.
func TestShareBoundsOfKnownValues(t *testing.T) {
	for _, c := range []struct {
		count, n  float64
		low, high float64
	}{
		{0, 10, 0, 0.2589}, {1, 10, 0.0051, 0.3942}, {5, 10, 0.2224, 0.7776}, {10, 10, 0.7411, 1}, {0, 0, 0, 1},
	} {
		if got := ShareBounds(c.count, c.n); !close3(got.Low, c.low) || !close3(got.High, c.high) {
			t.Errorf("%v of %v: got %v, want %v to %v", c.count, c.n, got, c.low, c.high)
		}
	}
}

func TestShareBoundsAgreeWithSamplesNeeded(t *testing.T) {
	for _, q := range []float64{0.5, 0.9, 0.99, 0.999} {
		n := float64(SamplesNeeded(q))
		if got := ShareBounds(0, n).High; got > 1-q {
			t.Errorf("none of %v: at most %v, want at most %v", n, got, 1-q)
		}
		if got := ShareBounds(0, n-1).High; got <= 1-q {
			t.Errorf("none of %v: at most %v, want more than %v", n-1, got, 1-q)
		}
	}
}

func TestSlopeOfKnownValues(t *testing.T) {
	line := func(at func(x float64) float64) []Total {
		points := make([]Total, 20)
		for i := range points {
			points[i] = Total{at(float64(i)), float64(i)}
		}
		return points
	}
	for _, c := range []struct {
		name   string
		points []Total
		slope  float64
		margin float64 // of a bound
	}{
		{"a straight line", line(func(x float64) float64 { return 3 + 2*x }), 2, 0},
		{"a level", line(func(float64) float64 { return 7 }), 0, 0},
		// Residuals alternate, so neighbours don't resemble each other: all 20 count.
		// Σ left² = 20·0.25 − 5²/665, and t(18) = 1.7341.
		{"one that alternates", line(func(x float64) float64 { return x + math.Mod(x, 2) }), 1 + 5/665.0, 1.7341 * math.Sqrt((5-25/665.0)/18/665)},
	} {
		t.Run(c.name, func(t *testing.T) {
			slope, bounds, ok := Slope(c.points)
			if !ok || !close3(slope, c.slope) || !close3(bounds.Low, c.slope-c.margin) || !close3(bounds.High, c.slope+c.margin) {
				t.Errorf("got %v, %v, %v, want %v ± %v", slope, bounds, ok, c.slope, c.margin)
			}
		})
	}
	if _, _, ok := Slope(line(func(x float64) float64 { return x })[:9]); ok {
		t.Error("nine points have a slope with bounds, want none")
	}
	if _, _, ok := Slope(make([]Total, 20)); ok {
		t.Error("points at the same place have a slope, want none")
	}
}

// TestSlopeCovers draws levels that wander and come back: the bounds of their
// slope hold 0, with 5 % on each side. Taken for independent, 16 %.
func TestSlopeCovers(t *testing.T) {
	draw := rand.New(rand.NewPCG(3, 4))
	const runs, keeps = 4000, 0.5
	above := 0
	for range runs {
		x := draw.NormFloat64()
		points := make([]Total, 20)
		for i := range points {
			x = keeps*x + math.Sqrt(1-keeps*keeps)*draw.NormFloat64()
			points[i] = Total{x, float64(i)}
		}
		if _, bounds, _ := Slope(points); bounds.Low > 0 {
			above++
		}
	}
	if share := float64(above) / runs; share > 0.11 {
		t.Errorf("the lower bound was above 0 in %.1f %% of cases, want some 5 %%", 100*share)
	}
}
