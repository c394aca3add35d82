package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// until measures two rounds at a time, drawn with a spread of 0.065 around 0,
// until they are precise.
func until(precision float64, draw func() float64) []float64 {
	const most = 400
	var logs []float64
	for !Precise(logs, precision) && len(logs) < most {
		logs = append(logs, 0.065*draw(), 0.065*draw())
	}
	return logs
}

// Measuring until the interval is narrow must not cost it its coverage. The
// spread is what closed rounds have on a noisy machine.
func TestIntervalStillCoversWhenPrecisionEndsTheRounds(t *testing.T) {
	const repetitions = 2000
	student := func(r *rand.Rand) float64 { // three degrees of freedom, standard deviation 1
		var chi float64
		for range 3 {
			x := r.NormFloat64()
			chi += x * x
		}
		return r.NormFloat64() / math.Sqrt(chi)
	}
	for _, c := range []struct {
		name      string
		precision float64
		draw      func(*rand.Rand) float64
	}{
		{"normal, 3 %", 0.03, (*rand.Rand).NormFloat64},
		{"normal, 5 %", 0.05, (*rand.Rand).NormFloat64},
		{"heavy tails, 3 %", 0.03, student},
		{"heavy tails, 2 %", 0.02, student},
		{"skewed, 3 %", 0.03, func(r *rand.Rand) float64 { return r.ExpFloat64() - math.Ln2 }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(17, 18))
			covered, rounds := 0, 0
			for range repetitions {
				logs := until(c.precision, func() float64 { return c.draw(r) })
				if i, _ := MedianInterval(logs, Confidence); i.Contains(0) {
					covered++
				}
				rounds += len(logs)
			}
			got := float64(covered) / repetitions
			t.Logf("covered %.3f, %.1f rounds in the mean", got, float64(rounds)/repetitions)
			if got < 0.93 {
				t.Errorf("the interval covered the ratio in %.3f of comparisons, want at least 0.93", got)
			}
		})
	}
}

func TestPrecise(t *testing.T) {
	alternating := func(n int, spread float64) []float64 { // an interval as wide as the spread
		logs := make([]float64, n)
		for i := range logs {
			logs[i] = spread * float64(1-2*(i%2))
		}
		return logs
	}
	lucky := append(alternating(10, 0.05), alternating(100, 0.01)...)
	between := slices.Concat(alternating(10, 0.05), alternating(10, 0.01), alternating(2, 0.05), alternating(1, 0.01))
	for _, c := range []struct {
		name string
		logs []float64
		want bool
	}{
		{"narrow at an odd number alone", between, false},
		{"no rounds", nil, false},
		{"calm, but too few", alternating(MinStopping-2, 0.01), false},
		{"calm", alternating(MinStopping, 0.01), true},
		{"one round more than a look has", alternating(MinStopping+1, 0.01), true},
		{"as wide as is allowed", alternating(20, 0.0299), true},
		{"wider", alternating(20, 0.0301), false},
		{"wide an eighth ago", lucky[:20], false},
		{"calm for long after a wild start", lucky, true},
	} {
		if got := Precise(c.logs, 0.03); got != c.want {
			t.Errorf("%s, %d rounds: got %v, want %v", c.name, len(c.logs), got, c.want)
		}
	}
}

func TestPreciseMeansANarrowInterval(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		logs := rapid.SliceOfN(rapid.Float64Range(-0.1, 0.1), 0, 80).Draw(t, "logs")
		precision := rapid.Float64Range(0.005, 0.2).Draw(t, "precision")
		if !Precise(logs, precision) {
			return
		}
		even := logs[:len(logs)&^1]
		if width, ok := ofLogs(even).HalfWidth(); !ok || width > precision {
			t.Errorf("%d rounds are precise to %v with a half-width of %v, %v", len(logs), precision, width, ok)
		}
		if !Precise(logs, 2*precision) {
			t.Errorf("%d rounds are precise to %v and not to twice that", len(logs), precision)
		}
		negated := make([]float64, len(logs))
		for i, x := range logs {
			negated[i] = -x
		}
		if !Precise(negated, 1.25*precision) { // relative to the other ratio
			t.Errorf("%d rounds are precise, and the other way round they are not", len(logs))
		}
	})
}

func TestRoundsNeededGrowWithTheSquareOfThePrecision(t *testing.T) {
	r := rand.New(rand.NewPCG(19, 20))
	logs := make([]float64, 40)
	for i := range logs {
		logs[i] = 0.065 * r.NormFloat64()
	}
	width, _ := ofLogs(logs).HalfWidth()
	for _, c := range []struct {
		name      string
		logs      []float64
		precision float64
		want      int
	}{
		{"none yet", nil, 0.03, 0},
		{"too few to tell", logs[:5], 0.03, 0},
		{"as precise as they are", logs, width, 40},
		{"twice as precise", logs, width / 2, 160},
		{"never fewer than a stop takes", logs, 1, MinStopping},
	} {
		if got := RoundsNeeded(c.logs, c.precision); got != c.want {
			t.Errorf("%s: got %d, want %d", c.name, got, c.want)
		}
	}
}
