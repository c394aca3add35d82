//go:build slow

package search

import "testing"

var worlds = []world{
	{name: "no noise"},
	{name: "noise 2 %", noise: 0.02},
	{name: "noise 5 %", noise: 0.05},
	{name: "noise 5 %, 3 % stalled", noise: 0.05, stalls: 0.03},
	{name: "noise 15 %", noise: 0.15},
	{name: "drift 5 % in 10 s, noise 2 %", noise: 0.02, sd: 0.05, tau: 10},
	{name: "drift 5 % in 60 s, noise 2 %", noise: 0.02, sd: 0.05, tau: 60},
	{name: "drift 10 % in 10 s, noise 2 %", noise: 0.02, sd: 0.10, tau: 10},
	{name: "drift 10 % in 30 s, noise 2 %", noise: 0.02, sd: 0.10, tau: 30},
	{name: "drift 10 % in 60 s, noise 5 %", noise: 0.05, sd: 0.10, tau: 60},
	{name: "drift of each mode 5 % in 30 s, noise 3 %", noise: 0.03, own: 0.05, tau: 30},
}

// TestFigures prints the figures of the package's documentation:
//
//	go test -tags slow -run TestFigures -v ./loadgen/search
func TestFigures(t *testing.T) {
	// Seeds that nothing was chosen by.
	const first, seeds = 100_000, 200
	counts := []int{8, 10, 12, 14, 16}
	for _, w := range worlds {
		runs := w.runs(first, seeds, counts)
		loads, ratios := summaries(runs)
		for k, n := range counts {
			t.Logf("%-42s %2d load %v | ratio %v", w.name, n, loads[k], ratios[k])
		}
		// As a driver ends: when the ratio is known to 8 %.
		stopped := make([][]outcome, len(runs))
		for i, run := range runs {
			for _, o := range run {
				stopped[i] = []outcome{o}
				if o.hasRatios && o.ratios[1]-o.ratios[0] < 2*0.08 {
					break
				}
			}
		}
		_, ratios = summaries(stopped)
		t.Logf("%-42s stopped ratio %v", w.name, ratios[0])
	}
}
