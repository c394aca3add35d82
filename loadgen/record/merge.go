package record

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Merge returns the runs as one, as if it had gone on for all their rounds:
// samples are put together, none is averaged, so every estimate from the
// merged run is that of all the rounds there are. Rounds get new numbers;
// those of one run stay paired, and in the order they were measured in. Seconds
// add up, and what failed, was given up or noted in one run is so in the whole.
//
// The runs' order doesn't matter, nor whether they are merged at once or one
// after the other: medians, totals and percentiles come out the same, and
// bootstrapped intervals but for the draw. Only runs of equal settings on one
// machine can be merged, and each run once; else the error is a [*MergeError].
// A cell that not all runs have, such as one of an open load whose rate
// followed from each run's throughput, stays as it is beside the others. Samples
// keep their own connections and stretches; those of connecting add up. What the
// idle clients of a run cost is not merged: a run of one load never is.
//
// The runs themselves are left as they are; the merged one shares their
// samples' maps and series. One run alone comes back as it is.
func Merge(runs ...*Run) (*Run, error) {
	if len(runs) == 0 {
		return nil, errors.New("merge runs: there is none")
	}
	if len(runs) == 1 {
		return runs[0], nil
	}
	if err := mergeable(runs); err != nil {
		return nil, err
	}
	ordered := slices.SortedStableFunc(slices.Values(runs), func(a, b *Run) int { return a.Started.Compare(b.Started) })
	first := ordered[0]
	m := merger{
		run: &Run{
			Schema: Schema, Started: first.Started, Environment: first.Environment, Settings: first.Settings,
			Ended: first.Ended, Calibration: first.Calibration,
		},
		cells: make(map[cellID]*Cell),
	}
	for _, r := range ordered {
		if err := m.add(r); err != nil {
			return nil, fmt.Errorf("merge runs: %w", err)
		}
	}
	return m.finish(), nil
}

// mergeable returns why the runs can't be merged, nil when they can.
func mergeable(runs []*Run) error {
	for i, r := range runs[1:] {
		e := &MergeError{First: 0, Other: i + 1, Differences: differences(runs[0], r)}
		switch {
		case len(e.Differences) > 0:
			return e
		case r.Settings.Command == "capacity":
			e.reason = "are each a search and not rounds to be put together: report each by itself, or give them to wsimg plan where their images differ in size"
			return e
		case r.Settings.Command != "bench":
			e.reason = "are each one load over time and not rounds to be put together: report each by itself"
			return e
		}
	}
	// No two blocks are alike to the nanosecond of CPU and to the last image's
	// share: where two runs hold the same one, it would count twice.
	type measurement struct {
		credit   float64
		cpu      int64
		response Histogram
	}
	seen := make(map[measurement]int)
	for i, r := range runs {
		for _, c := range r.Cells {
			for _, s := range c.Samples {
				key := measurement{s.Credit, s.GeneratorCPUNs, s.Response}
				if before, ok := seen[key]; ok && before != i && s.Images > 0 {
					return &MergeError{First: before, Other: i, reason: "hold the same measurements, which count once: leave one of the two out"}
				}
				seen[key] = i
			}
		}
	}
	return nil
}

// cellID is what makes cells of several runs one.
type cellID struct {
	sizeBytes          int64
	source, mode, load string
	clients            int
	ratePerS           float64
	nth                int // of those that are alike otherwise: a file may be named twice
}

// merger puts runs together, one after the other.
type merger struct {
	run   *Run
	cells map[cellID]*Cell
}

