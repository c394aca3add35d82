package render

import (
	"slices"
	"strings"
	"testing"

	"github.com/clipperhouse/displaywidth"

	"github.com/wsimg/wsimg/reports"
)

// tried is a mode at a load, with a p99 in milliseconds; less than 0: at least.
func tried(mode string, load, p99 float64) reports.TriedLoad {
	us := 1000 * max(p99, -p99)
	l := reports.TriedLoad{Mode: mode, Load: load, Response: reports.Latency{P50: &us, P99: &us, Max: &us}}
	if p99 < 0 {
		l.Response.LowerBoundFrom = &us
	}
	return l
}

func searchOf(modes []string, objective string, loads ...reports.TriedLoad) *reports.Capacity {
	c := &reports.Capacity{Find: "rate", Objectives: []string{objective}, Loads: loads}
	for _, mode := range modes {
		c.Answers = append(c.Answers, reports.CapacityAnswer{Mode: mode})
	}
	return c
}

// cell returns the character in a row, 0 the topmost, and a column of a curve's
// inside.
func cell(lines []string, row, column int) string {
	line := []rune(lines[1+row] + strings.Repeat(" ", Width))
	return string(line[curveMargin+2+column])
}

func TestCurvePutsPointsWhereTheyBelong(t *testing.T) {
	lines := curve(searchOf([]string{"binary", "text"}, "response_p99<100ms",
		tried("binary", 0.0001, 10), tried("binary", 500, 100), tried("binary", 1000, -1000), tried("text", 500, 10), tried("text", 0.0001, 10),
	))
	if len(lines) != 1+curveRows+2+1 {
		t.Fatalf("%d lines, want a title, %d rows, an axis, its labels and a legend:\n%s", len(lines), curveRows, strings.Join(lines, "\n"))
	}
	for _, c := range []struct {
		name        string
		row, column int
		want        string
	}{
		{"the longest time at the highest load, a lower bound", 0, curveColumns - 1, "B"},
		{"the shortest at the middle", curveRows - 1, curveColumns / 2, "t"},
		{"two modes in one place", curveRows - 1, 0, "*"},
		{"a point on the limit", 7, curveColumns / 2, "b"}, // halfway in logarithms
		{"the limit", 7, 0, "-"},
		{"nothing", 3, 3, " "},
	} {
		if got := cell(lines, c.row, c.column); got != c.want {
			t.Errorf("%s: got %q at row %d and column %d, want %q in\n%s", c.name, got, c.row, c.column, c.want, strings.Join(lines, "\n"))
		}
	}
	for i, begins := range map[int]string{
		0: "p99 of response time against images/s asked for", 1: "     1 s ┤", 8: "  100 ms ┤- - -", 16: "   10 ms ┤", 17: "         └─", 18: "          0 ",
		19: "b binary · t text · in capitals: a lower bound · * several · - - - the limit",
	} {
		if !strings.HasPrefix(lines[i], begins) {
			t.Errorf("line %d is %q, want it to begin with %q", i, lines[i], begins)
		}
	}
	if !strings.Contains(lines[18], " 500/s ") || !strings.HasSuffix(lines[18], " 1,000/s") || len(lines[18]) != Width {
		t.Errorf("loads are labelled %q, want half and all at the end", lines[18])
	}
}

func TestCurveOfAnotherPercentile(t *testing.T) {
	p90 := 5000.0
	l := func(load float64) reports.TriedLoad {
		l := tried("text", load, 900)
		l.Response.P90 = &p90
		return l
	}
	lines := curve(searchOf([]string{"text"}, "response_p90<10ms", l(1), l(2), l(3)))
	if lines[0] != "p90 of response time against images/s asked for" || !strings.Contains(strings.Join(lines, "\n"), "10 ms ┤-") {
		t.Errorf("got\n%s\nwant p90 and its limit", strings.Join(lines, "\n"))
	}
}

func TestTheLimitIsLabelledAlone(t *testing.T) {
	lines := curve(searchOf([]string{"text"}, "response_p99<75ms", tried("text", 1, 10), tried("text", 2, 20), tried("text", 3, 1000)))
	row := slices.IndexFunc(lines, func(line string) bool { return strings.Contains(line, "75 ms ┤- -") })
	if row < 2 || strings.Contains(lines[row-1], "ms") || strings.Contains(lines[row+1], "ms") {
		t.Errorf("got\n%s\nwant the limit, and nothing beside its label", strings.Join(lines, "\n"))
	}
}

func TestCurveWithoutALimitHasNone(t *testing.T) {
	lines := curve(searchOf([]string{"text"}, "errors<1%", tried("text", 1, 10), tried("text", 2, 20), tried("text", 3, 1000)))
	text := strings.Join(lines, "\n")
	if !strings.HasPrefix(text, "p99 ") || strings.Contains(text, "- -") || strings.Contains(text, "limit") {
		t.Errorf("got\n%s\nwant p99 and no limit", text)
	}
}

func TestCurveOfLittleIsNone(t *testing.T) {
	unknown := tried("text", 3, 10)
	unknown.Response.P99 = nil
	if lines := curve(searchOf([]string{"text"}, "response_p99<1s", tried("text", 1, 10), tried("text", 2, 20), unknown)); lines != nil {
		t.Errorf("got\n%s\nwant nothing of two points", strings.Join(lines, "\n"))
	}
}

func TestNoiseIsDrawnAsALevel(t *testing.T) {
	lines := curve(searchOf([]string{"text"}, "errors<1%", tried("text", 1, 10), tried("text", 2, 10.3), tried("text", 3, 10.1)))
	rows := map[int]bool{}
	for i, line := range lines[1 : 1+curveRows] {
		if strings.Contains(line, "t") {
			rows[i] = true
		}
	}
	if len(rows) > 2 {
		t.Errorf("points of 10 ms and up to 3 %% more are in %d rows, want neighbours:\n%s", len(rows), strings.Join(lines, "\n"))
	}
}

func TestModesWithOneLetterGetOthers(t *testing.T) {
	for _, c := range []struct{ modes, want []string }{
		{[]string{"binary", "text"}, []string{"b", "t"}},
		{[]string{"binary", "text", "text+deflate"}, []string{"a", "b", "c"}},
		{[]string{"binary", "Binary"}, []string{"a", "b"}},
		{[]string{"*", "text"}, []string{"a", "b"}},
	} {
		letters := lettersOf(searchOf(c.modes, ""))
		var got []string
		for _, mode := range c.modes {
			got = append(got, string(letters[mode]))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%q: got %q, want %q", c.modes, got, c.want)
		}
	}
}

func TestCurvesFit(t *testing.T) {
	long := strings.Repeat("long", 50)
	for _, c := range []*reports.Capacity{
		searchOf([]string{"binary", "text"}, "response_p99<59.9s", tried("binary", 1e15, 0.001), tried("text", 1e14, 60_000), tried("text", 3, 2)),
		searchOf([]string{long, "text+" + long}, "response_p99<1µs", tried(long, 12_345_678, 0.5), tried(long, 2, -3), tried(long, 3, 4)),
	} {
		for _, line := range curve(c) {
			if w := displaywidth.String(line); w > Width || strings.HasSuffix(line, " ") {
				t.Errorf("%d columns, want at most %d and none empty at the end: %q", w, Width, line)
			}
		}
	}
}
