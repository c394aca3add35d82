package search

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/wsimg/wsimg/loadgen/record"
)

func drawSettings(t *rapid.T) Settings {
	s := Settings{Whole: rapid.Bool().Draw(t, "whole")}
	if s.Whole {
		s.Least = float64(rapid.IntRange(1, 50).Draw(t, "least"))
		s.Start = s.Least + float64(rapid.IntRange(0, 50).Draw(t, "start"))
		s.Most = s.Start + float64(rapid.IntRange(0, 20_000).Draw(t, "most"))
	} else {
		s.Least = rapid.Float64Range(0.1, 100).Draw(t, "least")
		s.Start = s.Least * rapid.Float64Range(1, 1000).Draw(t, "start")
		s.Most = s.Start * rapid.Float64Range(1, 1000).Draw(t, "most")
	}
	return s
}

// bound returns how many probes there are at most before Confirm: one more than
// the octaves to the further of the bounds, three to bisect one octave to an
// eighth of it, and each as often as patience lasts.
func bound(s Settings) int {
	octaves := math.Ceil(math.Log2(max(s.Most/s.Start, s.Start/s.Least)))
	return patience * (1 + int(octaves) + 3)
}

// TestAnyVerdicts: whatever a target says, even what no server would.
func TestAnyVerdicts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		settings := drawSettings(t)
		if err := settings.Validate(); err != nil {
			t.Fatal(err)
		}
		s, again := New(settings), New(settings)
		var probes []Probe
		phases := []string{record.Grow, record.Bisect, record.Confirm}
		var phase, before int
		// Runs of a verdict, for one at random each time gets nowhere.
		for range rapid.IntRange(1, 12).Draw(t, "runs") {
			verdict := rapid.SampledFrom([]string{record.Pass, record.Fail, record.Inconclusive, "what?"}).Draw(t, "verdict")
			for range rapid.IntRange(1, 12).Draw(t, "length") {
				step, ok := s.Next()
				if twin, twinOK := again.Next(); twin != step || twinOK != ok {
					t.Fatalf("the same verdicts led to %v and %v", step, twin)
				}
				if repeated, _ := s.Next(); repeated != step {
					t.Fatalf("Next returned %v and then %v", step, repeated)
				}
				s.Observe(verdict)
				again.Observe(verdict)
				if !ok {
					continue
				}
				probes = append(probes, Probe{step, verdict})
				if step.Load < settings.Least || step.Load > settings.Most {
					t.Fatalf("a probe of %g, want %g to %g", step.Load, settings.Least, settings.Most)
				}
				if settings.Whole && step.Load != math.Trunc(step.Load) {
					t.Fatalf("a probe of %g, want a whole number", step.Load)
				}
				now := slices.Index(phases, step.Phase)
				if now < phase {
					t.Fatalf("%s after %s", step.Phase, phases[phase])
				}
				if phase = now; step.Phase != record.Confirm {
					before++
				}
			}
		}
		if most := bound(settings); before > most {
			t.Fatalf("%d probes before Confirm, want at most %d", before, most)
		}
		low, high := s.Bracket()
		if low < 0 || high < 0 || (low > 0 && high > 0 && low >= high) {
			t.Fatalf("bracket %g to %g", low, high)
		}
		a := Answered(probes)
		if d := cmp.Diff(a, Answered(slices.Clone(probes))); d != "" {
			t.Fatalf("two answers from the same probes:\n%s", d)
		}
		if a.Low != low || a.High != high {
			t.Fatalf("answer has bracket %g to %g, the search %g to %g", a.Low, a.High, low, high)
		}
		if a.Interval != nil && !a.Interval.Contains(a.Load) {
			t.Fatalf("%g is not within %v", a.Load, a.Interval)
		}
		if _, more := s.Next(); more == (a.Unmet || a.Unbounded) {
			t.Fatalf("there is more to tell: %v, and the answer is %+v", more, a)
		}
	})
}

// drawProbes draws what the confirmations of a search may be.
func drawProbes(t *rapid.T, name string) (probes []Probe) {
	for range rapid.IntRange(8, 12).Draw(t, name) {
		probes = append(probes, Probe{
			Step{rapid.Float64Range(100, 200).Draw(t, "load"), record.Confirm},
			rapid.SampledFrom([]string{record.Pass, record.Fail, record.Inconclusive}).Draw(t, "verdict"),
		})
	}
	return probes
}

func scaled(probes []Probe, by float64) []Probe {
	probes = slices.Clone(probes)
	for i := range probes {
		probes[i].Load *= by
	}
	return probes
}

// TestRatioIsOfTwo: the other way round it is the inverse, and units matter to
// neither.
func TestRatioIsOfTwo(t *testing.T) {
	near := cmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) <= 1e-6*math.Abs(a) })
	rapid.Check(t, func(t *rapid.T) {
		mode, baseline := drawProbes(t, "mode"), drawProbes(t, "baseline")
		got, ok := Ratio(mode, baseline)
		back, okBack := Ratio(baseline, mode)
		more, okMore := Ratio(scaled(mode, 3), baseline)
		if ok != okBack || ok != okMore {
			t.Fatalf("a ratio %v, the other way round %v, in other units %v", ok, okBack, okMore)
		}
		if !ok {
			return
		}
		inverse := back
		inverse.Ratio = 1 / back.Ratio
		more.Ratio /= 3
		if got.Interval != nil {
			low, high := 1/back.Interval.High, 1/back.Interval.Low
			inverse.Interval.Low, inverse.Interval.High = low, high
			more.Interval.Low /= 3
			more.Interval.High /= 3
		}
		if d := cmp.Diff(got, inverse, near); d != "" {
			t.Errorf("the other way round (-mode/baseline +inverse):\n%s", d)
		}
		if d := cmp.Diff(got, more, near); d != "" {
			t.Errorf("in other units:\n%s", d)
		}
	})
}
