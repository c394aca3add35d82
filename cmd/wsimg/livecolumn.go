package main

import (
	"fmt"
	"slices"

	"github.com/wsimg/wsimg/loadgen/stats"
	"github.com/wsimg/wsimg/reports"
)

// liveColumn is one figure of a load while it runs. Its unit never changes.
type liveColumn struct {
	name, unit string // of the table
	says       string // in a sentence, around the value
	value      func(*stretch) string
}

// width is that of the column, the space before it included.
func (c liveColumn) width() int { return max(len(c.name), len(c.unit), 6) + 1 }

// liveColumns returns what is shown of an open load or a closed one, with or
// without how many clients are connected.
func liveColumns(open, clients bool) []liveColumn {
	perSecond := func(amount func(*stretch) float64) func(*stretch) string {
		return func(s *stretch) string { return reports.FormatNumber(amount(s) / s.seconds) }
	}
	columns := []liveColumn{
		{"time", "s", "%s s", func(s *stretch) string { return fmt.Sprintf("%.0f", s.at) }},
		{"clients", "", "clients %s", func(s *stretch) string { return s.connected.String() }},
		{"scheduled", "/s", "scheduled %s/s", perSecond(func(s *stretch) float64 { return float64(s.scheduled) })},
		{"images", "/s", "images %s/s", perSecond(func(s *stretch) float64 { return float64(s.images) })},
		{"goodput", "MB/s", "goodput %s MB/s", perSecond(func(s *stretch) float64 { return float64(s.bytes) / 1e6 })},
		{"p50", "ms", "p50 %s ms", func(s *stretch) string { return quantile(s.response, 0.50) }},
		{"p99", "ms", "p99 %s ms", func(s *stretch) string { return quantile(s.response, 0.99) }},
		{"errors", "", "errors %s", func(s *stretch) string { return reports.FormatCount(s.errors) }},
		{"lateness", "p99 ms", "lateness p99 %s ms", func(s *stretch) string { return quantile(s.lateness, 0.99) }},
		{"target", "CPU %", "target CPU %s %%", func(s *stretch) string {
			if s.targetSilent {
				return unknown
			}
			return ofCore(s.targetNs, s.seconds)
		}},
		{"generator", "CPU %", "generator CPU %s %%", func(s *stretch) string { return ofCore(s.generatorNs, s.seconds) }},
	}
	return slices.DeleteFunc(columns, func(c liveColumn) bool {
		return c.name == "scheduled" && !open || c.name == "clients" && !clients
	})
}

// unknown stands where there is no figure.
const unknown = "–"

// quantile returns a percentile in milliseconds, if the samples support it.
func quantile(d stats.Distribution, q float64) string {
	ns, ok := d.Quantile(q)
	if !ok {
		return unknown
	}
	return reports.FormatNumber(float64(ns) / 1e6)
}

// ofCore returns CPU time within some seconds in per cent of a core.
func ofCore(ns int64, seconds float64) string {
	return fmt.Sprintf("%.0f", float64(ns)/1e7/seconds)
}
