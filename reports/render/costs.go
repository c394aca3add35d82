package render

import (
	"math"
	"path/filepath"
	"slices"

	"github.com/wsimg/wsimg/reports"
)

// partHeads are the heads of the parts' columns.
var partHeads = map[string]string{
	reports.EncodePart:  "encode",
	reports.MaskPart:    "mask,\ncopy",
	reports.UTF8Part:    "UTF-8",
	reports.DecodePart:  "decode",
	reports.SavePart:    "save",
	reports.ComparePart: "compare",
	reports.DeflatePart: "deflate",
	reports.OtherPart:   "kernel,\ncache,\nother",
}

// costs are the tables of where the cost comes from: of CPU, and of latency.
func costs(r *reports.Report) []Table {
	cpu, latency := "CPU of both ends at saturation", "mean unloaded response time"
	for _, c := range r.Costs {
		if c.End == reports.GeneratorEnd {
			cpu = "CPU of the generator at saturation"
		}
	}
	return []Table{
		cost("Where the cost comes from: "+cpu+", per image", costsIn(r, reports.CPUCost)),
		cost("Where the latency comes from: "+latency, costsIn(r, reports.LatencyCost)),
	}
}

func costsIn(r *reports.Report, metric string) []reports.Cost {
	return slices.DeleteFunc(slices.Clone(r.Costs), func(c reports.Cost) bool { return c.Metric != metric })
}

// cost is a table of costs, each followed by its overhead in points.
func cost(title string, rows []reports.Cost) Table {
	if len(rows) == 0 {
		return Table{}
	}
	t := Table{Title: title, Columns: []Column{{Header: "size"}}}
	sources := slices.ContainsFunc(rows, func(c reports.Cost) bool { return c.Source != "synthetic" })
	if sources {
		t.Columns = append(t.Columns, Column{Header: "images\nfrom"})
	}
	totals := make([]*float64, len(rows))
	for i, c := range rows {
		totals[i] = &c.TotalUs
	}
	unit := duration.scaleOf(totals)
	identified := len(t.Columns) + 2 // what is not a part: up to the total
	t.Columns = append(t.Columns, Column{Header: "mode"}, Column{Header: "total", Unit: unit.unit, Align: Right})
	names := slices.DeleteFunc(reports.Parts(), func(name string) bool {
		return !slices.ContainsFunc(rows, func(c reports.Cost) bool { _, ok := c.Part(name); return ok })
	})
	for _, name := range names {
		t.Columns = append(t.Columns, Column{Header: partHeads[name], Unit: unit.unit, Align: Right})
	}
	t.Columns = append(t.Columns, Column{Header: "its 95 %\ninterval", Unit: unit.unit, Align: Right})
	for i, c := range rows {
		size, from := reports.FormatSize(c.SizeBytes), filepath.Base(c.Source)
		if i > 0 && rows[i-1].SizeBytes == c.SizeBytes && rows[i-1].Source == c.Source {
			size, from = "", ""
		}
		lead := func(size, from, mode string) []string {
			if sources {
				return []string{size, from, mode}
			}
			return []string{size, mode}
		}
		t.Rows = append(t.Rows, append(lead(size, from, c.Mode), inUnit(c, names, unit)...))
		if c.Overhead != nil {
			t.Rows = append(t.Rows, append(lead("", "", "overhead"), inPoints(c.Overhead, names)...))
			t.Notes = []string{"Overhead: the difference from " + c.Overhead.Baseline + " in points, per cent of its total; the parts add up."}
		}
	}
	return t.withoutZeros(identified, identified+len(names))
}

// withoutZeros leaves columns out, of those from first to last (excluded), in
// which all is nothing: but only where there is no room for all columns.
func (t Table) withoutZeros(first, last int) Table {
	width := -len(gap)
	for _, w := range t.widths() {
		width += w + len(gap)
	}
	if width <= Width {
		return t
	}
	for i := last - 1; i >= first; i-- {
		if slices.ContainsFunc(t.Rows, func(row []string) bool { return row[i] != nothing }) {
			continue
		}
		t.Columns = slices.Delete(t.Columns, i, i+1)
		for k := range t.Rows {
			t.Rows[k] = slices.Delete(t.Rows[k], i, i+1)
		}
	}
	return t
}

// inUnit writes a cost and its parts with the decimals of its total, so that
// they add up in print too.
func inUnit(c reports.Cost, names []string, unit scale) []string {
	decimals := decimalsOf(c.TotalUs / unit.divisor)
	write := func(us float64) string { return reports.FormatFixed(us/unit.divisor, decimals) }
	cells := []string{write(c.TotalUs)}
	for _, name := range names {
		if us, _ := c.Part(name); c.Withheld == "" {
			cells = append(cells, amount(us, write))
		} else {
			cells = append(cells, missing)
		}
	}
	return append(cells, between(c.Rest, write))
}

// inPoints writes an overhead with one decimal, as the table of overheads does;
// from ten times on, without.
func inPoints(o *reports.CostOverhead, names []string) []string {
	decimals := reports.PointDecimals(o.Points)
	write := func(points float64) string { return reports.FormatPoints(points, decimals) }
	cells := []string{write(o.Points)}
	for _, name := range names {
		if d, _ := o.Part(name); o.Parts != nil {
			cells = append(cells, amount(d.Points, write))
		} else {
			cells = append(cells, missing)
		}
	}
	return append(cells, between(o.RestPoints, write))
}

// nothing is a part that does not occur.
const nothing = "0"

func amount(x float64, write func(float64) string) string {
	if x == 0 {
		return nothing
	}
	return write(x)
}

func between(r *reports.Range, write func(float64) string) string {
	if r == nil {
		return missing
	}
	return write(r.Low) + " … " + write(r.High)
}

// decimalsOf returns how many decimals give x three significant digits.
func decimalsOf(x float64) int {
	if x == 0 {
		return 2
	}
	return int(min(max(2-math.Floor(math.Log10(math.Abs(x))), 0), 2))
}
