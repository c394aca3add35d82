package render

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/reports"
)

// The size of a curve, in rows and columns of its inside.
const (
	curveRows    = 16
	curveColumns = Width - curveMargin - 2
	curveMargin  = 8 // columns of labels, left of the axis
)

// fewestPoints is from how many points on a curve is drawn.
const fewestPoints = 3

// drawn returns the percentile that a search was about, p99 where it was about
// none, and its limit in microseconds.
func drawn(c *reports.Capacity) (p percentile, limit float64, limited bool) {
	metric, us, ok := c.ResponseLimit()
	for _, p := range []percentile{p50, p90, p99, p999, slowest} {
		if ok && (reports.MetricInWords(metric) == p.name || metric == "response_"+p.name) {
			return p, us, true
		}
	}
	return p99, 0, false
}

// curve draws response time against load, a letter for each mode: loads evenly
// from 0 on, for where a mode ends is told best there, and times by their
// logarithm, for what is too much takes a thousand times as long. Nothing is
// drawn of less than [fewestPoints].
func curve(c *reports.Capacity) []string {
	p, limit, limited := drawn(c)
	letters := lettersOf(c)
	var g grid
	for _, l := range c.Loads {
		if us := p.of(l.Response); us != nil && *us > 0 {
			letter := letters[l.Mode]
			if l.Response.IsLowerBound(us) {
				letter = unicode.ToUpper(letter)
			}
			g.points = append(g.points, point{l.Load, *us, letter})
		}
	}
	if len(g.points) < fewestPoints {
		return nil
	}
	if limited {
		g.limit = limit
	}
	g.fit()
	return slices.Concat([]string{p.name + " of response time against " + across(c)}, g.draw(loadUnit(c)), legend(c, letters, g))
}

// lettersOf gives every mode its first letter, or where two have the same the
// letters of the alphabet.
func lettersOf(c *reports.Capacity) map[string]rune {
	letters, taken := map[string]rune{}, map[rune]bool{}
	distinct := true
	for _, a := range c.Answers {
		first, _ := utf8.DecodeRuneInString(strings.ToLower(a.Mode))
		distinct = distinct && first >= 'a' && first <= 'z' && !taken[first]
		letters[a.Mode], taken[first] = first, true
	}
	if !distinct {
		for i, a := range c.Answers {
			letters[a.Mode] = 'a' + rune(i%26)
		}
	}
	return letters
}

// point is one of a curve.
type point struct {
	load, us float64
	letter   rune
}

// grid is what a curve is drawn on.
type grid struct {
	points   []point
	limit    float64 // in microseconds; 0: none
	low, top float64 // times at the lowest and the highest row
	most     float64 // load at the last column
}

// fit sets the grid's ends so that all points and the limit lie within.
func (g *grid) fit() {
	g.low, g.top = math.Inf(1), 0
	for _, p := range g.points {
		g.low, g.top, g.most = min(g.low, p.us), max(g.top, p.us), max(g.most, p.load)
	}
	if g.limit > 0 {
		g.low, g.top = min(g.low, g.limit), max(g.top, g.limit)
	}
	if g.top < 2*g.low { // else noise would look like a curve
		middle := math.Sqrt(g.top * g.low)
		g.low, g.top = middle/2, middle*2
	}
}

// row returns the row of a time, 0 at the top.
func (g *grid) row(us float64) int {
	share := math.Log(us/g.low) / math.Log(g.top/g.low)
	return curveRows - 1 - int(math.Round(share*(curveRows-1)))
}

func (g *grid) column(load float64) int { return int(math.Round(load / g.most * (curveColumns - 1))) }

// draw returns the rows with their axes.
func (g *grid) draw(unit string) []string {
	inside := make([][]rune, curveRows)
	for i := range inside {
		inside[i] = []rune(strings.Repeat(" ", curveColumns))
	}
	labels := g.ticks()
	if g.limit > 0 {
		row := g.row(g.limit)
		for i := 0; i < curveColumns; i += 2 {
			inside[row][i] = '-'
		}
		for _, near := range []int{row - 1, row + 1} {
			delete(labels, near) // the limit is what its row stands for
		}
		labels[row] = reports.FormatShortSpan(g.limit)
	}
	for _, p := range g.points {
		at := &inside[g.row(p.us)][g.column(p.load)]
		if *at != ' ' && *at != '-' && unicode.ToLower(*at) != unicode.ToLower(p.letter) {
			*at = several
			continue
		}
		*at = p.letter
	}
	lines := make([]string, 0, curveRows+2)
	for i, cells := range inside {
		axis := "│"
		if labels[i] != "" {
			axis = "┤"
		}
		lines = append(lines, strings.TrimRight(fmt.Sprintf("%*s %s%s", curveMargin, labels[i], axis, string(cells)), " "))
	}
	lines = append(lines, strings.Repeat(" ", curveMargin)+" └"+strings.Repeat("─", curveColumns))
	return append(lines, g.loads(unit))
}

// several marks where points of different modes meet.
const several = '*'

// ticks returns round times by their rows: 1, 2 and 5 of each power of ten, or
// only 1 where the rows are too few for that.
func (g *grid) ticks() map[int]string {
	ticks := map[int]string{}
	steps := []float64{1, 2, 5}
	if g.top/g.low > 1000 {
		steps = steps[:1]
	}
	for power := math.Pow(10, math.Floor(math.Log10(g.low))); power <= g.top; power *= 10 {
		for _, step := range steps {
			if us := step * power; us >= g.low && us <= g.top {
				ticks[g.row(us)] = reports.FormatShortSpan(us)
			}
		}
	}
	return ticks
}

// loads returns the line below the axis: nothing, half and all of the highest
// load that was tried.
func (g *grid) loads(unit string) string {
	label := func(load float64) string { return reports.FormatLoad(load) + unit }
	line := []rune(strings.Repeat(" ", Width))
	half, all := label(g.most/2), label(g.most)
	at := curveMargin + 2
	copy(line[at:], []rune("0"))
	copy(line[at+curveColumns/2-utf8.RuneCountInString(half)/2:], []rune(half))
	copy(line[Width-utf8.RuneCountInString(all):], []rune(all))
	return strings.TrimRight(string(line), " ")
}

// legend says what the letters stand for, and what else was drawn.
func legend(c *reports.Capacity, letters map[string]rune, g grid) []string {
	var parts []string
	for _, a := range c.Answers {
		if slices.ContainsFunc(g.points, func(p point) bool { return unicode.ToLower(p.letter) == letters[a.Mode] }) {
			parts = append(parts, fmt.Sprintf("%c %s", letters[a.Mode], a.Mode))
		}
	}
	for _, extra := range []struct {
		drawn bool
		text  string
	}{
		{slices.ContainsFunc(g.points, func(p point) bool { return unicode.IsUpper(p.letter) }), "in capitals: a lower bound"},
		{g.met(), string(several) + " several"},
		{g.limit > 0, "- - - the limit"},
	} {
		if extra.drawn {
			parts = append(parts, extra.text)
		}
	}
	return wrap(strings.Join(parts, " · "), Width, "", "")
}

// across is what a curve has across.
func across(c *reports.Capacity) string {
	if c.Find == record.FindRate {
		return "images/s asked for"
	}
	return "clients"
}

// met reports whether points of different modes lie in one place.
func (g *grid) met() bool {
	at := map[[2]int]rune{}
	for _, p := range g.points {
		place := [2]int{g.row(p.us), g.column(p.load)}
		if other, ok := at[place]; ok && other != unicode.ToLower(p.letter) {
			return true
		}
		at[place] = unicode.ToLower(p.letter)
	}
	return false
}
