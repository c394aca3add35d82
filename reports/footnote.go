package reports

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/stats"
	"github.com/wsimg/wsimg/loadgen/verdict"
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
	if r.Kind() == Search {
		notes = append(notes, searchFailureNotes(r)...)
		notes = append(notes, run.Notes...)
		notes = append(notes, searchNotes(r, run)...)
	} else {
		notes = append(notes, failureNotes(r.Cells)...)
		notes = append(notes, run.Notes...)
		notes = append(notes, estimateNotes(r, ms)...)
	}
	notes = append(notes, readingNotes(r, ms)...)
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
			notes = append(notes, c.failureNote(c.label(), kind))
		}
	}
	if untold > 0 {
		notes = append(notes, fmt.Sprintf("%s of failure more; --format json tells all.", count(uint64(untold), "kind")))
	}
	return notes
}

// failureNote tells the failures of a kind, and the first of them.
func (c Cell) failureNote(label, kind string) string {
	note := fmt.Sprintf("%s: %s × %s", label, FormatCount(c.Errors[kind]), titled(kind, nameOf(kind)))
	switch n := c.WarmupErrors[kind]; {
	case n > 0 && n == c.Errors[kind]:
		note += " in the warm-up"
	case n > 0:
		note += fmt.Sprintf(", %s of them in the warm-up", FormatCount(n))
	}
	example, ok := c.Examples[kind]
	if !ok {
		return note + meaning(kind) + "."
	}
	when := fmt.Sprintf("round %d", example.Round)
	if example.Round < 0 {
		when = "warm-up"
	}
	if example.AtSeconds > 0 {
		when += fmt.Sprintf(" at %s", FormatSpan(1e6*example.AtSeconds))
	}
	if example.Local != "" || example.Remote != "" {
		when += fmt.Sprintf(", from %s to %s", cmp.Or(example.Local, "no address"), cmp.Or(example.Remote, "no address"))
	}
	told := example.Detail
	if example.Remedy != "" {
		told += "; " + example.Remedy
	}
	return fmt.Sprintf("%s%s; the first, client %d, %s: %s.", note, meaning(kind), example.Client, when, told)
}

// meaning explains a kind of failure whose name does not.
func meaning(kind string) string {
	if kind == unsent {
		return " (due, but their connections were never free; they are in response time with the time they waited)"
	}
	return ""
}

// label names a cell in prose: "text at 100 KB, closed".
func (c Cell) label() string {
	return fmt.Sprintf("%s at %s, %s", c.Mode, FormatSize(c.SizeBytes), c.Load)
}

func (o Overhead) label() string {
	return fmt.Sprintf("%s at %s, %s", o.Mode, FormatSize(o.SizeBytes), o.Name())
}

// estimateNotes tells where an estimate is not the whole story.
func estimateNotes(r *Report, ms []*measurement) []string {
	var notes []string
	few := map[string]int{} // rounds without an interval, by load
	for _, o := range r.Overhead {
		if o.Ratio == nil {
			continue
		}
		if o.Low == nil && o.Metric != WireBytes {
			few[o.Load] = max(few[o.Load], o.Rounds)
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
	notes = append(notes, fewNotes(few)...)
	if slices.ContainsFunc(r.Overhead, func(o Overhead) bool { return o.LowerBound }) {
		notes = append(notes, "A percentile that is a lower bound has no ratio: ask for a lower --rate.")
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
		notes = append(notes, was(n, "round")+" disturbed and set aside; estimates are of the others.")
	}
	return append(notes, disturbedNotes(ms)...)
}

// disturbedNotes tells how many of the rounds that count were disturbed too,
// and by how much.
func disturbedNotes(ms []*measurement) []string {
	var (
		worst record.Disturbance
		all   = map[int]bool{} // rounds: whether disturbed
	)
	for _, m := range ms {
		for b := range m.estimates {
			d := b.Disturbance
			all[b.Round] = all[b.Round] || verdict.Disturbed(d)
			if !verdict.Disturbed(d) {
				continue
			}
			worst.Foreign = max(worst.Foreign, d.Foreign)
			worst.Steal = max(worst.Steal, d.Steal)
			worst.Throttled = max(worst.Throttled, d.Throttled)
		}
	}
	n := 0
	for _, disturbed := range all {
		if disturbed {
			n++
		}
	}
	if n == 0 {
		return nil
	}
	var took []string
	for _, by := range []struct {
		what  string
		share float64
	}{{"other programs", worst.Foreign}, {"the hypervisor", worst.Steal}, {"a CPU quota", worst.Throttled}} {
		if by.share > verdict.DisturbanceLimit {
			took = append(took, fmt.Sprintf("%s took up to %s of the machine", by.what, percent(by.share)))
		}
	}
	verb := "were"
	if n == 1 {
		verb = "was"
	}
	return []string{fmt.Sprintf("%d of %s that count %s disturbed: %s.", n, count(uint64(len(all)), "round"), verb, enumerate(took, "and"))}
}

// fewNotes says which loads have too few rounds for intervals; few holds how
// many they have.
func fewNotes(few map[string]int) []string {
	if len(few) == 0 {
		return nil
	}
	having := map[int][]string{} // loads, by rounds
	for _, load := range loads {
		if n, ok := few[load]; ok {
			having[n] = append(having[n], load)
		}
	}
	var with []string
	for _, n := range slices.Backward(slices.Sorted(maps.Keys(having))) {
		with = append(with, fmt.Sprintf("%s (%s load)", count(uint64(n), "round"), enumerate(having[n], "and")))
	}
	return []string{fmt.Sprintf("With %s there is no interval, it needs %d: ask for more --rounds.", enumerate(with, "and"), intervalRounds)}
}

func was(n uint64, noun string) string {
	if n == 1 {
		return "1 " + noun + " was"
	}
	return fmt.Sprintf("%s %ss were", FormatCount(n), noun)
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
	if o.Rounds-o.DisturbedRounds < intervalRounds {
		return false // what is left of the calm rounds says nothing either
	}
	i := stats.Interval{Low: *o.Low, High: *o.High}
	return !i.Contains(*o.WithDisturbed) || !i.Contains(*o.WithoutDisturbed)
}
