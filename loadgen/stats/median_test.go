package stats

import (
	"math"
	"math/big"
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

// The ranks are those of the tables of the sign test and of the median's
// interval (Dixon & Mood 1946; Nair, Sankhyā 4, 1940; Conover, Practical
// Nonparametric Statistics, table A3).
func TestMedianRankAgreesWithTheTables(t *testing.T) {
	for _, c := range []struct {
		name       string
		confidence float64
		first      int // the n that the first of ranks is for
		ranks      []int
	}{
		{"95 %, up to 5: none", 0.95, 0, []int{0, 0, 0, 0, 0, 0}},
		{"95 %, 6 to 20", 0.95, 6, []int{1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 5, 5, 5, 6}},
		{"95 %, 21 to 25", 0.95, 21, []int{6, 6, 7, 7, 8}},
		{"95 %, 30", 0.95, 30, []int{10}},
		{"95 %, 40", 0.95, 40, []int{14}},
		{"95 %, 50", 0.95, 50, []int{18}},
		{"95 %, 64", 0.95, 64, []int{24}},
		{"95 %, 100", 0.95, 100, []int{40}},
		{"99 %, 7 to 12", 0.99, 7, []int{0, 1, 1, 1, 1, 2}},
		{"99 %, 20", 0.99, 20, []int{4}},
		{"50 %, 2: a tail of exactly what is allowed", 0.5, 2, []int{1}},
	} {
		for i, want := range c.ranks {
			if got := medianRank(c.first+i, c.confidence); got != want {
				t.Errorf("%s: medianRank(%d) = %d, want %d", c.name, c.first+i, got, want)
			}
		}
	}
}

// tailOf returns P(B < r) for B ~ Binomial(n, 1/2), by counting in integers.
func tailOf(n, r int) float64 {
	var ways, all big.Int
	for k := range r {
		ways.Add(&ways, new(big.Int).Binomial(int64(n), int64(k)))
	}
	all.Lsh(big.NewInt(1), uint(n))
	share, _ := new(big.Rat).SetFrac(&ways, &all).Float64()
	return share
}

// Beyond n = 1074 the chance of no heads at all is too small for a float64.
func TestMedianRankIsTheLargestThatKeepsTheConfidence(t *testing.T) {
	for _, n := range append([]int{1074, 1075}, firstNumbers(60)...) {
		r := medianRank(n, Confidence)
		if r > 0 && 2*tailOf(n, r) > 1-Confidence+1e-9 {
			t.Errorf("medianRank(%d) = %d, which covers only %v", n, r, 1-2*tailOf(n, r))
		}
		if r < n/2 && 2*tailOf(n, r+1) <= 1-Confidence-1e-9 {
			t.Errorf("medianRank(%d) = %d, though %d covers %v", n, r, r+1, 1-2*tailOf(n, r+1))
		}
	}
}

func firstNumbers(n int) []int {
	numbers := make([]int, n)
	for i := range numbers {
		numbers[i] = i
	}
	return numbers
}

func TestMedianIntervalHoldsTheMedianAndGrowsWithConfidence(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		xs := rapid.SliceOfN(rapid.Float64Range(-100, 100), 6, 60).Draw(t, "xs")
		low := rapid.Float64Range(0.3, Confidence).Draw(t, "lower confidence")
		high := rapid.Float64Range(low, Confidence).Draw(t, "higher confidence")
		narrow, ok := MedianInterval(xs, low)
		if !ok {
			t.Fatalf("no interval at %v from %d values", low, len(xs))
		}
		wide, ok := MedianInterval(xs, high)
		if !ok {
			t.Fatalf("no interval at %v from %d values", high, len(xs))
		}
		if m := Median(xs); !narrow.Contains(m) {
			t.Errorf("interval %v does not contain the median %v", narrow, m)
		}
		if wide.Low > narrow.Low || wide.High < narrow.High {
			t.Errorf("at %v the interval %v is narrower than %v at %v", high, wide, narrow, low)
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
