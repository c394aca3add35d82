package render

import (
	"fmt"
	"strings"

	"github.com/wsimg/wsimg/reports"
)

// idleTables are what the clients cost that do not send.
func idleTables(i *reports.Idle) []Table {
	if i == nil {
		return nil
	}
	return []Table{idleMemory(i), idleEffects(i)}
}

// idleMemory is the table of what an idle client takes.
func idleMemory(i *reports.Idle) Table {
	type row struct {
		end               string
		before, with, per *float64
	}
	var rows []row
	for _, r := range []row{
		{end: "generator", before: bytes(i.Before.Generator), with: bytes(i.With.Generator), per: i.GeneratorBytes},
		{end: "target", before: bytes(i.Before.Target), with: bytes(i.With.Target), per: i.TargetBytes},
	} {
		if r.before != nil || r.with != nil {
			rows = append(rows, r)
		}
	}
	b := newBuilder(rows)
	b.named("end", func(r row) string { return r.end })
	b.together(volume,
		part[row]{name: "active\nalone", of: func(r row) *float64 { return r.before }},
		part[row]{name: "with the\nidle", of: func(r row) *float64 { return r.with }},
	)
	if i.GeneratorBytes != nil || i.TargetBytes != nil {
		b.scaled("an idle\nclient", volume, func(r row) *float64 { return r.per })
	}
	b.Title = "Resident memory with " + reports.FormatCount(uint64(i.Clients)) + " idle clients beside " +
		reports.FormatCount(uint64(i.Active)) + " active ones"
	return b.Table
}

func bytes(n *uint64) *float64 {
	if n == nil {
		return nil
	}
	return whole(*n)
}

// idleEffects is the table of what idle clients make of the active ones, one
// figure a row.
func idleEffects(i *reports.Idle) Table {
	t := Table{
		Title: "What the idle clients make of the active ones: CPU is per image",
		Columns: []Column{
			{Header: "metric"},
			{Header: "unit"},
			{Header: "alone\nbefore", Align: Right},
			{Header: "with the\nidle", Align: Right},
			{Header: "alone\nafter", Align: Right},
			{Header: "difference", Unit: "%", Align: Right},
			{Header: "95 % interval", Unit: "%", Align: Right},
			{Header: "detectable", Unit: "%", Align: Right},
			{Header: "drift", Unit: "%", Align: Right},
		},
	}
	levels := false
	for _, e := range i.Effects {
		of := duration
		if e.Metric == reports.ImagesRate {
			of = rates
		}
		s := of.scaleOf([]*float64{e.Before, e.With, e.After})
		o := reports.Overhead{Ratio: e.Ratio, Low: e.Low, High: e.High, Significant: e.Significant, Detectable: e.Detectable}
		drift := missing
		if e.Drift != nil {
			drift = signed(*e.Drift)
		}
		t.Rows = append(t.Rows, []string{
			e.Name(), s.unit, s.format(e.Before), s.format(e.With), s.format(e.After),
			difference(o), interval(o), detectable(o), drift,
		})
		levels = levels || difference(o) == level
	}
	if len(i.Effects) == 0 {
		return t
	}
	if levels {
		t.Notes = append(t.Notes, "~ no difference found: the interval contains 0, or the drift is as large.")
	}
	first := i.Effects[0]
	note := fmt.Sprintf("Over %s steps of the load with the idle clients and %s without them.",
		reports.FormatCount(uint64(first.Seconds)), reports.FormatCount(uint64(first.SecondsOf)))
	if first.After != nil {
		note = strings.TrimSuffix(note, ".") + ", before and after together. Drift: alone after, against alone before."
	}
	t.Notes = append(t.Notes, note)
	return t
}
