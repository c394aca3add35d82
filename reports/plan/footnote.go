package plan

import (
	"fmt"
	"slices"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/reports"
)

// footnotes returns what a reader needs not to be misled.
func footnotes(p *Plan, runs []*reports.Report) []string {
	var notes []string
	note := func(when bool, format string, args ...any) {
		if when {
			notes = append(notes, fmt.Sprintf(format, args...))
		}
	}
	planned := slices.DeleteFunc(slices.Clone(p.Fleets), func(f Fleet) bool { return f.Fault != "" })
	some := func(of func(Fleet) bool) bool { return slices.ContainsFunc(planned, of) }
	ranged := func(f Fleet) bool { return f.Capacity.Low != nil && f.Capacity.Bound == "" }
	bracketed := func(f Fleet) bool { return f.Capacity.Bound == Perhaps }
	bounded := func(f Fleet) bool { return f.Capacity.Bound == AtLeast }

	note(some(ranged), "Brackets hold 95 %% intervals: those of the capacities, carried through. What a mode saves in servers has that of the "+
		"paired ratio of capacities, at the baseline's capacity as it was found: narrower than two intervals apart.")
	note(some(bracketed), "* Perhaps: from the highest load that passed. Brackets with it are no 95 %% interval: they go from that load to the lowest that failed.")
	note(!some(bracketed) && some(func(f Fleet) bool { return f.MemoryPerServer.Bound == Perhaps && f.MemoryPerServer.Value != nil }),
		"* Perhaps: from a capacity that is a lower bound, so it may be more or less.")
	for _, f := range planned {
		note(bracketed(f), "The capacity of %s has no interval, for the search confirmed it too few times: give wsimg capacity a larger --time-budget.", f.Mode)
		exact := "at most these"
		if f.Servers.Bound == "" {
			exact = "as many whatever it is"
		}
		note(bounded(f), "%s passed the highest load that was tried: its capacity is at least that, and its servers are %s. Search higher with wsimg capacity.", f.Mode, exact)
		note(f.Bound == ByConnections, "The connections that a server may hold decide how many servers of %s there are, not what they can work on.", f.Mode)
		note(f.Bound == ByOut || f.Bound == ByIn, "The %s of %s decides how many servers there are, not what they can work on.", map[string]string{
			ByOut: "network card, sending,", ByIn: "network card, receiving,",
		}[f.Bound], f.Mode)
	}
	note(p.Find == record.FindClients, "Clients were searched for: capacity is the images/s that those at the answer sent, and connections bound only what --connections-per-server says.")
	note(some(func(f Fleet) bool { return f.CPUPerImage.Value == nil }),
		"Target CPU is not known: the server has no side channel that tells it. wsimg target has one.")
	note(some(func(f Fleet) bool { return f.BytesPerConnection.Value == nil || f.Memory.Value == nil }),
		"Memory is not known, or not all of it: the runs do not hold what connections and images take the server. wsimg target tells it.")
	note(slices.ContainsFunc(p.Fleets, func(f Fleet) bool { return f.OutPerImage.Value == nil }),
		"How long compressed messages are takes a measurement at this size, which there is none of.")
	note(len(runs) > 0, "Network is IP packets; Mbit are 10^6 bits, GB 10^9 bytes. Network, disk and egress are arithmetic and have no interval.")
	return notes
}
