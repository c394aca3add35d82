// Package verdict decides what a run's figures may be used for, from its
// record alone:
//
//   - [Valid]: they are the target's.
//   - [Shared]: both ends ran on one machine, so rates are what the two reach
//     together. Comparing modes is sound, for both pay it. A closed loop with
//     both ends on one machine is always this.
//   - [Void]: the generator or something else on its machine was the limit,
//     or nothing was measured. The figures are not the target's.
//
// Loads are judged by what they claim. In a closed loop an image is due when
// its connection is free, so nothing can be late: what may go wrong is a
// generator that had no CPU left, and on one machine the two ends fight for it
// anyway, even where each was kept to processors of its own: they have memory,
// caches and a kernel in common. A generator that used those up is told then. An
// open load claims latency at a rate, which images sent late or a
// machine busy with something else spoil, on one machine as on two. One void
// cell voids its load. It voids the run unless there are other loads, which
// stand by themselves: an image that was late in the open load takes nothing
// from what the closed one found. A search for capacity overloads the target on
// purpose: it is judged by the probes that its answer rests on, and void as a
// whole.
package verdict

import (
	"fmt"
	"slices"

	"github.com/wsimg/wsimg/loadgen/record"
)

// Kind is a verdict in one word.
type Kind string

// The verdicts.
const (
	Valid  Kind = "valid"
	Shared Kind = "shared"
	Void   Kind = "void"
)

// Verdict is what a run's figures may be used for, and why.
type Verdict struct {
	Kind Kind `json:"kind"`
	// Evidence is what the verdict rests on, the deciding entry first; empty
	// when nothing speaks against the run.
	Evidence []Evidence `json:"evidence"`
}

// Evidence is one figure that a verdict rests on.
type Evidence struct {
	Metric string  `json:"metric"`
	Cell   string  `json:"cell,omitempty"` // it speaks of; empty when of the whole run
	Value  float64 `json:"value"`
	Limit  float64 `json:"limit"`
	Text   string  `json:"text"`            // a sentence: what was found and what to change
	Voids  string  `json:"voids,omitempty"` // the load it voids; empty: the whole run, or nothing
}

// Voids reports whether the figures of a load must not be used.
func (v Verdict) Voids(load string) bool {
	return v.Kind == Void || slices.ContainsFunc(v.Evidence, func(e Evidence) bool { return e.Voids == load })
}

// Judge returns the verdict on run. It reads only samples that enter the
// estimates: a disturbed round that was repeated counts for nothing.
func Judge(run *record.Run) Verdict {
	if !measured(run.Cells) {
		return Verdict{Void, []Evidence{{Metric: "images", Value: 0, Limit: 1, Text: nothing(run)}}}
	}
	if run.Capacity != nil {
		return judgeCapacity(run)
	}
	var open, back []record.Cell // back to back: closed and single
	for _, c := range run.Cells {
		if c.Load == record.Open {
			open = append(open, c)
		} else {
			back = append(back, c)
		}
	}
	against := judgeOpen(run, open)
	disturbed := disturbance(back)
	var saturated, backAgainst []Evidence
	if own, ok := ownCores(run); ok {
		saturated = judgeWorst(generator(own), back)
	}
	if !run.Environment.Shared {
		backAgainst = appendNew(saturated, disturbed)
	}
	switch {
	case len(backAgainst) > 0, len(against) > 0 && !measured(back):
		against = appendNew(against, backAgainst)
		if run.Environment.Shared {
			against = append(against, shared(run))
		}
		return Verdict{Void, appendNew(against, disturbed)}
	case run.Environment.Shared:
		return Verdict{Shared, appendNew(slices.Concat([]Evidence{shared(run)}, saturated, against), disturbed)}
	}
	return Verdict{Valid, append([]Evidence{}, against...)}
}

