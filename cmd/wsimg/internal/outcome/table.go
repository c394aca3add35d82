package outcome

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

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
