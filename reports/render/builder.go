package render

import (
	"path/filepath"

	"github.com/wsimg/wsimg/reports"
)

// builder fills a table column by column, from one of rows each row.
type builder[R any] struct {
	Table
	rows []R
}

func newBuilder[R any](rows []R) *builder[R] {
	return &builder[R]{Table: Table{Rows: make([][]string, len(rows))}, rows: rows}
}

// identify adds what tells the rows apart. A size is not said twice, nor its
// source, and the source not at all when all images are synthetic.
func identify(b *builder[reports.Cell]) {
	repeats := func(i int) bool { return i > 0 && sameImages(b.rows[i-1], b.rows[i]) }
	b.column(Column{Header: "size"}, func(i int) string {
		if repeats(i) {
			return ""
		}
		return reports.FormatSize(b.rows[i].SizeBytes)
	})
	if !allSynthetic(b.rows) {
		b.column(Column{Header: "images\nfrom"}, func(i int) string {
			if repeats(i) {
				return ""
			}
			return filepath.Base(b.rows[i].Source)
		})
	}
	b.column(Column{Header: "mode"}, func(i int) string { return b.rows[i].Mode })
}

func sameImages(a, b reports.Cell) bool { return a.SizeBytes == b.SizeBytes && a.Source == b.Source }

func allSynthetic(cells []reports.Cell) bool {
	for _, c := range cells {
		if c.Source != "synthetic" {
			return false
		}
	}
	return true
}

func (b *builder[R]) column(c Column, cell func(i int) string) {
	b.Columns = append(b.Columns, c)
	for i := range b.Rows {
		b.Rows[i] = append(b.Rows[i], cell(i))
	}
}

func (b *builder[R]) named(name string, of func(R) string) {
	b.column(Column{Header: name}, func(i int) string { return of(b.rows[i]) })
}

func (b *builder[R]) counted(name string, of func(R) uint64) {
	b.column(Column{Header: name, Align: Right}, func(i int) string { return reports.FormatCount(of(b.rows[i])) })
}

// scaled adds a column of numbers in the unit that suits them.
func (b *builder[R]) scaled(name string, q quantity, of func(R) *float64) {
	b.together(q, part[R]{name: name, of: of})
}

// part is one of several columns of the same quantity.
type part[R any] struct {
	name  string
	of    func(R) *float64
	bound func(R) bool // the number is only a lower bound; nil: it never is
}

// together adds columns that share one unit, so that they compare at a glance.
func (b *builder[R]) together(q quantity, parts ...part[R]) {
	var all []*float64
	for _, p := range parts {
		for _, r := range b.rows {
			all = append(all, p.of(r))
		}
	}
	s := q.scaleOf(all)
	for _, p := range parts {
		b.column(Column{Header: p.name, Unit: s.unit, Align: Right}, func(i int) string {
			number := s.format(p.of(b.rows[i]))
			if p.bound != nil && p.bound(b.rows[i]) {
				return atLeast + number
			}
			return number
		})
	}
}

// percentile is a figure of a latency.
type percentile struct {
	name string
	of   func(reports.Latency) *float64
}

var (
	p50     = percentile{"p50", func(l reports.Latency) *float64 { return l.P50 }}
	p90     = percentile{"p90", func(l reports.Latency) *float64 { return l.P90 }}
	p99     = percentile{"p99", func(l reports.Latency) *float64 { return l.P99 }}
	p999    = percentile{"p99.9", func(l reports.Latency) *float64 { return l.P999 }}
	slowest = percentile{"max", func(l reports.Latency) *float64 { return l.Max }}
)

// column returns p of the latency of a row, under a prefix such as "wait\n".
func column[R any](prefix string, p percentile, of func(R) reports.Latency) part[R] {
	return part[R]{
		name:  prefix + p.name,
		of:    func(r R) *float64 { return p.of(of(r)) },
		bound: func(r R) bool { return of(r).IsLowerBound(p.of(of(r))) },
	}
}

// percentiles adds all figures of a latency, in one unit.
func (b *builder[R]) percentiles(of func(R) reports.Latency) {
	b.together(duration, column("", p50, of), column("", p90, of), column("", p99, of), column("", p999, of), column("", slowest, of))
}
