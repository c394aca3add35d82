package render

import (
	"path/filepath"

	"github.com/wsimg/wsimg/reports"
)

// builder fills a table column by column.
type builder struct {
	Table
	cells []reports.Cell
}

func newBuilder(cells []reports.Cell) *builder {
	return &builder{Table: Table{Rows: make([][]string, len(cells))}, cells: cells}
}

// identify adds what tells the rows apart. A size is not said twice, nor its
// source, and the source not at all when all images are synthetic.
func (b *builder) identify() {
	b.column(Column{Header: "size"}, func(i int) string {
		if i > 0 && sameImages(b.cells[i-1], b.cells[i]) {
			return ""
		}
		return reports.FormatSize(b.cells[i].SizeBytes)
	})
	if !allSynthetic(b.cells) {
		b.column(Column{Header: "images from"}, func(i int) string {
			if i > 0 && sameImages(b.cells[i-1], b.cells[i]) {
				return ""
			}
			return filepath.Base(b.cells[i].Source)
		})
	}
	b.column(Column{Header: "mode"}, func(i int) string { return b.cells[i].Mode })
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

func (b *builder) column(c Column, cell func(i int) string) {
	b.Columns = append(b.Columns, c)
	for i := range b.Rows {
		b.Rows[i] = append(b.Rows[i], cell(i))
	}
}

func (b *builder) counted(name string, of func(reports.Cell) uint64) {
	b.column(Column{Header: name, Align: Right}, func(i int) string { return integer(of(b.cells[i])) })
}

// scaled adds a column of numbers in the unit that suits them.
func (b *builder) scaled(name string, q quantity, of func(reports.Cell) *float64) {
	b.together(q, part{name, of})
}

// part is one of several columns of the same quantity.
type part struct {
	name string
	of   func(reports.Cell) *float64
}

// together adds columns that share one unit, so that they compare at a glance.
func (b *builder) together(q quantity, parts ...part) {
	var all []*float64
	for _, p := range parts {
		for _, c := range b.cells {
			all = append(all, p.of(c))
		}
	}
	s := q.scaleOf(all)
	for _, p := range parts {
		b.column(Column{Header: p.name, Unit: s.unit, Align: Right}, func(i int) string { return s.format(p.of(b.cells[i])) })
	}
}
