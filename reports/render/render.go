// Package render writes a report: as tables for a terminal, as JSON for
// programs, as CSV for spreadsheets. Every writer has the same shape, [Writer],
// prints only what the report holds, and writes the same bytes for the same
// report.
//
// The tables fit [Width] columns whatever is measured: numbers have three
// significant digits and one scale a column, and long names are shortened in
// the middle. The signs used: "–" is a figure that the sample cannot support,
// "~" a difference that was not found, "≥" a figure that is a lower bound.
package render

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/wsimg/wsimg/reports"
)

// Writer writes a report. The error is that of w.
type Writer func(w io.Writer, r *reports.Report) error

// Options is how text is written. The zero value is plain.
type Options struct {
	Colour bool // ANSI colours; only for a terminal that wants them
}

// Formats are the names that ByName knows, the default first.
func Formats() []string { return []string{"table", "json", "csv", "markdown", "hgrm", "benchstat"} }

// CapacityFormats are those of [Formats] in which a search for capacity can be
// written.
func CapacityFormats() []string {
	return slices.DeleteFunc(Formats(), func(format string) bool { return format == "benchstat" })
}

// ByName returns the writer for a format, and an error that names the formats
// when there is none.
func ByName(format string, o Options) (Writer, error) {
	switch format {
	case "table":
		return o.Text, nil
	case "json":
		return JSON, nil
	case "csv":
		return CSV, nil
	case "markdown":
		return Markdown, nil
	case "hgrm":
		return Hgrm, nil
	case "benchstat":
		return Benchstat, nil
	}
	return nil, fmt.Errorf("unknown format %q: use %s", format, oneOf(Formats()))
}

// oneOf joins names as prose does: "a, b or c".
func oneOf(names []string) string {
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}
