package render

import (
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/wsimg/wsimg/reports"
)

var _ Writer = Markdown

// Markdown writes r as GitHub-flavoured Markdown, to be pasted into a pull
// request: what was measured where as it stands on a terminal, the tables as
// pipe tables, the conclusion and the footnotes.
func Markdown(w io.Writer, r *reports.Report) error {
	var b strings.Builder
	b.WriteString("## " + escaped(title(r)) + "\n\n")
	b.WriteString(fenced(facts(r)))
	for _, t := range Tables(r) {
		t.pipes(&b)
	}
	if r.Conclusion != "" {
		b.WriteString("\n**" + escaped(r.Conclusion) + "**\n")
	}
	for i, note := range r.Footnotes {
		if i == 0 {
			b.WriteString("\n")
		}
		b.WriteString("- " + escaped(note) + "\n")
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write report as Markdown: %w", err)
	}
	return nil
}

// facts returns the heading of r without its title.
func facts(r *reports.Report) string {
	var b strings.Builder
	heading(&b, r, palette(false))
	text := b.String()
	for range wrap(title(r), Width, "", "") {
		_, text, _ = strings.Cut(text, "\n")
	}
	return strings.TrimRight(text, "\n")
}

// fenced returns text as a block of code. A fence ends at the next one that is
// as long, so it is longer than any run of backticks in text.
func fenced(text string) string {
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	return fence + "text\n" + text + "\n" + fence + "\n"
}

// pipes writes t as a pipe table under a heading. Whatever is in a cell, it is
// one line and keeps to its column.
func (t Table) pipes(b *strings.Builder) {
	if len(t.Rows) == 0 {
		return
	}
	b.WriteString("\n### " + escaped(t.Title) + "\n\n")
	head, line := make([]string, len(t.Columns)), make([]string, len(t.Columns))
	for i, c := range t.Columns {
		head[i], line[i] = strings.Join(strings.Fields(c.Header), " "), "---"
		if c.Unit != "" {
			head[i] += " (" + c.Unit + ")"
		}
		if c.Align == Right {
			line[i] = "---:"
		}
	}
	pipeRow(b, head)
	b.WriteString("| " + strings.Join(line, " | ") + " |\n")
	for _, row := range t.Rows {
		pipeRow(b, row)
	}
	for _, note := range t.Notes {
		b.WriteString("\n" + escaped(note) + "\n")
	}
	if len(t.Drawing) > 0 {
		b.WriteString("\n" + fenced(strings.Join(t.Drawing, "\n")))
	}
}

func pipeRow(b *strings.Builder, cells []string) {
	for _, cell := range cells {
		b.WriteString("| " + inline(cell) + " ")
	}
	b.WriteString("|\n")
}

// markup is what Markdown, or GitHub's kind of it, takes for more than itself.
// A backslash makes it itself (CommonMark 0.31, section 2.4).
var markup = regexp.MustCompile("[\\\\`*_{}\\[\\]<>|~&$]")

// inline returns text as one line that shows as it is: within a line, as in a
// table's cell.
func inline(text string) string {
	return markup.ReplaceAllString(oneLine(text), `\$0`)
}

// oneLine returns text as one line that steers no terminal.
func oneLine(text string) string { return printable(strings.Join(strings.Fields(text), " ")) }

// block is what makes more than a paragraph of a line that begins with it: a
// heading, an item of a list, a quotation, a line.
var block = regexp.MustCompile(`^(\d*)([#+=.)-])`)

// escaped is inline for the beginning of a line.
func escaped(text string) string { return block.ReplaceAllString(inline(text), `$1\$2`) }
