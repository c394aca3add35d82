package render_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/reports/internal/specimen"
	"github.com/wsimg/wsimg/reports/render"
)

// golden compares what was written with a file of testdata, or writes it anew.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; make it with go test ./reports/render -update", err)
	}
	if diff := cmp.Diff(strings.ReplaceAll(string(want), "\r\n", "\n"), got); diff != "" {
		t.Errorf("%s differs (-want +got); if it should, run go test ./reports/render -update:\n%s", file, diff)
	}
}

func TestMarkdownGolden(t *testing.T) {
	golden(t, "broken.md", output(t, render.Markdown, broken(t)))
	golden(t, "staged.md", output(t, render.Markdown, staged(t)))
}

// TestMarkdownKeepsItsShape whatever a server or a file name says.
func TestMarkdownKeepsItsShape(t *testing.T) {
	run := specimen.Broken()
	hostile := "a|b *c* _d_ `e` <img src=x> \\|\n# f\n- g\x1b[2J ```"
	for i := range run.Cells {
		run.Cells[i].Source = hostile
	}
	specimen.Cell(run, 10_000, "text", record.Closed).Examples["late"] = record.Example{Detail: hostile}
	run.Settings.URL = hostile
	run.Incomplete = hostile
	run.Notes = []string{"# no heading", "- no item in an item", "1. nor a number", "<b>nor a tag</b>"}
	text := output(t, render.Markdown, analyze(t, run))
	if strings.ContainsRune(text, '\x1b') {
		t.Error("a control character came through")
	}
	// Without the block of code, whose fence is longer than any in it.
	blocks := regexp.MustCompile("(?ms)^(`{3,})text\n(.*?)\n(`{3,})$").FindAllStringSubmatch(text, -1)
	if len(blocks) != 1 || len(blocks[0][1]) < 4 || blocks[0][1] != blocks[0][3] || !strings.Contains(blocks[0][2], "verdict") {
		t.Fatalf("the heading is not one block of code with a fence of its own:\n%s", text)
	}
	text = strings.Replace(text, blocks[0][0], "", 1)
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		known := line == "" || strings.HasPrefix(line, "| ") && strings.HasSuffix(line, " |") || regexp.MustCompile(`^(##+ |- |\*\*|~|[A-Z\\])`).MatchString(line)
		if !known {
			t.Errorf("a line that nobody meant: %q", line)
		}
		bare := regexp.MustCompile(`\\.`).ReplaceAllString(line, "")
		if strings.ContainsAny(bare, "<`[]") {
			t.Errorf("markup that is not escaped in %q", line)
		}
	}
	for _, note := range []string{`- \# no heading`, `- \- no item`, `- 1\. nor`, `- \<b\>nor a tag`} {
		if !strings.Contains(text, note) {
			t.Errorf("no footnote begins with %q in\n%s", note, text)
		}
	}
}

// TestPipeTablesHoldTheirCells: who reads a pipe table as GitHub does gets the
// cells that were put in, whatever they are.
func TestPipeTablesHoldTheirCells(t *testing.T) {
	text := rapid.StringOf(rapid.RuneFrom([]rune("ab|\\`*_<>~&$[]#-+.1 é写\n\t\x00")))
	rapid.Check(t, func(t *rapid.T) {
		width := rapid.IntRange(1, 5).Draw(t, "columns")
		table := render.Table{Title: "a table"}
		for range width {
			table.Columns = append(table.Columns, render.Column{
				Header: text.Draw(t, "header"), Unit: rapid.SampledFrom([]string{"", "µs", "/s"}).Draw(t, "unit"),
				Align: rapid.SampledFrom([]render.Align{render.Left, render.Right}).Draw(t, "align"),
			})
		}
		for range rapid.IntRange(1, 4).Draw(t, "rows") {
			table.Rows = append(table.Rows, rapid.SliceOfN(text, width, width).Draw(t, "row"))
		}
		lines := strings.Split(strings.TrimSpace(render.Pipes(table)), "\n")[2:] // behind the title
		if want := len(table.Rows) + 2; len(lines) != want {
			t.Fatalf("%d lines, want %d:\n%s", len(lines), want, strings.Join(lines, "\n"))
		}
		for i, align := range readPipes(lines[1]) {
			if right := align == "---:"; right != (table.Columns[i].Align == render.Right) {
				t.Errorf("column %d is drawn %s", i, align)
			}
		}
		for i, row := range table.Rows {
			var want []string
			for _, cell := range row {
				cell = strings.ReplaceAll(strings.Join(strings.Fields(cell), " "), "\x00", "\uFFFD")
				want = append(want, cell)
			}
			if got := readPipes(lines[i+2]); !slices.Equal(got, want) {
				t.Errorf("row %q is read as %q, want %q", lines[i+2], got, want)
			}
		}
	})
}

// readPipes reads a row as GitHub Flavored Markdown 0.29 says: a pipe that is
// not escaped ends a cell, a backslash makes punctuation itself.
func readPipes(line string) []string {
	var cells []string
	var cell strings.Builder
	line = strings.TrimPrefix(line, "|")
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '\\' && i+1 < len(line) && strings.IndexByte("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", line[i+1]) >= 0:
			i++
			cell.WriteByte(line[i])
		case c == '|':
			cells = append(cells, strings.TrimSpace(cell.String()))
			cell.Reset()
		default:
			cell.WriteByte(c)
		}
	}
	return cells
}
