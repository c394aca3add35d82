package proof

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"unicode/utf8"
)

// outcome is what a program found, as people read it.
type outcome struct {
	program string // AA, Effect, Reproducible or Power
	setting string // when, of what, on what: one paragraph
	header  []string
	rows    [][]string
	notes   []string
	missed  []string // the bars that were, each in a few words
}

// missf notes a bar that was missed.
func (o *outcome) missf(format string, args ...any) {
	o.missed = append(o.missed, fmt.Sprintf(format, args...))
}

// row adds a line to the table.
func (o *outcome) row(columns ...any) {
	row := make([]string, len(columns))
	for i, c := range columns {
		row[i] = fmt.Sprint(c)
	}
	o.rows = append(o.rows, row)
}

// markdown writes the outcome in full; it reads well as plain text too.
func (o *outcome) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n%s\n", o.setting, table(o.header, o.rows))
	for _, n := range o.notes {
		fmt.Fprintf(&b, "%s\n\n", n)
	}
	if len(o.missed) == 0 {
		b.WriteString("**All bars cleared.**\n")
	} else {
		fmt.Fprintf(&b, "**Missed:** %s.\n", strings.Join(o.missed, "; "))
	}
	return b.String()
}

// table writes a table in Markdown, its columns aligned.
func table(header []string, rows [][]string) string {
	width := make([]int, len(header))
	for _, row := range append([][]string{header}, rows...) {
		for i, c := range row {
			width[i] = max(width[i], utf8.RuneCountInString(c))
		}
	}
	var b strings.Builder
	line := func(row []string) {
		for i, c := range row {
			pad := strings.Repeat(" ", width[i]-utf8.RuneCountInString(c))
			if i == 0 {
				c += pad // names to the left, numbers to the right
			} else {
				c = pad + c
			}
			fmt.Fprintf(&b, "| %s ", c)
		}
		b.WriteString("|\n")
	}
	line(header)
	rule := make([]string, len(header))
	for i := range rule {
		rule[i] = strings.Repeat("-", width[i]-min(i, 1)) + strings.Repeat(":", min(i, 1))
	}
	line(rule)
	for _, row := range rows {
		line(row)
	}
	return b.String()
}

// updateFile puts an outcome into the document that it has a section in.
func updateFile(path string, o *outcome) error {
	old, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("write the outcome of %s: %w", o.program, err)
	}
	updated, err := update(string(old), o.program, o.markdown())
	if err != nil {
		return fmt.Errorf("write the outcome of %s to %s: %w", o.program, path, err)
	}
	mode := fs.FileMode(0o644)
	if info, err := os.Stat(path); err == nil {
		mode = info.Mode().Perm()
	}
	return os.WriteFile(path, []byte(updated), mode)
}

// update returns the document with the text between a program's marks
// replaced:
//
//	<!-- outcome of AA -->
//	…
//	<!-- end of AA -->
func update(document, program, text string) (string, error) {
	begin := fmt.Sprintf("<!-- outcome of %s -->\n", program)
	end := fmt.Sprintf("<!-- end of %s -->\n", program)
	before, rest, ok := strings.Cut(document, begin)
	if !ok {
		return "", fmt.Errorf("it has no line %q: put it where the outcome belongs", strings.TrimSpace(begin))
	}
	_, after, ok := strings.Cut(rest, end)
	if !ok {
		return "", fmt.Errorf("it has no line %q behind %q: put it where the outcome ends", strings.TrimSpace(end), strings.TrimSpace(begin))
	}
	if strings.Contains(after, begin) {
		return "", errors.New("it has two places for the outcome: keep one")
	}
	return before + begin + strings.TrimSpace(text) + "\n" + end + after, nil
}
