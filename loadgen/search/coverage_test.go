package search

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
)

// world is what two simulated modes share, and what they do not.
type world struct {
	name    string
	noise   float64 // of each probe
	sd, tau float64 // of the machine that both are on
	own     float64 // sd of a machine that each has for itself, which forgets in tau
	stalls  float64 // share of probes that fail whatever their load
}

// outcome is one run: what it said, as logarithms, and what was true.
type outcome struct {
	load, ratio         float64
	loads, ratios       [2]float64
	hasLoads, hasRatios bool
	trueLoad, trueRatio float64
}

// simulate runs binary and text on one machine and compares them.
func (w world) simulate(seed uint64, counts []int) []outcome {
	draw := rand.New(rand.NewPCG(seed, 7))
	machine := &drift{sd: w.sd, tau: w.tau, draw: draw}
	capacities := [2]float64{800 * (1 + draw.Float64())}
	capacities[1] = capacities[0] * (0.65 + 0.25*draw.Float64())
	var searches []*Search
	targets := map[*Search]server{}
	met := [2][]float64{} // the logarithm of what each confirmation met, but for noise
	for i, capacity := range capacities {
		s := New(Settings{Start: 100, Least: 1, Most: 1e6})
		own := &drift{sd: w.own, tau: w.tau, draw: draw}
		searches = append(searches, s)
		targets[s] = func(load, at float64) string {
			now := capacity * machine.speed(at) * own.speed(at)
			if step, _ := s.Next(); step.Phase == "confirm" {
				met[i] = append(met[i], math.Log(now))
			}
			return stalling(noisy(ceiling(now), w.noise, draw), w.stalls, draw)(load, at)
		}
	}
	probes := take(targets, searches, slices.Max(counts))
	var outcomes []outcome
	for _, n := range counts {
		var cut [2][]Probe
		for i, all := range probes {
			before := len(all) - len(confirmations(all))
			cut[i] = all[:min(len(all), before+n)]
		}
		o := outcome{trueRatio: math.Log(capacities[1] / capacities[0])}
		for i := range n {
			o.trueLoad += met[0][i] / float64(n)
			if w.own > 0 {
				o.trueRatio += (met[1][i] - met[0][i] - math.Log(capacities[1]/capacities[0])) / float64(n)
			}
		}
		a := Answered(cut[0])
		o.load = math.Log(a.Load)
		if a.Interval != nil {
			o.hasLoads, o.loads = true, [2]float64{math.Log(a.Interval.Low), math.Log(a.Interval.High)}
		}
		e, _ := Ratio(cut[1], cut[0])
		o.ratio = math.Log(e.Ratio)
		if e.Interval != nil {
			o.hasRatios, o.ratios = true, [2]float64{math.Log(e.Interval.Low), math.Log(e.Interval.High)}
		}
		outcomes = append(outcomes, o)
	}
	return outcomes
}

// summary of one figure over all runs.
type summary struct {
	none              int     // runs without an interval
	covers            float64 // share of the others whose interval holds the truth
	half, rms, worst  float64 // median half-width of the interval; of the error
	within5, within10 float64
}

func summarise(truths, values []float64, intervals [][2]float64, has []bool) summary {
	var s summary
	var halves []float64
	n := float64(len(truths))
	for i, truth := range truths {
		e := math.Abs(values[i] - truth)
		s.rms += e * e / n
		s.worst = max(s.worst, e)
		if e < math.Log(1.05) {
			s.within5 += 1 / n
		}
		if e < math.Log(1.10) {
			s.within10 += 1 / n
		}
		if !has[i] {
			s.none++
			continue
		}
		if intervals[i][0] <= truth && truth <= intervals[i][1] {
			s.covers++
		}
		halves = append(halves, (intervals[i][1]-intervals[i][0])/2)
	}
	s.covers /= float64(len(halves))
	s.rms = math.Sqrt(s.rms)
	if len(halves) > 0 {
		slices.Sort(halves)
		s.half = halves[len(halves)/2]
	}
	return s
}

func (s summary) String() string {
	return fmt.Sprintf("%5.1f%% ±%4.1f%% rms %4.1f%% <5%%: %3.0f%% <10%%: %3.0f%% none %d", 100*s.covers, 100*s.half, 100*s.rms, 100*s.within5, 100*s.within10, s.none)
}

// runs simulates so many seeds from the first on, on two cores.
func (w world) runs(first, seeds int, counts []int) [][]outcome {
	runs := make([][]outcome, seeds)
	var wg sync.WaitGroup
	for core := range 2 {
		wg.Go(func() {
			for seed := core; seed < seeds; seed += 2 {
				runs[seed] = w.simulate(uint64(first+seed), counts)
			}
		})
	}
	wg.Wait()
	return runs
}

// summaries of the load and of the ratio, at each number of confirmations.
func summaries(runs [][]outcome) (loads, ratios []summary) {
	for k := range runs[0] {
		var lt, lv, rt, rv []float64
		var li, ri [][2]float64
		var lh, rh []bool
		for _, run := range runs {
			o := run[k]
			lt, lv, li, lh = append(lt, o.trueLoad), append(lv, o.load), append(li, o.loads), append(lh, o.hasLoads)
			rt, rv, ri, rh = append(rt, o.trueRatio), append(rv, o.ratio), append(ri, o.ratios), append(rh, o.hasRatios)
		}
		loads = append(loads, summarise(lt, lv, li, lh))
		ratios = append(ratios, summarise(rt, rv, ri, rh))
	}
	return loads, ratios
}

// TestIntervalsHoldTheTruth: 95 % is what they claim. Of a hundred runs of which
// 95 % cover, fewer than 90 do in 3 % of tests; that they do in these seeds is
// known.
func TestIntervalsHoldTheTruth(t *testing.T) {
	if raceEnabled {
		t.Skip("many seeds")
	}
	for _, tt := range []struct {
		world
		confirm int
		half    float64 // of the ratio's interval, at most, median
	}{
		{world{name: "noise 5 %", noise: 0.05}, 12, 0.09},
		{world{name: "drift 10 % in 30 s, noise 2 %", noise: 0.02, sd: 0.10, tau: 30}, 12, 0.12},
	} {
		t.Run(tt.name, func(t *testing.T) {
			loads, ratios := summaries(tt.runs(0, 100, []int{tt.confirm}))
			t.Logf("load %v, ratio %v", loads[0], ratios[0])
			if loads[0].covers < 0.90 {
				t.Errorf("%.1f %% of intervals hold the load, want 90 %%", 100*loads[0].covers)
			}
			if ratios[0].covers < 0.90 {
				t.Errorf("%.1f %% of intervals hold the ratio, want 90 %%", 100*ratios[0].covers)
			}
			if loads[0].none+ratios[0].none > 0 {
				t.Errorf("%d and %d without an interval", loads[0].none, ratios[0].none)
			}
			if ratios[0].half > tt.half {
				t.Errorf("interval of the ratio is ±%.1f %%, want at most ±%.0f %%", 100*ratios[0].half, 100*tt.half)
			}
		})
	}
}
