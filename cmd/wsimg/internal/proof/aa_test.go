//go:build slow

package proof

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wsimg/wsimg/cmd/wsimg/internal/outcome"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/reports"
)

// TestAA compares a mode with itself while a hog competes for the machine.
// There is no difference: an interval that excludes 1 is wrong.
func TestAA(t *testing.T) {
	p := newProgram(t)
	h, err := startHog()
	if err != nil {
		t.Fatal(err)
	}
	hogging := time.Now()
	var made []*record.Run
	for i := range runs(40) {
		run, err := p.bench(
			"--modes", "binary,binary", "--sizes", "100KB",
			"--time-budget", budgetFlag.String(), "--seed", fmt.Sprint(i+1),
		)
		if err != nil {
			t.Error(err)
			break
		}
		made = append(made, run)
		t.Logf("run %d of %d: %d rounds, ended by %s%s", i+1, runs(40), rounds(run), ended(run), found(t, run))
	}
	share := time.Since(hogging)
	burned, err := h.stop()
	if err != nil {
		t.Fatal(err)
	}
	if t.Failed() {
		return
	}
	p.Finish(t, judgeAA(t, p, made, burned.Seconds()/share.Seconds()), place)
}

func judgeAA(t *testing.T, p program, made []*record.Run, hogged float64) *outcome.Outcome {
	o := &outcome.Outcome{
		Program: "AA",
		Setting: p.Setting(made[0].Environment, "%d runs with a budget of %v, beside a hog that got %.0f %% of a core", len(made), *budgetFlag, 100*hogged),
		Header:  []string{"metric", "intervals", "exclude 1", "at most", "median overhead", "median half-width"},
	}
	all, excluding := 0, 0
	for _, s := range gather(analyze(t, made), made[0].Cells[0].SizeBytes) {
		n := s.intervals()
		wrong, most := s.significant(), mostExcluding.atMost(n)
		o.Row(s.name, n, wrong, most, reports.FormatDifference(median(s.values(func(e *estimate) float64 { return e.Ratio }))), percent(median(s.values((*estimate).halfWidth))))
		if wrong > most {
			o.Missf("%s: %d of %d intervals exclude 1", s.name, wrong, n)
		}
		all, excluding = all+n, excluding+wrong
	}
	most := mostOfAll.share(all)
	o.Row("all", all, excluding, most, "", "")
	if excluding > most {
		o.Missf("%d of all %d intervals exclude 1", excluding, all)
	}
	if all == 0 {
		o.Missf("no run gave an interval")
	}
	o.Notes = append(o.Notes, endings(made))
	return o
}

// found tells of the differences that a run found: "; images/s −3.1 % … −0.2 %".
func found(t *testing.T, run *record.Run) string {
	var b strings.Builder
	for _, s := range gather(analyze(t, []*record.Run{run}), run.Cells[0].SizeBytes) {
		if e := s.estimates[0]; e.Significant() {
			fmt.Fprintf(&b, "; %s %s … %s", s.name, reports.FormatDifference(e.Interval.Low), reports.FormatDifference(e.Interval.High))
		}
	}
	return b.String()
}

// rounds returns how many rounds of the first cell entered the estimates.
func rounds(run *record.Run) int {
	n := 0
	for _, s := range run.Cells[0].Samples {
		if !s.Repeated {
			n++
		}
	}
	return n
}

// ended says what ended the rounds of a run.
func ended(run *record.Run) string {
	return cmp.Or(run.Incomplete, run.Ended, "an unknown cause")
}

// endings says how many rounds the runs had and what ended them.
func endings(made []*record.Run) string {
	var ns []int
	by := make(map[string]int)
	for _, run := range made {
		ns = append(ns, rounds(run))
		by[ended(run)]++
	}
	slices.Sort(ns)
	var causes []string
	for _, cause := range slices.Sorted(maps.Keys(by)) {
		causes = append(causes, fmt.Sprintf("%s in %d", cause, by[cause]))
	}
	return fmt.Sprintf("Rounds of a run: %d to %d, in the median %d. Of %d runs ended by: %s.",
		ns[0], ns[len(ns)-1], ns[len(ns)/2], len(made), strings.Join(causes, ", "))
}
