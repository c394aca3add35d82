package render

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/wsimg/wsimg/reports"
	"github.com/wsimg/wsimg/reports/internal/specimen"
)

// printed reads a number of a table.
func printed(t *testing.T, cell string) float64 {
	t.Helper()
	x, err := strconv.ParseFloat(strings.NewReplacer(",", "", "−", "-", "+", "").Replace(cell), 64)
	if err != nil {
		t.Fatalf("%q is not a number: %v", cell, err)
	}
	return x
}

// Each of the parts may be off by half of its last digit, and so the total.
func TestCostsAddUpInPrint(t *testing.T) {
	r, err := reports.Analyze(specimen.Compressed())
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for _, table := range costs(r) {
		last := len(table.Columns) - 1 // the interval
		for _, row := range table.Rows {
			rows++
			total := printed(t, row[2])
			var sum float64
			for _, cell := range row[3:last] {
				sum += printed(t, cell)
			}
			unit := 1.0
			if _, decimals, ok := strings.Cut(row[2], "."); ok {
				unit = math.Pow(10, -float64(len(decimals)))
			}
			if off := math.Abs(sum - total); off > unit*float64(last-2)/2 {
				t.Errorf("%q: the parts add up to %v of %v", row, sum, total)
			}
		}
	}
	if rows != 10 {
		t.Errorf("got %d rows, want those of three modes and two overheads, twice", rows)
	}
}

func TestColumnsOfZerosGoWhereThereIsNoRoom(t *testing.T) {
	table := func(wide int) Table {
		return Table{
			Columns: []Column{{Header: "mode"}, {Header: "a", Align: Right}, {Header: "b", Align: Right}, {Header: strings.Repeat("c", wide)}},
			Rows:    [][]string{{"binary", "0", "0", "0"}, {"text", "0", "1.5", "0"}},
		}
	}
	for _, c := range []struct {
		name string
		wide int
		want string
	}{
		{"room for all", Width - 16, "binary 0 0 0"},
		{"no room", Width - 15, "binary 0 0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := table(c.wide).withoutZeros(1, 3)
			if row := strings.Join(got.Rows[0], " "); row != c.want || len(got.Columns) != len(got.Rows[0]) {
				t.Errorf("got %q in %d columns, want %q", row, len(got.Columns), c.want)
			}
		})
	}
}

func TestRoundsOfUnequalCells(t *testing.T) {
	cell := func(load string, n int) reports.Cell { return reports.Cell{Load: load, Rounds: n} }
	for _, c := range []struct {
		name  string
		cells []reports.Cell
		want  string
	}{
		{"none", nil, ""},
		{"one", []reports.Cell{cell("closed", 1)}, "1 round"},
		{"all alike", []reports.Cell{cell("closed", 12), cell("single", 12)}, "12 rounds"},
		{"fewer of the single load", []reports.Cell{cell("closed", 64), cell("single", 12), cell("closed", 20)}, "12–64 rounds"},
		{"open loads beside others", []reports.Cell{cell("closed", 12), cell("open", 2)}, "12 rounds"},
		{"open loads alone", []reports.Cell{cell("open", 2), cell("open", 3)}, "2–3 rounds"},
		{"a cell that failed", []reports.Cell{cell("closed", 12), cell("closed", 0)}, "12 rounds"},
	} {
		if got := rounds(c.cells); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestWithheldPartsAreDashes(t *testing.T) {
	run := specimen.Compressed()
	single := specimen.Cell(run, 100_000, "text+deflate", "single")
	for i := range single.Samples {
		stage := single.Samples[i].Stages["deflate"]
		stage.TotalNs *= 4
		single.Samples[i].Stages["deflate"] = stage
	}
	r, err := reports.Analyze(run)
	if err != nil {
		t.Fatal(err)
	}
	rows := costs(r)[0].Rows // binary, text and its overhead, text+deflate and its overhead
	for i, row := range rows {
		withheld := i >= 3
		for k, cell := range row[3:] {
			if (cell == missing) != withheld {
				t.Errorf("%q, column %d: %q, withheld %v", row, k+3, cell, withheld)
			}
		}
		printed(t, row[2]) // the total is there
	}
}
