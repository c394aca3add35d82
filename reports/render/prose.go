package render

import (
	"strings"
	"unicode"

	"github.com/clipperhouse/displaywidth"
)

// wrap breaks text into lines of at most width columns; the first begins with
// first, the others with rest. A word longer than a line is cut.
func wrap(text string, width int, first, rest string) []string {
	var lines []string
	line, empty := first, true
	for _, word := range words(text) {
		for {
			space := " "
			if empty {
				space = ""
			}
			if columns(line)+len(space)+columns(word) <= width {
				line, empty = line+space+word, false
				break
			}
			if empty { // even alone it does not fit
				head := cut(word, width-columns(line))
				line, word = line+head, word[len(head):]
			}
			lines = append(lines, line)
			line, empty = rest, true
		}
	}
	if !empty {
		lines = append(lines, line)
	}
	return lines
}

// words splits text at its spaces, but keeps a number and its unit together.
// Control characters do not survive: what a server or a file name says must
// not steer the terminal.
func words(text string) []string {
	var ws []string
	for _, w := range strings.Fields(text) {
		if last := len(ws) - 1; last >= 0 && isUnit(w) && endsInDigit(ws[last]) {
			ws[last] += " " + printable(w)
			continue
		}
		ws = append(ws, printable(w))
	}
	return ws
}

// isUnit reports whether a word is a unit, or begins with "%" as "%–31" does.
func isUnit(word string) bool {
	switch strings.TrimRight(word, ".,;:)") {
	case "µs", "ms", "s", "B", "KB", "KiB", "MB", "MiB", "GB", "GiB":
		return true
	}
	return strings.HasPrefix(word, "%")
}

func endsInDigit(word string) bool {
	last := word[len(word)-1]
	return '0' <= last && last <= '9'
}

func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return unicode.ReplacementChar
		}
		return r
	}, s)
}

// columns returns how many columns of a terminal s takes.
func columns(s string) int { return displaywidth.String(s) }

// cut returns as much of the beginning of s as fits in width columns, and at
// least one character.
func cut(s string, width int) string {
	end := 0
	for i, r := range s {
		next := i + len(string(r))
		if end > 0 && columns(s[:next]) > width {
			break
		}
		end = next
	}
	return s[:end]
}

// shorten cuts out the middle of what is longer than width: names of modes
// and files differ at their ends.
func shorten(s string, width int) string {
	if columns(s) <= width {
		return s
	}
	runes := []rune(s)
	head, tail := len(runes)/2, len(runes)/2
	for head+len(runes)-tail > 0 {
		if head > len(runes)-tail {
			head--
		} else {
			tail++
		}
		if short := string(runes[:head]) + "…" + string(runes[tail:]); columns(short) <= width {
			return short
		}
	}
	return "…"
}
