package stats

import (
	"math"
	"math/rand/v2"
	"testing"
)

// seconds are n blocks of images at that mean rate, each with its own luck.
func seconds(r *rand.Rand, n int, rate, spread float64) []Total {
	ts := make([]Total, n)
	for i := range ts {
		ts[i] = Total{rate * math.Exp(spread*r.NormFloat64()), 1}
	}
	return ts
}

// responses are n blocks of that many log-normal times around a median, and
// what each block shares.
func responses(r *rand.Rand, n, images int, median float64) []Distribution {
	ds := make([]Distribution, n)
	for i := range ds {
		shared := math.Exp(0.1 * r.NormFloat64())
		for range images {
			ds[i] = append(ds[i], Bar{int64(median * shared * math.Exp(0.3*r.NormFloat64())), 1})
		}
		ds[i] = Merge(ds[i])
	}
	return ds
}

// covers returns how often of so many repetitions the interval held the truth.
func covers(t *testing.T, repetitions int, truth float64, estimate func(k uint64) (Estimate, bool)) float64 {
	t.Helper()
	covered := 0
	for k := range repetitions {
		e, ok := estimate(uint64(k))
		if !ok || e.Interval == nil {
			t.Fatalf("repetition %d: got %+v, %v, want an interval", k, e, ok)
		}
		if e.Interval.Contains(truth) {
			covered++
		}
	}
	return float64(covered) / float64(repetitions)
}

// The series have lengths of their own, as a minute and ten seconds have; the
// truth of a ratio of two log-normal means of one spread is that of the rates.
func TestUnpairedTotalsCoverage(t *testing.T) {
	for _, c := range []struct {
		name           string
		mode, baseline int
	}{{"a minute against ten seconds", 60, 10}, {"twice twenty seconds", 20, 20}, {"as few as there may be", 6, 6}} {
		r := rand.New(rand.NewPCG(11, uint64(c.mode)))
		got := covers(t, 200, 1.25, func(k uint64) (Estimate, bool) {
			return UnpairedTotals(seconds(r, c.mode, 125, 0.15), seconds(r, c.baseline, 100, 0.15), k)
		})
		if got < 0.93 || got > 0.99 {
			t.Errorf("%s: the interval covered the ratio in %.3f of repetitions, want about 0.95", c.name, got)
		}
	}
}

func TestUnpairedQuantileCoverage(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 14))
	got := covers(t, 60, 1.5, func(k uint64) (Estimate, bool) {
		return UnpairedQuantile(responses(r, 30, 40, 150e3), responses(r, 20, 40, 100e3), 0.5, k)
	})
	if got < 0.88 || got > 0.995 {
		t.Errorf("the interval covered the ratio of medians in %.3f of repetitions, want about 0.95", got)
	}
}

// What is called detectable is found in four of five measurements.
func TestUnpairedDetectable(t *testing.T) {
	r := rand.New(rand.NewPCG(15, 16))
	first, _ := UnpairedTotals(seconds(r, 40, 100, 0.1), seconds(r, 20, 100, 0.1), 1)
	want := math.Expm1(2.8 * 0.1 * math.Sqrt(1.0/40+1.0/20))
	if first.Detectable < 0.6*want || first.Detectable > 1.6*want {
		t.Errorf("detectable: got %.3f, want about %.3f", first.Detectable, want)
	}
	const repetitions = 150
	found := 0
	for k := range uint64(repetitions) {
		if e, _ := UnpairedTotals(seconds(r, 40, 100*(1+want), 0.1), seconds(r, 20, 100, 0.1), k); e.Significant() {
			found++
		}
	}
	if got := float64(found) / repetitions; got < 0.68 || got > 0.92 {
		t.Errorf("a difference of %.3f was found in %.2f of measurements, want about 0.8", want, got)
	}
}

func TestUnpairedNeedsSixOfEach(t *testing.T) {
	r := rand.New(rand.NewPCG(17, 18))
	for _, c := range []struct {
		mode, baseline int
		interval       bool
	}{{5, 60, false}, {60, 5, false}, {6, 6, true}} {
		e, ok := UnpairedTotals(seconds(r, c.mode, 100, 0.1), seconds(r, c.baseline, 100, 0.1), 1)
		if !ok || (e.Interval != nil) != c.interval {
			t.Errorf("%d against %d: got %+v, %v, want an interval: %v", c.mode, c.baseline, e, ok, c.interval)
		}
	}
	if _, ok := UnpairedTotals(nil, seconds(r, 6, 100, 0.1), 1); ok {
		t.Error("nothing has a ratio to something")
	}
	if _, ok := UnpairedQuantile(responses(r, 6, 10, 1e5), responses(r, 6, 400, 1e5), 0.99, 1); ok {
		t.Error("p99 of 60 samples has a ratio")
	}
}

func TestUnpairedRepeatsItself(t *testing.T) {
	r := rand.New(rand.NewPCG(19, 20))
	m, b := seconds(r, 30, 100, 0.1), seconds(r, 10, 100, 0.1)
	first, _ := UnpairedTotals(m, b, 42)
	again, _ := UnpairedTotals(m, b, 42)
	if *first.Interval != *again.Interval {
		t.Errorf("same seed, intervals %v and %v", *first.Interval, *again.Interval)
	}
}
