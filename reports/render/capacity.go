package render

import (
	"slices"
	"strconv"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/verdict"
	"github.com/wsimg/wsimg/reports"
)

// capacityTables are those of a search: what it found, and all that it tried.
func capacityTables(r *reports.Report) []Table {
	c := r.Capacity
	return []Table{highest(r), atHighest(r), carriesMore(c), againstLoad(c), everyProbe(c)}
}

// loadUnit is what a search counts loads in; clients have no unit.
func loadUnit(c *reports.Capacity) string {
	if c.Find == record.FindRate {
		return "/s"
	}
	return ""
}

// loadColumn adds a column of loads that were asked for.
func loadColumn[R any](b *builder[R], c *reports.Capacity, name string, of func(R) *float64) {
	b.column(Column{Header: name, Unit: loadUnit(c), Align: Right}, func(i int) string {
		if load := of(b.rows[i]); load != nil {
			return reports.FormatLoad(*load)
		}
		return missing
	})
}

// highest is the table of what each mode carries.
func highest(r *reports.Report) Table {
	c := r.Capacity
	b := newBuilder(c.Answers)
	b.named("mode", func(a reports.CapacityAnswer) string { return a.Mode })
	b.column(Column{Header: c.Find, Unit: loadUnit(c), Align: Right}, func(i int) string {
		a := c.Answers[i]
		switch {
		case a.Unmet && a.Failed != nil:
			return "< " + reports.FormatLoad(*a.Failed)
		case a.Unbounded && a.Passed != nil:
			return atLeast + reports.FormatLoad(*a.Passed)
		case a.Load == nil || a.Low == nil:
			return missing
		}
		return reports.FormatNumber(*a.Load)
	})
	b.column(Column{Header: "95 % interval", Unit: loadUnit(c), Align: Right}, func(i int) string {
		if a := c.Answers[i]; a.Low != nil && a.High != nil {
			return reports.FormatNumber(*a.Low) + " … " + reports.FormatNumber(*a.High)
		}
		return missing
	})
	loadColumn(b, c, "highest\npassed", func(a reports.CapacityAnswer) *float64 { return a.Passed })
	loadColumn(b, c, "lowest\nfailed", func(a reports.CapacityAnswer) *float64 { return a.Failed })
	b.named("fails\nfirst by", func(a reports.CapacityAnswer) string { return reports.MetricInWords(a.Decided) })
	b.counted("probes to\nconfirm", func(a reports.CapacityAnswer) uint64 { return uint64(a.Confirmations) })
	b.counted("probes\nin all", func(a reports.CapacityAnswer) uint64 { return uint64(a.Probes) })
	b.Title = voidSearch(r, "Highest "+sought(c)+" that meets "+c.InWords())
	return b.Table
}

// sought is what was searched for: "rate", "number of clients of 1/30s each".
func sought(c *reports.Capacity) string {
	switch {
	case c.Find == record.FindRate:
		return "rate"
	case c.PerClientPerS > 0:
		return "number of clients of " + reports.FormatPace(c.PerClientPerS) + " each"
	}
	return "number of clients"
}

// voidSearch marks the title of a table of answers that are void.
func voidSearch(r *reports.Report, title string) string {
	if r.Verdict.Kind == verdict.Void {
		return "VOID, see the verdict. " + title
	}
	return title
}

// atHighest is the table of what was measured where the answer lies.
func atHighest(r *reports.Report) Table {
	c := r.Capacity
	rows := slices.DeleteFunc(slices.Clone(c.Answers), func(a reports.CapacityAnswer) bool { return a.Samples == 0 })
	b := newBuilder(rows)
	response := func(a reports.CapacityAnswer) reports.Latency { return a.Response }
	b.named("mode", func(a reports.CapacityAnswer) string { return a.Mode })
	b.scaled("achieved", rates, func(a reports.CapacityAnswer) *float64 { return a.AchievedPerS })
	b.scaled("goodput", bandwidth, func(a reports.CapacityAnswer) *float64 { return a.GoodputBytesPerS })
	b.together(duration, responseColumns(c, response)...)
	b.scaled("images\nat a time", quantity{""}, func(a reports.CapacityAnswer) *float64 { return a.InFlight })
	b.scaled("target\nCPU", duration, func(a reports.CapacityAnswer) *float64 { return a.TargetCPUUsPerImage })
	b.scaled("generator\nCPU", duration, func(a reports.CapacityAnswer) *float64 { return a.GeneratorUsPerImage })
	b.scaled("target\nmemory", volume, func(a reports.CapacityAnswer) *float64 { return a.TargetResidentBytes })
	b.Title = voidSearch(r, "At about that load: response time; CPU is per image")
	return b.Table
}

