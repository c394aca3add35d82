package outcome

import (
	"fmt"
	"strings"
)

// Outcome is what a program found, as people read it. It is for one goroutine at
// a time.
type Outcome struct {
	Program string // as the marks in the document name it
	Setting string // when, of what, on what: one paragraph
	Header  []string
	Rows    [][]string
	Notes   []string // paragraphs behind the table
	Missed  []string // the bars that were, each in a few words
}

// Row adds a line to the table, each column as fmt.Sprint writes it.
func (o *Outcome) Row(columns ...any) {
	row := make([]string, len(columns))
	for i, c := range columns {
		row[i] = fmt.Sprint(c)
	}
	o.Rows = append(o.Rows, row)
}

// Notef adds a paragraph behind the table.
func (o *Outcome) Notef(format string, args ...any) {
	o.Notes = append(o.Notes, fmt.Sprintf(format, args...))
}

// Missf notes a bar that was missed.
func (o *Outcome) Missf(format string, args ...any) {
	o.Missed = append(o.Missed, fmt.Sprintf(format, args...))
}

// Markdown returns the outcome in full; it reads well as plain text too.
func (o *Outcome) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n%s\n", o.Setting, table(o.Header, o.Rows))
	for _, n := range o.Notes {
		fmt.Fprintf(&b, "%s\n\n", n)
	}
	if len(o.Missed) == 0 {
		b.WriteString("**All bars cleared.**\n")
	} else {
		fmt.Fprintf(&b, "**Missed:** %s.\n", strings.Join(o.Missed, "; "))
	}
	return b.String()
}
