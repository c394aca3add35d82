//go:build slow

package proof

import (
	"fmt"
	"slices"
	"testing"

	"github.com/wsimg/wsimg/cmd/wsimg/internal/outcome"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/reports"
)

// narrow is how wide half an interval may be at most, relative to the ratio,
// in any default run at 100 KB.
var narrow = map[string]float64{
	reports.TargetCPU:  0.03,
	reports.ImagesRate: 0.05,
}

// TestReproducible makes the default run again and again. Its intervals at 100
// KB must be narrow, and must contain what the others found in the median.
func TestReproducible(t *testing.T) {
	p := newProgram(t)
	n := runs(10)
	var made []*record.Run
	for i := range n {
		run, err := p.bench()
		if err != nil {
			t.Fatal(err)
		}
		made = append(made, run)
		t.Logf("run %d of %d: %d rounds, ended by %s", i+1, n, rounds(run), ended(run))
	}
	const size = 100_000
	all := gather(analyze(t, made), size)
	o := &outcome.Outcome{
		Program: "Reproducible",
		Setting: p.Setting(made[0].Environment, "%d default runs, text against binary at 100 KB", n),
		Header:  []string{"metric", "overhead, lowest", "median", "highest", "contain the others' median", "at least", "median half-width", "widest", "at most"},
		Notes:   []string{endings(made)},
	}
	for _, s := range all {
		ratios := s.values(func(e *estimate) float64 { return e.Ratio })
		widths := s.values((*estimate).halfWidth)
		contain, least, most := s.contain(s.others), "–", "–"
		if limit, primary := narrow[s.metric]; primary && s.load == record.Closed {
			least, most = fmt.Sprint(leastReproduced.atLeast(n)), percent(limit)
			if contain < leastReproduced.atLeast(n) {
				o.Missf("%s: %d of %d intervals contain the median of the others", s.name, contain, n)
			}
			if widest := slices.Max(widths); widest > limit {
				o.Missf("%s: half an interval is %s wide", s.name, percent(widest))
			}
		}
		o.Row(s.name, reports.FormatDifference(slices.Min(ratios)), reports.FormatDifference(median(ratios)), reports.FormatDifference(slices.Max(ratios)),
			contain, least, percent(median(widths)), percent(slices.Max(widths)), most)
	}
	for metric := range narrow {
		if find(all, metric).intervals() < n {
			o.Missf("%s: not every run gave an interval", metric)
		}
	}
	p.Finish(t, o, place)
}
