package render

import (
	"fmt"
	"slices"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/reports"
)

// searched names what was searched for: "highest rate that meets p99 < 150 ms ·
// 46 probes".
func searched(r *reports.Report) string {
	c := r.Capacity
	n := reports.FormatCount(uint64(len(c.Probes))) + " probes"
	if len(c.Probes) == 1 {
		n = "1 probe"
	}
	parts := []string{"highest " + sought(c) + " that meets " + c.InWords(), n}
	if confirmed := len(slices.DeleteFunc(slices.Clone(c.Probes), func(p reports.Probe) bool { return p.Phase != record.Confirm })); confirmed > 0 {
		parts = append(parts, fmt.Sprintf("%s of them to confirm", reports.FormatCount(uint64(confirmed))))
	}
	return join(parts)
}

// searchedLoad names the load of a search, whose clients are these where they
// were not what was searched for.
func searchedLoad(r *reports.Report, clients string) []string {
	c, open := r.Capacity, slices.ContainsFunc(r.Cells, func(c reports.Cell) bool { return c.Load == record.Open })
	var parts []string
	switch {
	case c.Find == record.FindClients:
		parts = append(parts, "up to "+clients)
	default:
		parts = append(parts, clients)
	}
	if c.PerClientPerS > 0 {
		parts = append(parts, reports.FormatPace(c.PerClientPerS)+" each")
	}
	if open {
		return append(parts, r.Settings.Arrivals+" arrivals")
	}
	return parts // how long they think is told of any load
}

// sender names how frames were made; loudly of a search that was made with
// prepared ones, for no client has them.
func sender(r *reports.Report) string {
	if r.Kind() == reports.Search && r.Settings.Sender == "prepared" {
		return "sender PREPARED: frames masked once, before the run"
	}
	return "sender " + r.Settings.Sender
}
