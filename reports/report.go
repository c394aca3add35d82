// Package reports turns a saved run into a report: rates, costs and latency of
// every cell, the overhead of every mode against the baseline, a verdict, a
// conclusion in words, and the footnotes a reader needs not to be misled.
//
// [Analyze] is pure. It reads the record and nothing else, so a report can be
// made again from a saved run at any time, and comes out the same. What the
// sample cannot support is nil, null in JSON, never zero. How to print a
// report is the business of package render.
//
// Definitions, where more than one is possible:
//
//   - Rates and costs are totals over the cell's blocks: credited images over
//     seconds, CPU over the block's images.
//   - Percentiles are those of the blocks' histograms merged.
//   - Overhead in rates and costs is the median of the rounds' ratios; the
//     ratio of totals stands beside it and a footnote tells when they part.
//   - A cost is split from totals too: its parts, timed by themselves or by the
//     target, are taken from it, and what remains is a part like the others.
//   - An image that was given up without an answer enters response time with
//     the time it had waited: from the least such time on, percentiles are
//     lower bounds, and make no ratio.
//   - Gaps in a load, and what idle clients make of active ones, are of the
//     series, second by second: see [Gap] and [Effect].
//   - Capacity is what the confirmations of a search come to: see package
//     search. Its ratio is the baseline's over the mode's, for it tells how many
//     times the baseline carries.
//   - Rounds that were disturbed and set aside enter no estimate. Their
//     failures are counted: nothing is dropped silently.
package reports

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/verdict"
)

// Schema names the version of a report's JSON.
const Schema = "wsimg.report/1"

// Report is all there is to say of one run. It is made by Analyze and only
// read afterwards; reading it concurrently is safe.
type Report struct {
	Schema      string             `json:"schema"`
	Started     time.Time          `json:"started"`
	Seconds     float64            `json:"seconds"`
	Incomplete  string             `json:"incomplete,omitempty"` // why the run ended early
	Verdict     verdict.Verdict    `json:"verdict"`
	Environment record.Environment `json:"environment"`
	Settings    record.Settings    `json:"settings"`
	Cells       []Cell             `json:"cells"`              // by size, source and load, the baseline's mode first
	Overhead    []Overhead         `json:"overhead"`           // in the order of Cells
	Costs       []Cost             `json:"costs"`              // by size and source, CPU before latency; empty where no parts were timed
	Ended       *Ending            `json:"ended,omitempty"`    // what the rounds ended by; nil when they did not by themselves
	Audit       *Audit             `json:"audit,omitempty"`    // nil when nobody asked for one
	Idle        *Idle              `json:"idle,omitempty"`     // nil where all clients send
	Capacity    *Capacity          `json:"capacity,omitempty"` // nil where nobody searched for it
	Conclusion  string             `json:"conclusion"`
	Footnotes   []string           `json:"footnotes"`

	// Series is the load of `wsimg run` over time, as fine as it was recorded.
	Series []Point `json:"series,omitempty"`
	// Steps is Series in at most [MaxSteps] steps, for people to read.
	Steps []Point `json:"-"`
}

// Kind is what a run was made for.
type Kind int

// The kinds of run, by the command that makes them.
const (
	Comparison Kind = iota // bench: modes side by side
	OneLoad                // run: one mode under one load
	Search                 // capacity: modes under many loads, for the highest they carry
)

// Kind returns what the run was made for.
func (r *Report) Kind() Kind {
	switch r.Settings.Command {
	case "run":
		return OneLoad
	case "capacity":
		return Search
	}
	return Comparison
}

// Compares reports whether the run compared modes, as `wsimg bench` does.
func (r *Report) Compares() bool { return r.Kind() == Comparison }

// Analyze returns the report on run, which it leaves as it is. The error is of
// a histogram that does not decode.
func Analyze(run *record.Run) (*Report, error) {
	r := &Report{
		Schema:      Schema,
		Started:     run.Started,
		Seconds:     significant(run.Seconds),
		Incomplete:  run.Incomplete,
		Verdict:     verdict.Judge(run),
		Environment: run.Environment,
		Settings:    run.Settings,
		Cells:       []Cell{},
		Overhead:    []Overhead{},
		Costs:       []Cost{},
		Footnotes:   []string{},
		Audit:       audited(run),
	}
	ms, err := measurements(run)
	if err != nil {
		return nil, err
	}
	for _, m := range ms {
		c, err := m.reported(run.Settings)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.label(), err)
		}
		r.Cells = append(r.Cells, c)
	}
	switch r.Kind() {
	case Comparison:
		r.Overhead = append(r.Overhead, compare(ms, run.Settings, r.Verdict)...)
		r.Costs = append(r.Costs, costs(ms, run.Settings, r.Verdict)...)
		r.Ended = ending(run, r.Overhead)
		r.Conclusion = conclude(r)
	case Search:
		if run.Capacity == nil {
			return nil, errors.New("the run is one of wsimg capacity and holds no search")
		}
		r.Capacity = capacity(run, ms, r.Verdict)
		r.Conclusion = concludeSearch(r)
	case OneLoad:
		if r.Series, r.Steps, err = series(ms); err != nil {
			return nil, err
		}
		if r.Idle, err = idle(run, ms); err != nil {
			return nil, err
		}
		r.Conclusion = concludeRun(r)
	}
	r.Conclusion = r.Audit.conclude(r.Conclusion)
	r.Footnotes = append(r.Footnotes, footnotes(r, run, ms)...)
	return r, nil
}

// loads in the order of a report.
var loads = [...]string{record.Closed, record.Single, record.Open}

// measurements decodes the run's cells and puts them in the order of a report.
func measurements(run *record.Run) ([]*measurement, error) {
	ms := make([]*measurement, 0, len(run.Cells))
	for i := range run.Cells {
		m, err := measure(&run.Cells[i])
		if err != nil {
			return nil, err
		}
		ms = append(ms, m)
	}
	rank := func(m *measurement) int {
		if m.Mode == run.Settings.Baseline {
			return -1
		}
		return slices.Index(run.Settings.Modes, m.Mode)
	}
	slices.SortStableFunc(ms, func(a, b *measurement) int {
		return cmp.Or(
			cmp.Compare(a.SizeBytes, b.SizeBytes),
			cmp.Compare(a.Source, b.Source),
			cmp.Compare(slices.Index(loads[:], a.Load), slices.Index(loads[:], b.Load)),
			cmp.Compare(a.RatePerS, b.RatePerS), // runs that were merged have several, and searches
			cmp.Compare(a.Clients, b.Clients),
			cmp.Compare(rank(a), rank(b)),
		)
	})
	return ms, nil
}
