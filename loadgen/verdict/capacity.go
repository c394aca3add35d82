package verdict

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/wsimg/wsimg/loadgen/record"
)

// judgeCapacity returns the verdict on a search for capacity. It puts more on
// the target than it carries, on purpose, so most of its probes say nothing of
// the generator: judged are the probes that the answer rests on, mode by mode,
// and of these the ones that failed. Where the generator was the limit in them,
// the edge may be its own. A probe that passed did so whatever the generator
// cost, for response time counts its lateness.
func judgeCapacity(run *record.Run) Verdict {
	var rests, failed []record.Cell // what answers rest on, by mode; and of it, what failed
	for _, mode := range run.Settings.Modes {
		e := edgeOf(run, mode)
		failed = append(failed, e.cell(run, mode, record.Fail))
		rests = append(rests, e.cell(run, mode, ""))
	}
	rules := []rule{lateAtEdge}
	if own, ok := ownCores(run); ok {
		rules = append(rules, generator(own))
	}
	var against []Evidence
	for _, r := range rules {
		against = append(against, judgeWorst(r, failed)...)
	}
	for _, c := range causes {
		against = append(against, judgeWorst(func(cell record.Cell) (Evidence, bool) { return c.judge(cell) }, rests)...)
	}
	if run.Environment.Shared {
		against = append(against, sharedSearch(run))
	}
	switch {
	case len(against) == 0:
		return Verdict{Valid, []Evidence{}}
	case len(against) == 1 && run.Environment.Shared:
		return Verdict{Shared, against}
	}
	return Verdict{Void, against}
}

// lateAtEdge is the rule that a load was not too much for the generator itself.
func lateAtEdge(c record.Cell) (Evidence, bool) {
	e, bad := sentLate(c)
	e.Text += ", so this edge may be its own and not the target's; " +
		"give the generator more cores or a machine of its own, use fewer clients, or stop other programs"
	return e, bad
}

// edge is the probes that the answer for a mode rests on: all that confirmed
// it, and where none of these failed, or passed, those at the lowest load that
// did, or the highest.
type edge []record.Probe

func edgeOf(run *record.Run, mode string) edge {
	probes := slices.DeleteFunc(slices.Clone(run.Capacity.Probes), func(p record.Probe) bool { return p.Mode != mode })
	at := edge(slices.DeleteFunc(slices.Clone(probes), func(p record.Probe) bool { return p.Phase != record.Confirm }))
	for _, verdict := range []string{record.Fail, record.Pass} {
		if !slices.ContainsFunc(at, func(p record.Probe) bool { return p.Verdict == verdict }) {
			at = append(at, nearest(probes, verdict)...)
		}
	}
	return at
}

// nearest returns the probes at the lowest load that failed, or at the highest
// that passed.
func nearest(probes []record.Probe, verdict string) []record.Probe {
	of := slices.DeleteFunc(slices.Clone(probes), func(p record.Probe) bool { return p.Verdict != verdict })
	if len(of) == 0 {
		return nil
	}
	byLoad := func(a, b record.Probe) int { return cmp.Compare(a.Load, b.Load) }
	at := slices.MinFunc(of, byLoad).Load
	if verdict == record.Pass {
		at = slices.MaxFunc(of, byLoad).Load
	}
	return slices.DeleteFunc(of, func(p record.Probe) bool { return p.Load != at })
}

// cell returns what the probes with a verdict measured as one cell, under the
// greatest of their loads; empty stands for every verdict.
func (e edge) cell(run *record.Run, mode, verdict string) record.Cell {
	together := record.Cell{Mode: mode}
	for _, p := range e {
		c, sample := run.Probed(p)
		if sample == nil || verdict != "" && p.Verdict != verdict {
			continue
		}
		together.SizeBytes, together.Load = c.SizeBytes, c.Load
		together.RatePerS, together.Clients = max(together.RatePerS, c.RatePerS), max(together.Clients, c.Clients)
		together.Samples = append(together.Samples, *sample)
	}
	return together
}

// sharedSearch is shared of a search.
func sharedSearch(run *record.Run) Evidence {
	e := shared(run)
	e.Text = fmt.Sprintf("both ends share this machine's %s, so loads are what both reach together, and the ratio of the modes carries over better than they do; "+
		"keep the ends apart with --target-cpus and --generator-cpus, or run the target on another machine", cores(run.Environment.Cores))
	if s := run.Settings; s.GeneratorCPUs.Apart(s.TargetCPUs) {
		e.Text = fmt.Sprintf("both ends ran on this machine, the target on %s and the generator on %s: its memory, its caches and its kernel they shared all the same; "+
			"run the target on another machine to learn what it carries alone", s.TargetCPUs.Words(), s.GeneratorCPUs.Words())
	}
	return e
}
