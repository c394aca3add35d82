package reports

import (
	"fmt"
	"maps"
	"slices"

	"github.com/wsimg/wsimg/loadgen/objective"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/verdict"
)

// searchFailureNotes tells the loads that could not be measured, and the first
// failures of each kind over all probes: most are of loads that were meant to
// be too much.
func searchFailureNotes(r *Report) []string {
	var notes []string
	sum := Cell{Errors: map[string]uint64{}, WarmupErrors: map[string]uint64{}, Examples: map[string]record.Example{}}
	for _, c := range r.Cells {
		if c.Failed != "" {
			notes = append(notes, fmt.Sprintf("%s could not be measured: %s.", c.label(), c.Failed))
			continue
		}
		for kind, n := range c.Errors {
			sum.Errors[kind] += n
		}
		for kind, n := range c.WarmupErrors {
			sum.WarmupErrors[kind] += n
		}
		for kind, e := range c.Examples {
			if first, ok := sum.Examples[kind]; !ok || e.Round < first.Round {
				sum.Examples[kind] = e
			}
		}
	}
	kinds := slices.Sorted(maps.Keys(sum.Errors))
	for _, kind := range kinds[:min(len(kinds), maxExamples)] {
		notes = append(notes, sum.failureNote("All probes, too high loads included", kind))
	}
	if untold := len(kinds) - maxExamples; untold > 0 {
		notes = append(notes, fmt.Sprintf("%s of failure more; --format json tells all.", count(uint64(untold), "kind")))
	}
	return notes
}

// searchNotes tells how the answer was made, and what bears on it.
func searchNotes(r *Report, run *record.Run) []string {
	c := r.Capacity
	if len(c.Probes) == 0 {
		return nil
	}
	notes := []string{judgedNote(run)}
	confirmed := func(p Probe) bool { return p.Phase == record.Confirm }
	if slices.ContainsFunc(c.Probes, confirmed) {
		notes = append(notes, "The answer is made of the confirmations: longer probes about the edge, a load up after one that passed and down after one that failed. "+
			"Its interval is theirs, and that of a ratio is of confirmations side by side. Figures at about that load are of the confirmations that passed, and of a mode that has none of its highest load that passed.")
	} else if slices.ContainsFunc(c.Answers, func(a CapacityAnswer) bool { return a.Samples > 0 }) {
		notes = append(notes, "Nothing was confirmed: figures at about that load are of the highest that passed.")
	}
	if slices.ContainsFunc(c.Probes, func(p Probe) bool { return p.Decided == objective.Backlogged }) {
		notes = append(notes, "Backlog: of the load more and more was left undone, so it fails whatever its response times; stopped: ended early for that.")
	}
	notes = append(notes, disturbedProbes(c.Probes)...)
	if c.BytesPerConnection != nil {
		notes = append(notes, fmt.Sprintf("The target took %s without connections and %s for each of %s that were idle; the kernel's memory for their sockets is not in it.",
			FormatNumber(*c.BaseBytes/1e6)+" MB", FormatNumber(*c.BytesPerConnection/1e3)+" KB", FormatCount(uint64(c.MemoryConnections))))
	}
	return append(notes, "The loads are this machine's, this network's and this store's; the ratio of the modes is what carries over to others.")
}

// judgedNote tells how probes were judged: across how many parts of each.
func judgedNote(run *record.Run) string {
	least, most := 0, 0
	for _, p := range run.Capacity.Probes {
		if _, s := run.Probed(p); s != nil && !p.Stopped && len(s.Series) > 0 {
			if n := len(s.Series); least == 0 || n < least {
				least = n
			}
			most = max(most, len(s.Series))
		}
	}
	across := ""
	switch {
	case most == 0:
	case least == most:
		across = fmt.Sprintf(" across %d parts of it", most)
	default:
		across = fmt.Sprintf(" across %d to %d parts of it", least, most)
	}
	return "A probe is judged" + across + ", for responses near capacity resemble those just before: its percentile is not all there is to the verdict."
}

// disturbedProbes tells how many probes something else on the machine disturbed.
func disturbedProbes(ps []Probe) []string {
	all, confirming := 0, 0
	for _, p := range ps {
		if p.Disturbed {
			all++
			if p.Phase == record.Confirm {
				confirming++
			}
		}
	}
	if all == 0 {
		return nil
	}
	verb := "were"
	if all == 1 {
		verb = "was"
	}
	which := "none of them to confirm"
	if confirming > 0 {
		which = fmt.Sprintf("%d to confirm", confirming)
	}
	return []string{fmt.Sprintf("%d of %s %s disturbed, %s: something else took more than %s of the machine.",
		all, count(uint64(len(ps)), "probe"), verb, which, percent(verdict.DisturbanceLimit))}
}