// responseColumns are p50, p99 and what else an objective is about.
func responseColumns[R any](c *reports.Capacity, of func(R) reports.Latency) []part[R] {
	columns := []part[R]{column("", p50, of), column("", p99, of)}
	p, _, _ := drawn(c)
	switch p.name {
	case p90.name:
		return slices.Insert(columns, 1, column("", p, of))
	case p999.name, slowest.name:
		return append(columns, column("", p, of))
	}
	return columns
}

// carriesMore is the table of ratios; none where there is none.
func carriesMore(c *reports.Capacity) Table {
	known := slices.DeleteFunc(slices.Clone(c.Ratios), func(q reports.CapacityRatio) bool { return q.Ratio == nil })
	if len(known) == 0 {
		return Table{}
	}
	rows := make([]reports.Overhead, len(known))
	for i, q := range known {
		rows[i] = reports.Overhead{Ratio: q.Ratio, Low: q.Low, High: q.High, Significant: q.Significant, Detectable: q.Detectable}
	}
	b := newBuilder(rows)
	b.column(Column{Header: "against"}, func(i int) string { return known[i].Mode })
	b.column(Column{Header: "difference", Unit: "%", Align: Right}, func(i int) string { return difference(rows[i]) })
	b.column(Column{Header: "95 % interval", Unit: "%", Align: Right}, func(i int) string { return interval(rows[i]) })
	b.column(Column{Header: "detectable", Unit: "%", Align: Right}, func(i int) string { return detectable(rows[i]) })
	b.Title = "How much more " + known[0].Baseline + " carries: the ratio carries over to other machines, as loads do not"
	b.Notes = notes(rows)
	return b.Table
}

// againstLoad is the table of response time against load, and its drawing.
func againstLoad(c *reports.Capacity) Table {
	b := newBuilder(c.Loads)
	b.column(Column{Header: "mode"}, func(i int) string {
		if i > 0 && c.Loads[i-1].Mode == c.Loads[i].Mode {
			return ""
		}
		return c.Loads[i].Mode
	})
	loadColumn(b, c, c.Find, func(l reports.TriedLoad) *float64 { return &l.Load })
	b.scaled("achieved", rates, func(l reports.TriedLoad) *float64 { return l.AchievedPerS })
	b.counted("samples", func(l reports.TriedLoad) uint64 { return l.Samples })
	b.together(duration, responseColumns(c, func(l reports.TriedLoad) reports.Latency { return l.Response })...)
	b.counted("probes", func(l reports.TriedLoad) uint64 { return uint64(l.Probes) })
	b.counted("passed", func(l reports.TriedLoad) uint64 { return uint64(l.Passed) })
	b.counted("failed", func(l reports.TriedLoad) uint64 { return uint64(l.Failed) })
	b.Title = "Response time against load"
	b.Drawing = curve(c)
	return b.Table
}

// everyProbe is the table of all probes, in their order.
func everyProbe(c *reports.Capacity) Table {
	b := newBuilder(c.Probes)
	b.column(Column{Header: "probe", Align: Right}, func(i int) string { return strconv.Itoa(i + 1) })
	b.named("mode", func(p reports.Probe) string { return p.Mode })
	b.named("phase", func(p reports.Probe) string { return p.Phase })
	loadColumn(b, c, c.Find, func(p reports.Probe) *float64 { return &p.Load })
	b.scaled("length", quantity{"s"}, func(p reports.Probe) *float64 { return &p.Seconds })
	b.scaled("achieved", rates, func(p reports.Probe) *float64 { return p.AchievedPerS })
	b.together(duration, responseColumns(c, func(p reports.Probe) reports.Latency { return p.Response })...)
	b.counted("errors", func(p reports.Probe) uint64 { return p.Errors })
	b.named("verdict", verdictOf)
	if slices.ContainsFunc(c.Probes, func(p reports.Probe) bool { return p.Disturbed }) {
		b.Notes = append(b.Notes, "* disturbed: something else took more than its share of the machine; one that failed so was made again.")
	}
	b.Title = "Every probe"
	return b.Table
}

// verdictOf is the verdict on a probe, what it rests on and what else there was.
func verdictOf(p reports.Probe) string {
	text := p.Verdict
	if p.Decided != "" {
		text += ": " + reports.MetricInWords(p.Decided)
	}
	if p.Stopped {
		text += ", stopped"
	}
	if p.Disturbed {
		text += " *"
	}
	return text
}
