package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func mean(xs []float64, drawn []int) float64 {
	var sum float64
	for _, i := range drawn {
		sum += xs[i]
	}
	return sum / float64(len(drawn))
}

func TestResampleAgreesWithTotals(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	mode, baseline := make([]Total, 20), make([]Total, 20)
	for i := range mode {
		mode[i], baseline[i] = Total{1 + r.Float64(), 1}, Total{2 + r.Float64(), 1}
	}
	want, _ := TotalsRatio(mode, baseline, 7)
	got := Resample(len(mode), len(mode), 7, func(drawn []int) ([]float64, bool) {
		var m, b Total
		for _, i := range drawn {
			m.add(mode[i])
			b.add(baseline[i])
		}
		ratio, ok := m.ratio(b)
		return []float64{ratio, -ratio}, ok
	})
	if len(got) != 2 || got[0] != *want.Interval || math.Abs(got[1].Low+want.Interval.High) > 0.01 {
		t.Errorf("got %v, want the interval %v of the ratio of totals, and its mirror image", got, *want.Interval)
	}
}

func TestResampleLeavesOutWhatHasNoValue(t *testing.T) {
	xs := []float64{0, 1, 1, 1, 1, 1, 1, 1}
	ones := Resample(len(xs), len(xs), 1, func(drawn []int) ([]float64, bool) {
		return []float64{mean(xs, drawn)}, !slices.Contains(drawn, 0)
	})
	if len(ones) != 1 || ones[0] != (Interval{1, 1}) {
		t.Errorf("without the draws that hold round 0: got %v, want [1, 1]", ones)
	}
	none := Resample(len(xs), len(xs), 1, func([]int) ([]float64, bool) { return nil, false })
	if none != nil {
		t.Errorf("without any draw: got %v, want no interval", none)
	}
	one := func([]int) ([]float64, bool) { return []float64{1}, true }
	if few := Resample(minRounds-1, minRounds-1, 1, one); few != nil {
		t.Errorf("of too few rounds: got %v, want no interval", few)
	}
	if few := Resample(60, minRounds-1, 1, one); few != nil {
		t.Errorf("with a series of too few rounds: got %v, want no interval", few)
	}
}

// The interval of a mean is known: two standard errors to either side.
func TestResampleFindsTheErrorOfAMean(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	xs := make([]float64, 100)
	for i := range xs {
		xs[i] = r.NormFloat64()
	}
	once := make([]int, len(xs))
	for i := range once {
		once[i] = i
	}
	m := mean(xs, once)
	var squares float64
	for _, x := range xs {
		squares += (x - m) * (x - m)
	}
	half := 1.96 * math.Sqrt(squares) / float64(len(xs))
	got := Resample(len(xs), len(xs), 5, func(drawn []int) ([]float64, bool) { return []float64{mean(xs, drawn)}, true })
	if math.Abs(got[0].Low-(m-half)) > 0.1*half || math.Abs(got[0].High-(m+half)) > 0.1*half {
		t.Errorf("got %v, want about [%.3f, %.3f]", got[0], m-half, m+half)
	}
}

// A mean of what was measured in 6 of 62 rounds, as stages are, has an interval
// for 6: one for 62 covers it in nine of ten runs.
func TestResampleCoversWhatWasMeasuredInFewRounds(t *testing.T) {
	const repetitions, rounds, measured = 300, 62, 6
	r := rand.New(rand.NewPCG(5, 6))
	covered := 0
	xs := make([]float64, measured) // of rounds 0, 10, 20 …
	for k := range repetitions {
		for i := range xs {
			xs[i] = r.NormFloat64()
		}
		got := Resample(rounds, measured, uint64(k), func(drawn []int) ([]float64, bool) {
			var sum, n float64
			for _, i := range drawn {
				if i%10 == 0 && i/10 < measured {
					sum, n = sum+xs[i/10], n+1
				}
			}
			return []float64{sum / n}, n > 0
		})
		if got[0].Low <= 0 && 0 <= got[0].High {
			covered++
		}
	}
	if got := float64(covered) / repetitions; got < 0.925 {
		t.Errorf("the interval covered the mean in %.3f of repetitions, want about 0.95", got)
	}
}
