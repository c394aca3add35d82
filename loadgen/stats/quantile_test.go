package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestSamplesNeeded(t *testing.T) {
	for _, c := range []struct {
		q    float64
		want int64
	}{{0.5, 5}, {0.9, 29}, {0.99, 299}, {0.999, 2995}, {0.9999, 29956}} {
		if got := SamplesNeeded(c.q); got != c.want {
			t.Errorf("SamplesNeeded(%v) = %d, want %d", c.q, got, c.want)
		}
	}
}

func TestQuantileTakesTheNearestRank(t *testing.T) {
	hundreds := make(Distribution, 1000) // 1 to 1000, once each
	for i := range hundreds {
		hundreds[i] = Bar{Value: int64(i + 1), Count: 1}
	}
	for _, c := range []struct {
		name string
		d    Distribution
		q    float64
		want int64
		ok   bool
	}{
		{"p50 of 1000", hundreds, 0.5, 500, true},
		{"p99 of 1000", hundreds, 0.99, 990, true},
		{"p99.9 of 1000 is not supported", hundreds, 0.999, 0, false},
		{"p99 of 299", hundreds[:299], 0.99, 297, true},
		{"p99 of 298 is not supported", hundreds[:298], 0.99, 0, false},
		{"bars of many", Distribution{{10, 90}, {20, 910}}, 0.5, 20, true},
		{"bars of many, just within the first", Distribution{{10, 500}, {20, 500}}, 0.5, 10, true},
		{"nothing", nil, 0.5, 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, ok := c.d.Quantile(c.q); got != c.want || ok != c.ok {
				t.Errorf("Quantile(%v) = %v, %v, want %v, %v", c.q, got, ok, c.want, c.ok)
			}
		})
	}
}

func TestMergeAddsUp(t *testing.T) {
	got := Merge(Distribution{{1, 2}, {5, 1}}, nil, Distribution{{1, 3}, {4, 1}})
	if want := (Distribution{{1, 5}, {4, 1}, {5, 1}}); !slices.Equal(got, want) {
		t.Errorf("Merge = %v, want %v", got, want)
	}
}

// fromValues counts values one by one.
func fromValues(xs []int64) Distribution {
	ds := make([]Distribution, len(xs))
	for i, x := range xs {
		ds[i] = Distribution{{x, 1}}
	}
	return Merge(ds...)
}

func TestQuantilesOfResampledRoundsAreThoseOfTheMergedRounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 8).Draw(t, "rounds")
		values := rapid.SliceOfN(rapid.Int64Range(1, 40), 1, 20)
		var (
			ds      []Distribution
			repeats []Distribution
			weights []int64
		)
		for range n {
			d := fromValues(values.Draw(t, "values"))
			w := rapid.Int64Range(1, 3).Draw(t, "weight")
			ds, weights = append(ds, d), append(weights, w)
			for range w {
				repeats = append(repeats, d)
			}
		}
		q := rapid.SampledFrom([]float64{0.1, 0.5, 0.9, 0.99}).Draw(t, "q")
		merged := Merge(repeats...)
		if merged.Count() < SamplesNeeded(q) {
			t.Skip("too few samples")
		}
		want, _ := merged.Quantile(q)
		if got := accumulate(ds).quantile(q, weights); got != want {
			t.Errorf("quantile(%v) of weighted rounds = %d, of the merged rounds %d", q, got, want)
		}
	})
}

// latencies draws n log-normal values of the given median and spread.
func latencies(r *rand.Rand, n int, median, spread float64) Distribution {
	xs := make([]int64, n)
	for i := range xs {
		xs[i] = int64(median * math.Exp(spread*r.NormFloat64()))
	}
	return fromValues(xs)
}

func TestQuantileRatio(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	series := func(rounds, n int, median float64) []Distribution {
		ds := make([]Distribution, rounds)
		for i := range ds {
			ds[i] = latencies(r, n, median, 0.2)
		}
		return ds
	}
	for _, c := range []struct {
		name           string
		mode, baseline []Distribution
		q              float64
		want           float64
		significant    bool
	}{
		{"a third slower at p50", series(20, 200, 133e3), series(20, 200, 100e3), 0.5, 1.33, true},
		{"the same at p50", series(20, 200, 100e3), series(20, 200, 100e3), 0.5, 1, false},
		{"a third slower at p99", series(20, 200, 133e3), series(20, 200, 100e3), 0.99, 1.33, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			e, ok := QuantileRatio(c.mode, c.baseline, c.q, 1)
			if !ok || math.Abs(e.Ratio-c.want) > 0.1 {
				t.Fatalf("QuantileRatio = %+v, %v, want about %v", e, ok, c.want)
			}
			if e.Interval == nil || !e.Interval.Contains(e.Ratio) {
				t.Errorf("interval %v does not contain the ratio %v", e.Interval, e.Ratio)
			}
			if got := e.Significant(); got != c.significant {
				t.Errorf("significant: %v with %v, want %v", got, *e.Interval, c.significant)
			}
			if e.Detectable <= 0 || e.Detectable > 0.2 {
				t.Errorf("detectable %v, want a small positive share", e.Detectable)
			}
		})
	}
	t.Run("too few samples", func(t *testing.T) {
		if e, ok := QuantileRatio(series(2, 100, 1e5), series(2, 100, 1e5), 0.99, 1); ok {
			t.Errorf("p99 of 200 round trips = %+v, want none", e)
		}
	})
	t.Run("too few rounds for an interval", func(t *testing.T) {
		e, ok := QuantileRatio(series(5, 100, 2e5), series(5, 100, 1e5), 0.5, 1)
		if !ok || e.Interval != nil || e.Significant() {
			t.Errorf("p50 of five rounds = %+v, %v, want a ratio without interval", e, ok)
		}
	})
}

func TestQuantileRatioCoverage(t *testing.T) {
	const repetitions = 100
	r := rand.New(rand.NewPCG(13, 14))
	covered := 0
	m, b := make([]Distribution, 20), make([]Distribution, 20)
	for k := range repetitions {
		for i := range m {
			shared := math.Exp(0.1 * r.NormFloat64())
			m[i], b[i] = latencies(r, 30, 120e3*shared, 0.1), latencies(r, 30, 100e3*shared, 0.1)
		}
		if e, _ := QuantileRatio(m, b, 0.5, uint64(k)); e.Interval.Contains(1.2) {
			covered++
		}
	}
	if got := float64(covered) / repetitions; got < 0.87 {
		t.Errorf("the interval covered the ratio in %.2f of repetitions, want at least 0.87", got)
	}
}

func BenchmarkQuantileRatio(b *testing.B) {
	r := rand.New(rand.NewPCG(15, 16))
	mode, baseline := make([]Distribution, 60), make([]Distribution, 60)
	for i := range mode {
		mode[i], baseline[i] = latencies(r, 1500, 500, 0.3), latencies(r, 1500, 500, 0.3)
	}
	for b.Loop() {
		QuantileRatio(mode, baseline, 0.99, 1)
	}
}
