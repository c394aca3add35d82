package render

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/wsimg/wsimg/loadgen/verdict"
	"github.com/wsimg/wsimg/reports"
	"github.com/wsimg/wsimg/reports/plan"
)

// storage is volume, up to what a fleet keeps.
var storage = quantity{"B", "KB", "MB", "GB", "TB", "PB"}

// planTables returns the tables of p in the order they are printed: every mode
// beside the baseline.
func planTables(p *plan.Plan) []Table {
	var all []Table
	beside := func(fleets ...plan.Fleet) {
		all = append(all,
			planTable(shaky(p, "One server "+found(p)+", and one image of "+reports.FormatSize(p.Input.SizeBytes)), plan.ServerResources(), fleets),
			planTable(shaky(p, "The fleet: at peak, disk and egress at the mean rate"), p.FleetResources(), fleets))
	}
	if len(p.Fleets) == 1 {
		beside(p.Fleets[0])
	}
	for _, f := range p.Fleets[1:] {
		beside(p.Fleets[0], f)
		all = append(all, savingTable(p, f.Mode))
	}
	return append(all, whatIfTable(p))
}

// found says of one server whether its size was measured, or lies between sizes
// that were.
func found(p *plan.Plan) string {
	if slices.ContainsFunc(p.Sources, func(s plan.Source) bool { return s.SizeBytes == p.Input.SizeBytes }) {
		return "as measured"
	}
	return "between measured sizes"
}

// shaky marks the title of a table when the plan is not from valid runs.
func shaky(p *plan.Plan, title string) string {
	switch p.Verdict {
	case verdict.Void:
		return "VOID, see the verdict. " + title
	case verdict.Shared:
		return "BOTH ENDS ON ONE MACHINE, see the verdict. " + title
	}
	return title
}

// planTable has a row a resource and a column a mode. Under the name of a mode
// that can't be planned it says that it is unmet, or has no answer.
func planTable(title string, resources []plan.Resource, fleets []plan.Fleet) Table {
	b := newBuilder(resources)
	figures := func(i int) []plan.Figure {
		all := make([]plan.Figure, len(fleets))
		for k := range fleets {
			all[k] = *resources[i].Of(&fleets[k])
		}
		return all
	}
	b.named("", func(r plan.Resource) string { return r.Name })
	b.column(Column{}, func(i int) string { return styleOf(figures(i)...).unit })
	for k := range fleets {
		b.column(Column{Header: headOf(fleets[k]), Align: Right}, func(i int) string {
			all := figures(i)
			return styleOf(all...).format(all[k])
		})
	}
	b.column(Column{Header: "origin"}, func(i int) string { return originOf(figures(i)...) })
	b.Title = title
	return b.Table
}

// savingTable says what the baseline saves against another mode.
func savingTable(p *plan.Plan, mode string) Table {
	var rows []plan.Saving
	for _, s := range p.Savings {
		if s.Mode == mode {
			rows = append(rows, s)
		}
	}
	names := map[string]string{}
	for _, r := range p.FleetResources() {
		names[r.Key] = r.Name
	}
	b := newBuilder(rows)
	b.named("", func(s plan.Saving) string { return names[s.Resource] })
	b.column(Column{}, func(i int) string { return styleOf(rows[i].Amount).unit })
	b.column(Column{Header: "saved", Align: Right}, func(i int) string { return styleOf(rows[i].Amount).format(rows[i].Amount) })
	b.column(Column{Header: "%", Align: Right}, func(i int) string { return styleOf(rows[i].Share).format(rows[i].Share) })
	b.column(Column{Header: "origin"}, func(i int) string { return originOf(rows[i].Amount) })
	b.Title = shaky(p, fmt.Sprintf("What %s saves, of what %s takes", p.Baseline, mode))
	return b.Table
}

// whatIfTable has a row for each mode of each variation.
func whatIfTable(p *plan.Plan) Table {
	type row struct {
		plan.Row
		f     *plan.Fleet
		first bool
	}
	var rows []row
	for _, r := range p.WhatIf {
		for i := range r.Fleets {
			rows = append(rows, row{r, &r.Fleets[i], i == 0})
		}
	}
	b := newBuilder(rows)
	b.column(Column{Header: "what if"}, func(i int) string {
		if !rows[i].first {
			return ""
		}
		return rows[i].Name + " " + variedValue(rows[i].Name, rows[i].Value)
	})
	b.column(Column{Header: "mode"}, func(i int) string { return rows[i].f.Mode })
	figure := func(name string, of func(*plan.Fleet) *plan.Figure) {
		var all []plan.Figure
		for _, r := range rows {
			all = append(all, *of(r.f))
		}
		s := styleOf(all...)
		b.column(Column{Header: name, Unit: s.unit, Align: Right}, func(i int) string { return s.format(all[i]) })
	}
	figure("servers", func(f *plan.Fleet) *plan.Figure { return &f.Servers })
	figure("CPU", func(f *plan.Fleet) *plan.Figure { return &f.Cores })
	figure("memory", func(f *plan.Fleet) *plan.Figure {
		m := f.Memory
		m.Low, m.High = nil, nil // there is no room for it
		return &m
	})
	figure("network\nout", func(f *plan.Fleet) *plan.Figure { return &f.Out })
	if p.Input.Price != nil {
		figure("egress price\na month", func(f *plan.Fleet) *plan.Figure { return &f.EgressPrice })
	} else {
		figure("egress\na month", func(f *plan.Fleet) *plan.Figure { return &f.Egress })
	}
	b.Title = shaky(p, "What if: all else as above, spares included")
	return b.Table
}

