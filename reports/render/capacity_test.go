package render_test

import (
	"encoding/csv"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/reports"
	"github.com/wsimg/wsimg/reports/internal/specimen"
	"github.com/wsimg/wsimg/reports/render"
)

// searched is the report on a usual search.
var searched = analyzed(specimen.Search)

// oneCell is JSON of a report with but the first of its cells: those of a
// search are many, and alike.
func oneCell(w io.Writer, r *reports.Report) error {
	short := *r
	short.Cells = short.Cells[:1]
	return render.JSON(w, &short)
}

func TestTablesOfASearch(t *testing.T) {
	var titles []string
	for _, table := range render.Tables(searched(t)) {
		titles = append(titles, table.Title)
	}
	want := []string{
		"Highest rate that meets p99 < 150 ms and errors < 0.1 %",
		"At about that load: response time; CPU is per image",
		"How much more binary carries: the ratio carries over to other machines, as loads do not",
		"Response time against load",
		"Every probe",
	}
	if !slices.Equal(titles, want) {
		t.Errorf("got %q, want %q", titles, want)
	}
}

func TestEveryProbeIsShown(t *testing.T) {
	r := searched(t)
	probes := render.Tables(r)[4]
	if len(probes.Rows) != len(r.Capacity.Probes) {
		t.Fatalf("%d rows, want %d", len(probes.Rows), len(r.Capacity.Probes))
	}
	var verdicts []string
	for _, row := range probes.Rows {
		verdicts = append(verdicts, row[len(row)-1])
	}
	for _, want := range []string{"pass", "pass *", "fail: p99", "fail: backlog, stopped"} {
		if !slices.Contains(verdicts, want) {
			t.Errorf("no probe is %q in %q", want, verdicts)
		}
	}
}

func TestCSVOfASearchHasAProbeARow(t *testing.T) {
	for _, c := range []struct {
		name   string
		report *reports.Report
		unit   string
	}{
		{"rate", searched(t), "images/s"},
		{"clients", analyze(t, specimen.ClientSearch()), "clients"},
	} {
		rows, err := csv.NewReader(strings.NewReader(output(t, render.CSV, c.report))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		probes := c.report.Capacity.Probes
		if len(rows) != 1+len(probes) {
			t.Fatalf("%s: %d rows, want a head and %d", c.name, len(rows), len(probes))
		}
		cell := func(row int, column string) string { return rows[row][slices.Index(rows[0], column)] }
		for i, p := range probes {
			if cell(i+1, "verdict") != p.Verdict || cell(i+1, "mode") != p.Mode || cell(i+1, "load_unit") != c.unit || cell(i+1, "phase") != p.Phase {
				t.Errorf("%s: row %q, want probe %+v", c.name, rows[i+1], p)
			}
			if (cell(i+1, "response_p99_us") == "") != (p.Response.P99 == nil) {
				t.Errorf("%s: probe %d has p99 %q, want one only where the sample supports it", c.name, i+1, cell(i+1, "response_p99_us"))
			}
		}
	}
}

func TestASearchIsWrittenInEveryFormatThatThereIsForIt(t *testing.T) {
	r := searched(t)
	for _, format := range render.Formats() {
		write, err := render.ByName(format, render.Options{})
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		err = write(&b, r)
		switch there := slices.Contains(render.CapacityFormats(), format); {
		case there && (err != nil || b.Len() == 0):
			t.Errorf("%s: %d bytes and error %v", format, b.Len(), err)
		case !there && (err == nil || !strings.Contains(err.Error(), "use table, json, csv, markdown or hgrm")):
			t.Errorf("%s: error %v, want one that names the formats there are", format, err)
		}
	}
	if slices.Contains(render.CapacityFormats(), "benchstat") || len(render.CapacityFormats()) != len(render.Formats())-1 {
		t.Errorf("got %q, want all but benchstat", render.CapacityFormats())
	}
}

func TestHeadingOfASearch(t *testing.T) {
	r := analyze(t, specimen.ClientSearch())
	text := regexp.MustCompile(`\s+`).ReplaceAllString(output(t, render.Options{}.Text, r), " ")
	for _, says := range []string{
		"wsimg capacity: binary, text, 200 KB machine",
		"search highest number of clients of 1/30s each that meets p99 < 150 ms and errors < 0.1 % · " +
			strconv.Itoa(len(r.Capacity.Probes)) + " probes · 24 of them to confirm",
		"load up to 3,200 clients · 1/30s each · poisson arrivals",
		"sender PREPARED: frames masked once, before the run",
	} {
		if !strings.Contains(text, says) {
			t.Errorf("the heading does not say %q:\n%s", says, text[:1500])
		}
	}
}

func TestMarkdownKeepsTheDrawingAsItIs(t *testing.T) {
	r := searched(t)
	drawing := strings.Join(render.Tables(r)[3].Drawing, "\n")
	if text := output(t, render.Markdown, r); !strings.Contains(text, "\n```text\n"+drawing+"\n```\n") {
		t.Errorf("the drawing is not in a block of code:\n%s", text)
	}
}

func TestAVoidSearchIsMarked(t *testing.T) {
	r := analyze(t, specimen.OutpacedSearch())
	for i, table := range render.Tables(r)[:2] {
		if !strings.HasPrefix(table.Title, "VOID, see the verdict. ") {
			t.Errorf("table %d is not marked: %q", i, table.Title)
		}
	}
}

// wideSearch is a search whose every name is long and every number wide.
func wideSearch() *record.Run {
	r := specimen.InterruptedSearch()
	mode := map[string]string{"binary": "binary+" + strings.Repeat("long", 30), "text": "text+" + strings.Repeat("写真", 30)}
	r.Settings.Modes, r.Settings.Baseline = []string{mode["binary"], mode["text"]}, mode["binary"]
	r.Capacity.Objectives = append(r.Capacity.Objectives, "response_p999<"+strings.Repeat("9", 90)+"ms", "response_p90<60s")
	for i := range r.Cells {
		r.Cells[i].Mode = mode[r.Cells[i].Mode]
		for k := range r.Cells[i].Samples {
			s := &r.Cells[i].Samples[k]
			s.CreditBytes *= 1e9
			s.Errors = map[string]uint64{"timeout": 1e15}
		}
	}
	for i := range r.Capacity.Probes {
		p := &r.Capacity.Probes[i]
		p.Mode, p.Load, p.Decided = mode[p.Mode], p.Load*1e6, strings.Repeat("undecided_", 12)
	}
	return r
}
