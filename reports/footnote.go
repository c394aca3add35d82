package reports

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/stats"
)

// maxExamples is how many failures a report tells in full; the record has all.
const maxExamples = 5

// footnotes returns what the reader must know of this run, most important
// first: what went wrong, what is odd in the estimates, how to read the rest.
// Each applies to this run, or it is not there.
func footnotes(r *Report, run *record.Run, ms []*measurement) []string {
	var notes []string
	if r.Incomplete != "" {
		notes = append(notes, "Incomplete: "+r.Incomplete+". What was measured until then is reported.")
	}
	notes = append(notes, failureNotes(r.Cells)...)
	notes = append(notes, run.Notes...)
	notes = append(notes, estimateNotes(r, ms)...)
	notes = append(notes, readingNotes(r)...)
	return slices.Compact(notes)
}

// failureNotes tells the cells that could not be measured and the first
// failures of each kind.
func failureNotes(cells []Cell) []string {
	var notes []string
	told, untold := 0, 0
	for _, c := range cells {
		if c.Failed != "" {
			notes = append(notes, fmt.Sprintf("%s could not be measured: %s.", c.label(), c.Failed))
			continue // with its first failures
		}
		for _, kind := range slices.Sorted(maps.Keys(c.Errors)) {
			if told == maxExamples {
				untold++
				continue
			}
			told++
			notes = append(notes, c.failureNote(kind))
		}
	}
	if untold > 0 {
		notes = append(notes, fmt.Sprintf("%s of failure more; --format json tells all.", count(uint64(untold), "kind")))
	}
	return notes
}

func (c Cell) failureNote(kind string) string {
	note := fmt.Sprintf("%s: %d × %s", c.label(), c.Errors[kind], kind)
	switch n := c.WarmupErrors[kind]; {
	case n > 0 && n == c.Errors[kind]:
		note += " in the warm-up"
	case n > 0:
		note += fmt.Sprintf(", %d of them in the warm-up", n)
	}
	example, ok := c.Examples[kind]
	if !ok {
		return note + "."
	}
	when := fmt.Sprintf("round %d", example.Round)
	if example.Round < 0 {
		when = "warm-up"
	}
	return fmt.Sprintf("%s; the first, client %d, %s: %s.", note, example.Client, when, example.Detail)
}

// label names a cell in prose: "text at 100 KB, closed".
func (c Cell) label() string {
	return fmt.Sprintf("%s at %s, %s", c.Mode, FormatSize(c.SizeBytes), c.Load)
}

func (o Overhead) label() string {
	return fmt.Sprintf("%s at %s, %s", o.Mode, FormatSize(o.SizeBytes), metricNames[o.Metric])
}

// estimateNotes tells where an estimate is not the whole story.
func estimateNotes(r *Report, ms []*measurement) []string {
	var notes []string
	few := 0
	for _, o := range r.Overhead {
		if o.Ratio == nil {
			continue
		}
		if o.Low == nil && o.Metric != WireBytes {
			few = max(few, o.Rounds)
		}
		if o.partsFromTotals() {
			notes = append(notes, fmt.Sprintf("%s: totals say %s, the median of rounds %s: rare stalls hide from medians; "+
				"costs and capacity go by totals.", o.label(), FormatDifference(*o.TotalsRatio), FormatDifference(*o.Ratio)))
		}
		if o.dependsOnDisturbed() {
			notes = append(notes, fmt.Sprintf("%s: %s with the %s, %s without.", o.label(), FormatDifference(*o.WithDisturbed),
				count(uint64(o.DisturbedRounds), "disturbed round"), FormatDifference(*o.WithoutDisturbed)))
		}
	}
	if few > 0 {
		notes = append(notes, fmt.Sprintf("With %s there is no interval, it needs 6: ask for more --rounds.", count(uint64(few), "round")))
	}
	notes = append(notes, mixNotes(r.Settings.Baseline, ms)...)
	repeated := map[int]bool{}
	for _, m := range ms {
		unopened := 0
		for _, b := range m.blocks {
			if b.Repeated {
				repeated[b.Round] = true
			} else if b.Seconds <= 0 {
				unopened++
			}
		}
		if unopened > 0 {
			notes = append(notes, fmt.Sprintf("%s at %s, %s: %s of %d ended before every client had a reply, and enter no rate.",
				m.Mode, FormatSize(m.SizeBytes), m.Load, count(uint64(unopened), "block"), len(m.blocks)))
		}
	}
	if n := uint64(len(repeated)); n > 0 {
		notes = append(notes, fmt.Sprintf("%s disturbed and measured again; the first measurement enters no estimate.", was(n, "round")))
	}
	return notes
}

