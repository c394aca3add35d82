package render

import "strings"

// Pipes returns t as Markdown.
func Pipes(t Table) string {
	var b strings.Builder
	t.pipes(&b)
	return b.String()
}
