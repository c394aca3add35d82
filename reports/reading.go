package reports

import (
	"fmt"
	"slices"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/stats"
)

// readingNotes tells how the figures are to be read.
func readingNotes(r *Report, ms []*measurement) []string {
	var notes []string
	add := func(applies bool, note string) {
		if applies {
			notes = append(notes, note)
		}
	}
	costs := slices.ContainsFunc(r.Cells, func(c Cell) bool { return c.Load != record.Single && c.Images > 0 })
	open := slices.ContainsFunc(r.Cells, func(c Cell) bool { return isOpen(c) && c.Images > 0 })
	closed := slices.ContainsFunc(r.Cells, func(c Cell) bool { return isClosed(c) && c.Images > 0 })
	intervals := slices.ContainsFunc(r.Overhead, func(o Overhead) bool { return o.Low != nil })
	targetCPU := slices.ContainsFunc(r.Cells, func(c Cell) bool { return c.TargetCPUUsPerImage != nil })
	measured := slices.ContainsFunc(r.Cells, func(c Cell) bool { return c.Images > 0 })

	notes = append(notes, storeNotes(r)...)
	add(intervals, "Primaries, declared beforehand: target CPU per image and images/s. "+
		"The other intervals are not corrected for their number.")
	add(measured && !targetCPU, untoldNote(r, ms))
	add(costs && r.Audit != nil, "The target hashed every image for the audit: that is in its CPU.")
	add(costs && r.Environment.Shared, "Loopback charges receiving to the sender: "+
		"the split of CPU between the ends is not that across a network card.")
	add(costs, "The generator's CPU is this generator's: another client costs more or less.")
	add(closed && r.Settings.ThinkSeconds == 0 && r.Kind() != Search, saturationNote(r, open))
	add(closed && len(r.Steps) > 0, "Rates and latency are those of the window, which opens with the last client's first reply; "+
		"over time, every image is shown.")
	notes = append(notes, costNotes(r)...)
	notes = append(notes, r.Idle.notes()...)
	notes = append(notes, stretchNotes(r)...)
	notes = append(notes, censoredNotes(r)...)
	add(open && r.Kind() != Search, "Wait is from due to a free connection: the load's or the server's doing. "+
		"Lateness is from then to the write call, and what had to wait behind a late image: the generator's.")
	add(r.Settings.Reply == record.Ack, "The server acknowledges and does not echo: "+
		"replies are matched in order and by their byte count alone.")
	add(r.Settings.Sender == "prepared", "Sender prepared: frames were masked beforehand, so the generator costs less than "+
		"a client that masks each anew, as RFC 6455 §5.3 asks.")
	notes = append(notes, distinctNotes(r)...)
	add(r.lacksOne(),
		fmt.Sprintf("–: too few samples; p90 needs %d, p99 %d, p99.9 %d.",
			stats.SamplesNeeded(0.90), stats.SamplesNeeded(0.99), stats.SamplesNeeded(0.999)))
	var clamped uint64
	for _, c := range r.Cells {
		clamped += c.Clamped
	}
	add(clamped > 0, fmt.Sprintf("%s outside %v to %v entered the percentiles at the nearer end.",
		count(clamped, "time"), record.Lowest, record.Highest))
	return notes
}

// untoldNote says why the target's CPU is unknown.
func untoldNote(r *Report, ms []*measurement) string {
	switch {
	case r.Environment.Target == nil:
		return "The target has no side channel (GET /stats): its CPU and its stages are unknown."
	case slices.ContainsFunc(r.Cells, func(c Cell) bool { return len(c.TargetStagesUsPerImage) > 0 }):
		return "The target does not tell its CPU, as its system does not."
	case slices.ContainsFunc(ms, (*measurement).restarted):
		return "The target was started anew in mid-run: its CPU and its stages can't be told for the whole of it."
	}
	return "The target's CPU and its stages are unknown: it did not tell of them at both ends of every load."
}

// restarted reports whether the target told its CPU again in a load of which it
// can't be told as a whole: one process had it before, and another after.
func (m *measurement) restarted() bool {
	for b := range m.estimates {
		untold := slices.IndexFunc(b.Series, func(p record.Point) bool { return p.TargetCPUNs == nil })
		if b.TargetCPUNs == nil && untold >= 0 && slices.ContainsFunc(b.Series[untold:], func(p record.Point) bool { return p.TargetCPUNs != nil }) {
			return true
		}
	}
	return false
}

