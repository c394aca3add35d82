//go:build slow

package proof

import (
	"fmt"
	"testing"
	"time"

	"github.com/wsimg/wsimg/cmd/wsimg/internal/outcome"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/reports"
)

// effects are the delays of the second mode, and whether the difference is so
// large that every run must find it.
var effects = []struct {
	delay time.Duration
	plain bool
}{
	{4200 * time.Microsecond, false},
	{4800 * time.Microsecond, true},
	{6000 * time.Microsecond, true},
}

// effectJitter is how much delays vary from image to image.
const effectJitter = 0.10

// TestEffect delays one of two equal modes by a known amount. The interval
// must contain the truth, in two senses: what the server recorded in that very
// run, which finds bias, and what it recorded in all runs alike, which a single
// run misses by chance as often as its interval admits.
func TestEffect(t *testing.T) {
	p := newProgram(t)
	var delays []time.Duration
	for range runs(40) { // interleaved, so that all meet the same machine
		for _, e := range effects {
			delays = append(delays, e.delay)
		}
	}
	made := p.against(t, delays, effectJitter, 1, "--loads", record.Closed+","+record.Single)
	o := &outcome.Outcome{
		Program: "Effect",
		Setting: p.Setting(made[0].run.Environment, "%d runs of %d rounds for each effect, %d at a time", runs(40), *roundsFlag, *parallelFlag),
		Header:  []string{"delays", "metric", "truth", "contain their own", "at least", "contain that of all", "at least", "found", "at least", "median half-width"},
		Notes:   []string{punctuality(made)},
	}
	for _, e := range effects {
		judgeEffect(t, o, with(made, e.delay), e.delay, e.plain)
	}
	p.Finish(t, o, place)
}

func judgeEffect(t *testing.T, o *outcome.Outcome, made []delayedRun, delay time.Duration, plain bool) {
	n := len(made)
	records := recordsOf(made)
	all := together(made)
	label := fmt.Sprintf("%v / %v", delay, plainDelay)
	for _, s := range gather(analyze(t, records), records[0].Cells[0].SizeBytes) {
		truth, ok := all.truth(s.metric, delayedMode, plainMode)
		if !ok {
			continue
		}
		own := s.contain(func(run int) float64 {
			truth, _ := made[run].seen.truth(s.metric, delayedMode, plainMode)
			return truth
		})
		shared, found := s.contain(always(truth)), s.significant()
		least := leastContained.atLeast(n)
		leastShared, leastSignificant := least, 0
		if plain {
			leastSignificant = leastFound.atLeast(n)
		}
		if s.metric == reports.ResponseP99 {
			// Five of a run's images decide it, and so whatever stalled the
			// machine in that run: the runs have no truth in common, and a
			// difference is found or not.
			leastShared, leastSignificant = 0, 0
		}
		if own < least {
			o.Missf("%s, %s: %d of %d intervals contain the truth of their run", label, s.name, own, n)
		}
		if shared < leastShared {
			o.Missf("%s, %s: %d of %d intervals contain the truth of all runs", label, s.name, shared, n)
		}
		if found < leastSignificant {
			o.Missf("%s, %s: %d of %d intervals exclude 1", label, s.name, found, n)
		}
		o.Row(label, s.name, reports.FormatDifference(truth), own, least, shared, required(leastShared),
			found, required(leastSignificant), percent(median(s.values((*estimate).halfWidth))))
	}
}

// required writes the least number of runs, a dash where any will do.
func required(least int) string {
	if least == 0 {
		return "–"
	}
	return fmt.Sprint(least)
}
