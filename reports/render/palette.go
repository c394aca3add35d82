package render

import "strings"

// palette paints text, or leaves it alone when false.
type palette bool

func (p palette) paint(code, s string) string {
	if !p || s == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

func (p palette) bold(s string) string   { return p.paint("1", s) }
func (p palette) dim(s string) string    { return p.paint("2", s) }
func (p palette) red(s string) string    { return p.paint("31", s) }
func (p palette) green(s string) string  { return p.paint("32", s) }
func (p palette) yellow(s string) string { return p.paint("33", s) }

// cell paints a table's cell: differences stand out, what was not found steps
// back. The colour follows the sign and not whether it is good news.
func (p palette) cell(s string) string {
	switch {
	case s == level || s == missing:
		return p.dim(s)
	case strings.HasPrefix(s, "+") || strings.HasPrefix(s, "−"):
		if !strings.Contains(s, "…") {
			return p.bold(s)
		}
	}
	return s
}
