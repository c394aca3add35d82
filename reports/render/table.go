package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"
)

// Width is the number of columns that nothing printed exceeds.
const Width = 100

// Align is the side a column's cells keep to.
type Align int

// Text keeps to the left, numbers to the right.
const (
	Left Align = iota
	Right
)

// Column is the head of a column: a name, and the one unit of its numbers.
type Column struct {
	Header string // may have several lines
	Unit   string
	Align  Align
}

// Table is what all tables of a report are made of, ready to print: its cells
// are text. A table without rows prints nothing.
type Table struct {
	Title   string
	Columns []Column
	Rows    [][]string
	Notes   []string // printed below, wrapped
	Drawing []string // printed below them as it is: lines of at most Width columns
}

// gap is what separates two columns.
const gap = "  "

// write prints t, and an empty line after it.
func (t Table) write(w io.Writer, p palette) error {
	if len(t.Rows) == 0 {
		return nil
	}
	var b strings.Builder
	for _, line := range wrap(t.Title, Width, "", "") {
		b.WriteString(p.bold(line) + "\n")
	}
	if err := t.fit(Width).grid(&b, p); err != nil {
		return fmt.Errorf("lay out table %q: %w", t.Title, err)
	}
	for _, note := range t.Notes {
		for _, line := range wrap(note, Width, "", "") {
			b.WriteString(p.dim(line) + "\n")
		}
	}
	for i, line := range t.Drawing {
		if i == 0 {
			b.WriteString("\n")
		}
		b.WriteString(line + "\n")
	}
	b.WriteString("\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// grid draws the head, a line and the rows. Nothing outside this function
// knows tablewriter. It upper-cases headers unless told not to, wraps what it
// finds long, pads lines at their end, and counts "–" and "µ" as two columns
// wide in East Asian locales, for the whole process: hence the settings.
func (t Table) grid(w io.Writer, p palette) error {
	var drawn strings.Builder
	aligns := make([]tw.Align, len(t.Columns))
	paddings := make([]tw.Padding, len(t.Columns))
	for i, c := range t.Columns {
		aligns[i] = tw.AlignLeft
		if c.Align == Right {
			aligns[i] = tw.AlignRight
		}
		paddings[i] = tw.Padding{Left: "", Right: gap, Overwrite: true}
	}
	paddings[len(paddings)-1] = tw.PaddingNone
	cells := tw.CellConfig{
		Formatting: tw.CellFormatting{AutoWrap: tw.WrapNone, AutoFormat: tw.Off},
		Alignment:  tw.CellAlignment{PerColumn: aligns},
		Padding:    tw.CellPadding{PerColumn: paddings},
	}
	table := tablewriter.NewTable(&drawn,
		tablewriter.WithConfig(tablewriter.Config{
			Header:   cells,
			Row:      cells,
			Behavior: tw.Behavior{TrimSpace: tw.Off, TrimLine: tw.Off},
		}),
		tablewriter.WithEastAsian(tw.Off),
		tablewriter.WithRenderer(renderer.NewBlueprint(tw.Rendition{
			Borders: tw.BorderNone,
			Symbols: tw.NewSymbols(tw.StyleLight),
			Settings: tw.Settings{
				Separators: tw.Separators{BetweenColumns: tw.Off, BetweenRows: tw.Off},
				Lines:      tw.Lines{ShowHeaderLine: tw.On},
			},
		})),
	)
	table.Header(t.head())
	for _, row := range t.Rows {
		painted := make([]string, len(row))
		for i, cell := range row {
			painted[i] = p.cell(cell)
		}
		if err := table.Append(painted); err != nil {
			return err
		}
	}
	if err := table.Render(); err != nil {
		return err
	}
	for line := range strings.Lines(drawn.String()) {
		if _, err := io.WriteString(w, strings.TrimRight(line, " \n")+"\n"); err != nil {
			return err
		}
	}
	return nil
}

// head returns the columns' heads, all with the same number of lines, the unit
// on the last.
func (t Table) head() []string {
	height := 0
	for _, c := range t.Columns {
		height = max(height, strings.Count(c.Header, "\n")+1)
	}
	units := false
	for _, c := range t.Columns {
		units = units || c.Unit != ""
	}
	head := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		head[i] = strings.Repeat("\n", height-strings.Count(c.Header, "\n")-1) + c.Header
		if units {
			head[i] += "\n" + c.Unit
		}
	}
	return head
}

// fit shortens the cells of text columns, the widest first, until the table is
// no wider than width. Numbers and heads are never shortened.
func (t Table) fit(width int) Table {
	widths, heads := t.widths(), t.headWidths()
	over := -width
	for i, w := range widths {
		over += w
		if i > 0 {
			over += len(gap)
		}
	}
	for ; over > 0; over-- {
		widest := -1
		for i, c := range t.Columns {
			if c.Align == Left && widths[i] > heads[i] && (widest < 0 || widths[i] > widths[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			break
		}
		widths[widest]--
	}
	rows := make([][]string, len(t.Rows))
	for r, row := range t.Rows {
		rows[r] = make([]string, len(row))
		for i, cell := range row {
			rows[r][i] = shorten(printable(cell), widths[i])
		}
	}
	t.Rows = rows
	return t
}

func (t Table) headWidths() []int {
	widths := make([]int, len(t.Columns))
	for i, head := range t.head() {
		for line := range strings.SplitSeq(head, "\n") {
			widths[i] = max(widths[i], columns(line))
		}
	}
	return widths
}

func (t Table) widths() []int {
	widths := t.headWidths()
	for _, row := range t.Rows {
		for i, cell := range row {
			widths[i] = max(widths[i], columns(printable(cell)))
		}
	}
	return widths
}