// headOf names a mode, and why it has no capacity where it has none.
func headOf(f plan.Fleet) string {
	switch {
	case f.Unmet:
		return stacked(f.Mode) + "\nunmet"
	case f.Fault != "":
		return stacked(f.Mode) + "\nno answer"
	}
	return stacked(f.Mode)
}

// stacked breaks a mode's name at its suffixes, for the head of a column.
func stacked(mode string) string { return strings.ReplaceAll(mode, "+", "\n+") }

// style is how figures of one row, or one column, are written.
type style struct {
	scale
	whole bool // servers and connections come whole
}

// styleOf returns the one unit for all figures, which have the same.
func styleOf(figures ...plan.Figure) style {
	var xs []*float64
	for _, f := range figures {
		if f.Value != nil && *f.Value < 0 {
			positive := -*f.Value
			f.Value = &positive
		}
		xs = append(xs, f.Value)
	}
	unit := ""
	if len(figures) > 0 {
		unit = figures[0].Unit
	}
	switch unit {
	case plan.Bytes:
		return style{scale: storage.scaleOf(xs)}
	case plan.Microsecs:
		return style{scale: duration.scaleOf(xs)}
	case plan.Share:
		return style{scale: scale{"%", 0.01}}
	case plan.Servers, plan.Connections:
		return style{scale{"", 1}, true}
	case plan.Money:
		return style{scale: scale{"", 1}}
	}
	return style{scale: scale{unit, 1}}
}

// perhaps marks a figure that is no better known than a bracket; a footnote of
// the plan begins with it.
const perhaps = "*"

// format writes a figure with its interval: "6 [5–7]", "≤ 4", "7 [5–7]*", "–".
func (s style) format(f plan.Figure) string {
	if f.Value == nil {
		return missing
	}
	text := map[plan.Bound]string{plan.AtLeast: atLeast, plan.AtMost: atMost}[f.Bound] + s.number(*f.Value)
	mark := ""
	if f.Bound == plan.Perhaps {
		mark = perhaps
	}
	if f.Low == nil || f.High == nil {
		return text + mark
	}
	dash := "–"
	if *f.Low < 0 {
		dash = " to "
	}
	return text + " [" + s.number(*f.Low) + dash + s.number(*f.High) + "]" + mark
}

func (s style) number(x float64) string {
	sign := ""
	if x < 0 {
		sign, x = "−", -x
	}
	if s.whole {
		return sign + reports.FormatCount(uint64(x))
	}
	return sign + reports.FormatNumber(x/s.divisor)
}

// originOf writes where figures come from, with the numbers of the assumptions
// that any known one rests on: "assumed 1–4, 7".
func originOf(figures ...plan.Figure) string {
	rank := []plan.Origin{plan.Given, plan.Measured, plan.Assumed}
	weakest, numbers, known := 0, []int(nil), false
	for _, f := range figures {
		if f.Value == nil {
			continue
		}
		known = true
		weakest = max(weakest, slices.Index(rank, f.Origin))
		numbers = append(numbers, f.Assumes...)
	}
	if !known {
		return missing
	}
	slices.Sort(numbers)
	numbers = slices.Compact(numbers)
	return strings.TrimSpace(string(rank[weakest]) + " " + ranges(numbers))
}

// ranges writes ascending numbers: "1–4, 7, 8".
func ranges(numbers []int) string {
	var parts []string
	for i := 0; i < len(numbers); {
		k := i
		for k+1 < len(numbers) && numbers[k+1] == numbers[k]+1 {
			k++
		}
		switch k - i {
		case 0:
			parts = append(parts, strconv.Itoa(numbers[i]))
		case 1:
			parts = append(parts, strconv.Itoa(numbers[i]), strconv.Itoa(numbers[k]))
		default:
			parts = append(parts, fmt.Sprintf("%d–%d", numbers[i], numbers[k]))
		}
		i = k + 1
	}
	return strings.Join(parts, ", ")
}
