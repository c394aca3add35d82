package render

import (
	"fmt"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/reports"
)

// boundless is the rate from which on a ceiling is none: it costs 100 ns.
const boundless = 10_000_000

// allowances is the table of the ceilings that depend on the image's size.
func allowances(c *record.Calibration) Table {
	ceilings := having(c, func(one record.Ceiling) bool { return len(one.Allows) > 0 })
	b := newBuilder(ceilings)
	b.column(Column{Header: "ceiling"}, func(i int) string { return ceilings[i].Name })
	b.column(Column{Header: "cores", Align: Right}, func(i int) string { return onCores(ceilings[i].Cores) })
	free := false
	for _, size := range sizesOf(c) {
		b.column(Column{Header: reports.FormatSize(size), Unit: "/s", Align: Right}, func(i int) string {
			a, ok := allows(ceilings[i], size)
			switch {
			case !ok:
				return missing
			case a.ImagesPerS >= boundless:
				free = true
				return "no limit"
			}
			return reports.FormatNumber(a.ImagesPerS)
		})
	}
	b.Title = "Images a second that each alone would allow, by image size (echoes: " + plural(c.Clients, "client") + ")"
	b.Notes = append(b.Notes, "Medians; --format json has the least and the most of the repetitions, and how each was measured.",
		"An echo has both ends on this machine. What runs on one core can run on each of several.")
	if note := restless(c); note != "" {
		b.Notes = append(b.Notes, note)
	}
	if free {
		b.Notes = append(b.Notes, "No limit: above 10 million images a second.")
	}
	return b.Table
}

// calibrationFigures is the table of what no image size belongs to.
func calibrationFigures(c *record.Calibration) Table {
	type row struct {
		ceiling record.Ceiling
		figure  record.Figure
		first   bool
	}
	var rows []row
	for _, one := range c.Ceilings {
		for i, f := range one.Figures {
			rows = append(rows, row{one, f, i == 0})
		}
	}
	b := newBuilder(rows)
	first := func(of func(row) string) func(int) string {
		return func(i int) string {
			if !rows[i].first {
				return ""
			}
			return of(rows[i])
		}
	}
	b.column(Column{Header: "ceiling"}, first(func(r row) string { return r.ceiling.Name }))
	b.column(Column{Header: "measured"}, first(func(r row) string { return r.ceiling.Note }))
	b.column(Column{Header: "figure"}, func(i int) string { return rows[i].figure.Name })
	number := func(name string, of func(record.Figure) *float64) {
		b.column(Column{Header: name, Align: Right}, func(i int) string {
			x := of(rows[i].figure)
			if x == nil {
				return missing
			}
			return reports.FormatNumber(*x)
		})
	}
	number("value", func(f record.Figure) *float64 { return f.Value })
	number("least", func(f record.Figure) *float64 { return &f.Low })
	number("most", func(f record.Figure) *float64 { return &f.High })
	b.column(Column{Header: "unit"}, func(i int) string { return rows[i].figure.Unit })
	b.Title = "Timers and connections (least and most: of the repetitions)"
	return b.Table
}

// restlessFrom is how many times the least the most of the repetitions may be.
const restlessFrom = 1.5

// restless says by how much repetitions differed, when that was much. Stores
// are left out: file systems are like that.
func restless(c *record.Calibration) string {
	worst, at := restlessFrom, ""
	for _, one := range c.Ceilings {
		if one.Kind == record.StoreCeiling {
			continue
		}
		for _, a := range one.Allows {
			if a.Low > 0 && a.High/a.Low > worst {
				worst, at = a.High/a.Low, one.Name+" at "+reports.FormatSize(a.SizeBytes)
			}
		}
	}
	if at == "" {
		return ""
	}
	return fmt.Sprintf("The machine was restless: repetitions differ by up to %s times (%s). Leave it alone and calibrate again.",
		reports.FormatNumber(worst), at)
}

func having(c *record.Calibration, ok func(record.Ceiling) bool) []record.Ceiling {
	var some []record.Ceiling
	for _, one := range c.Ceilings {
		if ok(one) {
			some = append(some, one)
		}
	}
	return some
}

// allows returns what a ceiling allows at a size; ok is false when that was
// not measured.
func allows(c record.Ceiling, size int64) (_ record.Allowance, ok bool) {
	for _, a := range c.Allows {
		if a.SizeBytes == size {
			return a, true
		}
	}
	return record.Allowance{}, false
}

func mostRepetitions(c *record.Calibration) int {
	most := 0
	for _, one := range c.Ceilings {
		for _, a := range one.Allows {
			most = max(most, a.Repetitions)
		}
		for _, f := range one.Figures {
			most = max(most, f.Repetitions)
		}
	}
	return most
}

func onCores(n int) string {
	if n == 1 {
		return "one"
	}
	return fmt.Sprintf("%d", n)
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