// add appends what r measured.
func (m *merger) add(r *Run) error {
	sum := m.run
	sum.Seconds += r.Seconds
	sum.Merged += max(r.Merged, 1)
	sum.Incomplete = together(sum.Incomplete, r.Incomplete)
	sum.Audit = sum.Audit.plus(r.Audit)
	if sum.Ended != r.Ended {
		sum.Ended = "" // not by one thing
	}
	if sum.Calibration == nil {
		sum.Calibration = r.Calibration
	}
	for _, note := range r.Notes {
		if note != mergedNote(r.Merged) && note != ratesApart && !slices.Contains(sum.Notes, note) {
			sum.Notes = append(sum.Notes, note)
		}
	}
	behind := m.rounds()
	nth := make(map[cellID]int)
	for _, c := range r.Cells {
		id := cellID{sizeBytes: c.SizeBytes, source: c.Source, mode: c.Mode, load: c.Load, clients: c.Clients, ratePerS: c.RatePerS}
		id.nth, nth[id] = nth[id], nth[id]+1
		into := m.cells[id]
		if into == nil {
			into = &Cell{
				SizeBytes: c.SizeBytes, Source: c.Source, Distinct: c.Distinct,
				Mode: c.Mode, Load: c.Load, Clients: c.Clients, RatePerS: c.RatePerS,
			}
			m.cells[id] = into
		}
		if err := into.append(c, behind); err != nil {
			return err
		}
	}
	return nil
}

// append adds what c measured, whose first round becomes the given one.
func (c *Cell) append(o Cell, first int) error {
	for _, s := range o.Samples {
		s.Round += first
		c.Samples = append(c.Samples, s)
	}
	for kind, e := range o.Examples {
		if e.Round >= 0 {
			e.Round += first
		}
		c.Keep(map[string]Example{kind: e}, e.Round)
	}
	AddErrors(&c.WarmupErrors, o.WarmupErrors)
	c.Failed = together(c.Failed, o.Failed)
	var err error
	c.Connecting, err = c.Connecting.merged(o.Connecting)
	return err
}

// rounds returns the first number that no round has yet. It is a multiple of
// the modes, so that a round's number still tells which mode came first in it.
func (m *merger) rounds() int {
	next, modes := 0, len(m.run.Settings.Modes)
	for _, c := range m.cells {
		for _, s := range c.Samples {
			next = max(next, s.Round+1)
		}
	}
	return (next + modes - 1) / modes * modes
}

// ratesApart is noted where the cells of an open load could not be merged.
const ratesApart = "At equal load each run had its own rate, half of what the slower mode reached in it: they stand apart. With --rate they merge."

func mergedNote(runs int) string {
	return fmt.Sprintf("%d runs merged: every figure is of all their rounds together.", runs)
}

// finish returns the merged run, its cells in an order that does not depend on
// that of the runs.
func (m *merger) finish() *Run {
	sum := m.run
	rank := func(c Cell) int { return slices.Index(sum.Settings.Modes, c.Mode) }
	for _, c := range m.cells {
		sum.Cells = append(sum.Cells, *c)
	}
	slices.SortFunc(sum.Cells, func(a, b Cell) int {
		return cmp.Or(
			cmp.Compare(a.SizeBytes, b.SizeBytes), strings.Compare(a.Source, b.Source), strings.Compare(a.Load, b.Load),
			cmp.Compare(a.RatePerS, b.RatePerS), cmp.Compare(rank(a), rank(b)), cmp.Compare(len(a.Samples), len(b.Samples)),
		)
	})
	sum.Notes = append(sum.Notes, mergedNote(sum.Merged))
	rates := make(map[cellID]float64)
	for id := range m.cells {
		rate := id.ratePerS
		id.ratePerS = 0
		if other := rates[id]; other != 0 && rate != 0 && other != rate {
			sum.Notes = append(sum.Notes, ratesApart)
			break
		}
		rates[id] = max(rates[id], rate)
	}
	return sum
}

// together joins two reasons, and says one that both have once.
func together(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	all := strings.Split(a, "; ")
	for reason := range strings.SplitSeq(b, "; ") {
		if !slices.Contains(all, reason) {
			all = append(all, reason)
		}
	}
	return strings.Join(all, "; ")
}