// judgeOpen returns what voids the open cells, for each rule in the cell that
// it speaks against most.
func judgeOpen(run *record.Run, cells []record.Cell) []Evidence {
	rules := []rule{late}
	if own, ok := ownCores(run); ok {
		rules = append(rules, generator(own))
	}
	for _, c := range causes {
		rules = append(rules, func(cell record.Cell) (Evidence, bool) { return c.judge(cell) })
	}
	var against []Evidence
	for _, r := range rules {
		for _, e := range judgeWorst(r, cells) {
			e.Voids = record.Open
			against = append(against, e)
		}
	}
	return against
}

// rule returns what speaks against a cell, its text without the cell's name,
// and false when nothing does.
type rule func(record.Cell) (Evidence, bool)

// judgeWorst returns what r has against the cell that it speaks against most,
// or nothing. A mean over cells would let an idle one excuse another.
func judgeWorst(r rule, cells []record.Cell) []Evidence {
	var worst Evidence
	found := 0
	for _, c := range cells {
		e, bad := r(c)
		if !bad {
			continue
		}
		e.Cell = label(c)
		if found++; found == 1 || e.Value/e.Limit > worst.Value/worst.Limit {
			worst = e
		}
	}
	switch {
	case found == 0:
		return nil
	case found == 1:
		worst.Text = worst.Cell + ": " + worst.Text
	default:
		worst.Text = fmt.Sprintf("%s, the worst of %d cells: %s", worst.Cell, found, worst.Text)
	}
	return []Evidence{worst}
}

// label names a cell: "text, 100 KB at 350/s".
func label(c record.Cell) string {
	if c.Load == record.Open {
		return fmt.Sprintf("%s, %s at %s/s", c.Mode, size(c), rate(c.RatePerS))
	}
	return fmt.Sprintf("%s, %s, %s", c.Mode, size(c), c.Load)
}

// rate writes images a second, all digits before the point.
func rate(perS float64) string {
	if perS >= 1000 {
		return fmt.Sprintf("%.0f", perS)
	}
	return fmt.Sprintf("%.4g", perS)
}

func size(c record.Cell) string {
	if c.SizeBytes >= 1_000_000 {
		return fmt.Sprintf("%.4g MB", float64(c.SizeBytes)/1e6)
	}
	return fmt.Sprintf("%.4g KB", float64(c.SizeBytes)/1e3)
}

// appendNew appends what has a metric that es has not: one hog is told once.
func appendNew(es, more []Evidence) []Evidence {
	for _, e := range more {
		if !slices.ContainsFunc(es, func(told Evidence) bool { return told.Metric == e.Metric }) {
			es = append(es, e)
		}
	}
	return es
}

// interrupted is why a run is incomplete that its user ended.
const interrupted = "interrupted"

// nothing says why nothing was measured.
func nothing(run *record.Run) string {
	if run.Incomplete == interrupted {
		return "nothing was measured: the run was interrupted before that"
	}
	for _, c := range run.Cells {
		for _, s := range c.Samples {
			if c.Load != record.Open || s.Scheduled > 0 || len(s.Errors) > 0 {
				return "nothing was measured: look at the errors, and whether the target can be reached"
			}
		}
	}
	if len(run.Cells) > 0 && len(run.Cells[0].Samples) > 0 {
		return "no image was due in the time there was: ask for a higher rate, or for longer"
	}
	return "nothing was measured: look at the errors, and whether the target can be reached"
}

func measured(cells []record.Cell) bool {
	for _, c := range cells {
		for _, s := range c.Samples {
			if s.Images > 0 && !s.Repeated {
				return true
			}
		}
	}
	return false
}

func shared(run *record.Run) Evidence {
	what := "this machine's " + cores(run.Environment.Cores)
	if s := run.Settings; len(s.TargetCPUs) > 0 || len(s.GeneratorCPUs) > 0 {
		what = fmt.Sprintf("this machine, the target on %s and the generator on %s", s.TargetCPUs.Words(), s.GeneratorCPUs.Words())
	}
	return Evidence{
		Metric: "machines", Value: 1, Limit: 2,
		Text: fmt.Sprintf("both ends share %s, so rates are what they reach together; "+
			"run the target on another machine to learn what it reaches alone", what),
	}
}

func cores(n int) string {
	if n == 1 {
		return "one core"
	}
	return fmt.Sprintf("%d cores", n)
}