// stretchNotes tells how gaps and the stretches of a load are to be read, where
// they are shown.
func stretchNotes(r *Report) []string {
	var notes []string
	if slices.ContainsFunc(r.Cells, func(c Cell) bool { return len(c.Gaps) > 0 }) {
		notes = append(notes, "A gap is told to about a second at either end, a step of the series. Images that were due in it kept their instants: "+
			"what they waited is in response time.")
	}
	if slices.ContainsFunc(r.Cells, Cell.Ramped) {
		notes = append(notes, "Rates, latency and costs are of the steady state, but CPU and wire bytes of the whole load, ramp and drain included. "+
			"The drain's images were due in the steady state and are in its latency too.")
	}
	if r.Audit == nil && slices.ContainsFunc(r.Cells, func(c Cell) bool { return c.Connections != nil && c.Connections.LostImages > 0 }) {
		notes = append(notes, "Of images lost in flight it is not known whether they were saved: --audit tells how many were.")
	}
	return notes
}

// saturationNote says where to look for latency instead.
func saturationNote(r *Report, open bool) string {
	note := "Response time at saturation is clients ÷ throughput in other words; "
	switch {
	case r.Kind() == OneLoad:
		return note + "ask for a --rate to learn what images wait under a load."
	case open:
		return note + "compare modes by unloaded latency and at equal load."
	}
	return note + "compare modes by unloaded latency."
}

// censoredNotes explains the lower bounds.
func censoredNotes(r *Report) []string {
	var censored uint64
	for _, c := range r.Cells {
		censored += c.Censored
	}
	if censored == 0 {
		return nil
	}
	note := fmt.Sprintf("≥: a lower bound; %s given up without an answer and entered response time with the time waited until then.",
		was(censored, "image"))
	if len(r.Steps) > 0 {
		note += " Over time, only what was answered is shown."
	}
	return []string{note}
}

// lacksOne reports whether a percentile that is shown is missing.
func (r *Report) lacksOne() bool {
	if r.Kind() == Search {
		return slices.ContainsFunc(r.Capacity.Probes, func(p Probe) bool { return p.Response.Max != nil && p.Response.P99 == nil })
	}
	return slices.ContainsFunc(r.Cells, Cell.lacksOne) || slices.ContainsFunc(r.Steps, Point.lacksOne)
}

// lacksOne reports whether there are samples but some percentile is missing.
func (c Cell) lacksOne() bool { return c.Response.lacksOne() }

func (p Point) lacksOne() bool {
	return p.Response.Max != nil && (p.Response.P50 == nil || p.Response.P99 == nil) || p.Lateness.Max != nil && p.Lateness.P99 == nil
}

// storeNotes says where saving takes most of the target's time: then the disk
// was measured more than the encoding.
func storeNotes(r *Report) []string {
	var worst float64
	var where Cell
	for _, c := range r.Cells {
		var sum float64
		for _, us := range c.TargetStagesUsPerImage {
			sum += us
		}
		if share := c.TargetStagesUsPerImage["save"] / max(sum, 1e-9); c.Load != record.Single && share > worst {
			worst, where = share, c
		}
	}
	if worst <= 0.5 {
		return nil
	}
	return []string{fmt.Sprintf("The store is the bottleneck: saving takes up to %s of the target's time (%s at %s); "+
		"--store discard leaves it out.", percent(worst), where.Mode, FormatSize(where.SizeBytes))}
}

// distinctNotes tells which synthetic sizes repeat fewer images than asked.
func distinctNotes(r *Report) []string {
	var notes []string
	for _, c := range r.Cells {
		if c.Source == "synthetic" && c.Distinct > 0 && c.Distinct < r.Settings.Distinct {
			notes = append(notes, fmt.Sprintf("%s: %s in turn and not %d, to bound memory; caches see them more often.",
				FormatSize(c.SizeBytes), count(uint64(c.Distinct), "distinct image"), r.Settings.Distinct))
		}
	}
	slices.Sort(notes)
	return slices.Compact(notes)
}