func was(n uint64, noun string) string {
	if n == 1 {
		return "1 " + noun + " was"
	}
	return fmt.Sprintf("%d %ss were", n, noun)
}

// mixNotes tells where two modes got to different images of a folder, so that
// what is counted per image is not quite of the same images.
func mixNotes(baseline string, ms []*measurement) []string {
	var notes []string
	for _, m := range ms {
		for _, b := range ms {
			if b.Mode != baseline || m.Mode == baseline || b.Source != m.Source || b.SizeBytes != m.SizeBytes || b.Load != m.Load {
				continue
			}
			mine, theirs := quotient(m.total(rawBytes)), quotient(b.total(rawBytes))
			if mine == nil || theirs == nil || math.Abs(*mine / *theirs - 1) < 0.005 {
				continue
			}
			notes = append(notes, fmt.Sprintf("%s, %s: the images that %s sent had %s on average, those of %s %s: "+
				"longer blocks (--duration) make the mixes alike.", m.Source, m.Load, m.Mode, FormatSize(int64(*mine)), b.Mode, FormatSize(int64(*theirs))))
		}
	}
	return notes
}

// fewCalm is how many undisturbed rounds it takes to speak of them apart: as
// many as an interval does.
const fewCalm = 6

// partsFromTotals reports whether totals and median disagree: each lies
// outside the other's interval.
func (o Overhead) partsFromTotals() bool {
	if o.Low == nil || o.TotalsLow == nil {
		return false
	}
	median := stats.Interval{Low: *o.Low, High: *o.High}
	totals := stats.Interval{Low: *o.TotalsLow, High: *o.TotalsHigh}
	return !median.Contains(*o.TotalsRatio) && !totals.Contains(*o.Ratio)
}

// dependsOnDisturbed reports whether the disturbed rounds change what the
// interval says.
func (o Overhead) dependsOnDisturbed() bool {
	if o.Low == nil || o.WithDisturbed == nil || o.WithoutDisturbed == nil {
		return false
	}
	if o.Rounds-o.DisturbedRounds < fewCalm {
		return false // what is left of the calm rounds says nothing either
	}
	i := stats.Interval{Low: *o.Low, High: *o.High}
	return !i.Contains(*o.WithDisturbed) || !i.Contains(*o.WithoutDisturbed)
}

// readingNotes tells how the figures are to be read.
func readingNotes(r *Report) []string {
	var notes []string
	add := func(applies bool, note string) {
		if applies {
			notes = append(notes, note)
		}
	}
	closed := slices.ContainsFunc(r.Cells, func(c Cell) bool { return isClosed(c) && c.Images > 0 })
	intervals := slices.ContainsFunc(r.Overhead, func(o Overhead) bool { return o.Low != nil })
	sideChannel := slices.ContainsFunc(r.Cells, func(c Cell) bool { return c.TargetCPUUsPerImage != nil })
	measured := slices.ContainsFunc(r.Cells, func(c Cell) bool { return c.Images > 0 })

	notes = append(notes, storeNotes(r)...)
	add(intervals, "Primaries, declared beforehand: target CPU per image and images/s. "+
		"The other intervals are not corrected for their number.")
	add(measured && !sideChannel, "The target has no side channel (GET /stats): its CPU and its stages are unknown.")
	add(closed && r.Environment.Shared, "Loopback charges receiving to the sender: "+
		"the split of CPU between the ends is not that across a network card.")
	add(closed, "The generator's CPU is this generator's: another client costs more or less.")
	add(closed, "Response time at saturation is clients ÷ throughput in other words; compare modes by unloaded latency.")
	add(r.Settings.Sender == "prepared", "Sender prepared: frames were masked beforehand, so the generator costs less than "+
		"a client that masks each anew, as RFC 6455 §5.3 asks.")
	notes = append(notes, distinctNotes(r)...)
	add(slices.ContainsFunc(r.Cells, func(c Cell) bool { return c.Response.lacksOne() }),
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

// lacksOne reports whether there are samples but some percentile is missing.
func (l Latency) lacksOne() bool {
	return l.Max != nil && (l.P50 == nil || l.P90 == nil || l.P99 == nil || l.P999 == nil)
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
		if share := c.TargetStagesUsPerImage["save"] / max(sum, 1e-9); isClosed(c) && share > worst {
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
