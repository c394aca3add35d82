package render_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/clipperhouse/displaywidth"
	"github.com/google/go-cmp/cmp"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/verdict"
	"github.com/wsimg/wsimg/reports"
	"github.com/wsimg/wsimg/reports/internal/specimen"
	"github.com/wsimg/wsimg/reports/render"
)

var update = flag.Bool("update", false, "write the golden files anew")

func analyze(t *testing.T, run *record.Run) *reports.Report {
	t.Helper()
	r, err := reports.Analyze(run)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The reports that several tests read, each made once; none may change them.
var (
	elsewhere  = analyzed(specimen.Elsewhere)
	broken     = analyzed(specimen.Broken)
	overloaded = analyzed(specimen.Overloaded)
	staged     = analyzed(specimen.Staged)
	restarted  = analyzed(specimen.Restarted)
	crowded    = analyzed(specimen.Crowded)
)

func analyzed(run func() *record.Run) func(*testing.T) *reports.Report {
	once := sync.OnceValues(func() (*reports.Report, error) { return reports.Analyze(run()) })
	return func(t *testing.T) *reports.Report {
		t.Helper()
		r, err := once()
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
}

func output(t *testing.T, write render.Writer, r *reports.Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestGolden(t *testing.T) {
	text := render.Options{}.Text
	for _, c := range []struct {
		name   string
		report func(*testing.T) *reports.Report
		writes map[string]render.Writer
	}{
		{"full", analyzed(specimen.Full), map[string]render.Writer{"txt": text}},
		{"itself", analyzed(specimen.AgainstItself), map[string]render.Writer{"txt": text}},
		{"elsewhere", elsewhere, map[string]render.Writer{"txt": text, "json": render.JSON, "csv": render.CSV}},
		{"broken", broken, map[string]render.Writer{"txt": text, "csv": render.CSV}},
		{"overloaded", overloaded, map[string]render.Writer{"txt": text, "csv": render.CSV}},
		{"compressed", analyzed(specimen.Compressed), map[string]render.Writer{"txt": text}},
		{"steady", analyzed(specimen.Steady), map[string]render.Writer{"txt": text}},
		{"staged", staged, map[string]render.Writer{"txt": text, "csv": render.CSV}},
		{"restarted", restarted, map[string]render.Writer{"txt": text, "csv": render.CSV, "md": render.Markdown}},
		{"crowded", crowded, map[string]render.Writer{"txt": text, "csv": render.CSV}},
		{"capacity", searched, map[string]render.Writer{"txt": text, "json": oneCell, "csv": render.CSV, "md": render.Markdown}},
		{"capacity-clients", analyzed(specimen.ClientSearch), map[string]render.Writer{"txt": text}},
		{"capacity-unmet", analyzed(specimen.UnmetSearch), map[string]render.Writer{"txt": text}},
		{"capacity-unbounded", analyzed(specimen.UnboundedSearch), map[string]render.Writer{"txt": text}},
		{"capacity-interrupted", analyzed(specimen.InterruptedSearch), map[string]render.Writer{"txt": text}},
		{"capacity-void", analyzed(specimen.OutpacedSearch), map[string]render.Writer{"txt": text}},
		{"back-to-back", analyzed(specimen.BackToBack), map[string]render.Writer{"txt": text, "json": render.JSON}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := c.report(t)
			for ext, write := range c.writes {
				got := output(t, write, r)
				if ext == "txt" {
					fits(t, got)
				}
				file := filepath.Join("testdata", c.name+"."+ext)
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
		})
	}
}

var escape = regexp.MustCompile("\x1b\\[[0-9;]*m")

// extreme is a run whose every name is long and every number wide.
func extreme() *record.Run {
	p := specimen.Default()
	p.Sizes = []int64{1, 1023 << 10}
	p.Modes = []string{"binary", "text+codec=std+dataurl+deflate#2", "text+" + strings.Repeat("x", 120)}
	p.Rounds = 6
	r := p.Run()
	r.Incomplete = "the target said: " + strings.Repeat("no", 90) + " \x1b[31mand more"
	r.Environment.CPU = strings.Repeat("very fast ", 20)
	r.Settings.URL = "wss://" + strings.Repeat("a-long-name.", 20) + "example.com/echo"
	for i := range r.Cells {
		c := &r.Cells[i]
		c.Source = "photographs/" + strings.Repeat("写真", 40) + ".jpg"
		for j := range c.Samples {
			s := &c.Samples[j]
			s.GeneratorCPUNs *= 1_000_000
			s.CreditBytes *= 1e9
			s.Images *= 1e12
			s.Errors = map[string]uint64{"timeout": 1e15}
		}
		c.Examples = map[string]record.Example{"timeout": {Detail: strings.Repeat("x", 300) + "\x1b[2J"}}
	}
	return r
}

// fits checks that no line of text is too wide or steers the terminal.
func fits(t *testing.T, text string) {
	t.Helper()
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(escape.ReplaceAllString(line, ""), "\n")
		if w := displaywidth.String(line); w > render.Width {
			t.Errorf("%d columns, want at most %d:\n%s", w, render.Width, line)
		}
		if strings.ContainsRune(line, '\x1b') {
			t.Errorf("a control character of somebody else's reached the terminal: %q", line)
		}
	}
}

// backlog turns every open cell of r into one that was given up on, at rates
// and times as wide as they get.
func backlog(t *testing.T, r *record.Run) *record.Run {
	t.Helper()
	h := record.NewHistogram()
	if err := h.RecordValues(int64(record.Highest), 1e9); err != nil {
		t.Fatal(err)
	}
	full, err := record.Encode(h)
	if err != nil {
		t.Fatal(err)
	}
	for i := range r.Cells {
		c := &r.Cells[i]
		if c.Load != record.Open {
			continue
		}
		c.RatePerS = 1.2e12
		for j := range c.Samples {
			s := &c.Samples[j]
			s.Scheduled, s.Censored, s.CensoredFromNs = 1e14, 1e9, 1
			s.Response, s.Service, s.Wait = full, full, full
		}
	}
	return r
}

// eventful makes whatever is counted of connections as wide as it gets.
func eventful(r *record.Run) *record.Run {
	const many = 1 << 40
	wide := strings.Repeat("fe80:0000:", 8) + "%eth0:65535"
	r.Settings.LocalAddrs, r.Settings.ConnectRatePerS = []string{wide}, 12_345.678
	for range 40 {
		r.Settings.Churn.CutsSeconds = append(r.Settings.Churn.CutsSeconds, 12.345)
	}
	c := &r.Cells[0]
	c.Connecting.Dialed, c.Connecting.Connected = many, many
	s := &c.Samples[0]
	*s.Connections = record.Connections{
		Dialed: many, Connected: many, Lost: many, Retired: many, Cut: many, Vacant: many, LostImages: many, DelayedImages: many,
		TCP: s.Response, TLS: s.Response, Upgrade: s.Response, Connect: s.Response, Reconnect: s.Response,
	}
	for i := range s.Series {
		n := uint64(many + i)
		s.Series[i].Connected, s.Series[i].Scheduled = &n, many
	}
	s.Ramp = &record.Stretch{Seconds: 1e9, Scheduled: many, Images: many, Bytes: 1 << 53, Response: s.Response}
	for kind, e := range c.Examples {
		e.Local, e.Remote, e.Client, e.AtSeconds = wide, wide, many, 1e9
		c.Examples[kind] = e
	}
	return r
}

func TestLongNamesAndWideNumbersFit(t *testing.T) {
	oneLoad := specimen.Staged()
	for i := range oneLoad.Cells[0].Samples[0].Series {
		p := &oneLoad.Cells[0].Samples[0].Series[i]
		p.Scheduled, p.Images, p.Bytes, p.GeneratorCPUNs = 1e15, 1e15, 1e18, 1e18
		p.Errors = map[string]uint64{strings.Repeat("odd", 60): 1e15}
	}
	oneLoad.Cells[0].Samples[0].Errors = oneLoad.Cells[0].Samples[0].Series[0].Errors
	for _, c := range []struct {
		name string
		run  *record.Run
	}{
		{"long names", extreme()},
		{"long names and lower bounds", backlog(t, extreme())},
		{"one load", backlog(t, oneLoad)},
		{"connections that come and go", eventful(specimen.Restarted())},
		{"idle clients", eventful(specimen.Crowded())},
		{"a search", wideSearch()},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := analyze(t, c.run)
			fits(t, output(t, render.Options{}.Text, r))
			fits(t, output(t, render.Options{Colour: true}.Text, r))
		})
	}
}

// TestConnectionsThatComeAndGoHaveTables, and no others have them.
func TestConnectionsThatComeAndGoHaveTables(t *testing.T) {
	for _, c := range []struct {
		name   string
		report *reports.Report
		want   []string
	}{
		{"a target that was gone", restarted(t), []string{"Ramp, steady state and drain", "Connections", "Connecting", "Gaps: nothing was verified though images were due", "Errors"}},
		{"a crowd", crowded(t), []string{"Connecting", "Errors", "Resident memory with 14,800 idle clients beside 200 active ones", "What the idle clients make of the active ones: CPU is per image"}},
	} {
		usual := []string{"", "Rates", "Latency", "Cost per image", "Over time: CPU is in per cent of one core"}
		var got []string
		for _, table := range render.Tables(c.report) {
			if len(table.Rows) > 0 && !slices.Contains(usual, table.Title) {
				got = append(got, table.Title)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestLowerBoundsAreMarked(t *testing.T) {
	r := overloaded(t)
	text := output(t, render.Options{}.Text, r)
	if !regexp.MustCompile(`text +1,400 +14,020 +≥ [\d,]+ +≥`).MatchString(text) {
		t.Errorf("no row with samples, given up ones included, and lower bounds in\n%s", text)
	}
	if regexp.MustCompile(`(?m)binary .*≥`).MatchString(text) {
		t.Errorf("binary was answered, and has lower bounds in\n%s", text)
	}
	rows := output(t, render.CSV, r)
	for _, want := range []string{
		"\n1000000,text,open,response_censored,images,7010,,,2\n",
		"\n1000000,binary,open,response_censored,images,0,,,2\n",
		"\n1000000,text,open,requested_per_s,images/s,1402,,,2\n",
		"\n1000000,text,open,overhead_response_p99_us,ratio,,,,2\n",
	} {
		if !strings.Contains(rows, want) {
			t.Errorf("CSV lacks the row %q", strings.TrimSpace(want))
		}
	}
}

func TestColourChangesNothingButColour(t *testing.T) {
	r := broken(t)
	plain, coloured := output(t, render.Options{}.Text, r), output(t, render.Options{Colour: true}.Text, r)
	if strings.Contains(plain, "\x1b") {
		t.Error("plain text holds an escape sequence")
	}
	if !strings.Contains(coloured, "\x1b[1m") {
		t.Error("coloured text holds no colour")
	}
	if diff := cmp.Diff(plain, escape.ReplaceAllString(coloured, "")); diff != "" {
		t.Errorf("without its colours the text differs (-plain +coloured):\n%s", diff)
	}
}

func TestWritersPrintTheSameFromASavedRun(t *testing.T) {
	run := specimen.Elsewhere()
	b, err := json.Marshal(run)
	if err != nil {
		t.Fatal(err)
	}
	var saved record.Run
	if err := json.Unmarshal(b, &saved); err != nil {
		t.Fatal(err)
	}
	before, after := analyze(t, run), analyze(t, &saved)
	for _, format := range render.Formats() {
		write, err := render.ByName(format, render.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(output(t, write, before), output(t, write, after)); diff != "" {
			t.Errorf("%s from the saved run differs (-before +after):\n%s", format, diff)
		}
	}
}

func TestByNameNamesTheFormats(t *testing.T) {
	_, err := render.ByName("xml", render.Options{})
	if err == nil || !strings.Contains(err.Error(), "use table, json, csv") {
		t.Errorf("error %v, want one that names the formats", err)
	}
}

type failing struct{}

var errFull = errors.New("disk full")

func (failing) Write([]byte) (int, error) { return 0, errFull }

var _ io.Writer = failing{}

func TestWritersReportWriteErrors(t *testing.T) {
	r := elsewhere(t)
	for _, format := range render.Formats() {
		write, err := render.ByName(format, render.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := write(failing{}, r); !errors.Is(err, errFull) {
			t.Errorf("%s: error %v, want %v", format, err, errFull)
		}
	}
}

// TestVoidOpenLoadBesideOthers: its figures are shown and marked, and nobody
// concludes from them; those of the other loads stand.
func TestVoidOpenLoadBesideOthers(t *testing.T) {
	p := specimen.Default()
	p.Sizes, p.Rounds = p.Sizes[1:2], 6
	run := p.Run()
	for i := range run.Cells {
		c := &run.Cells[i]
		for j := range c.Samples {
			if c.Load == record.Open {
				c.Samples[j].Disturbance = record.Disturbance{SpanSeconds: 5, Foreign: 0.3}
			}
		}
	}
	r, err := reports.Analyze(run)
	if err != nil {
		t.Fatal(err)
	}
	if r.Verdict.Kind == verdict.Void || !r.Verdict.Voids(record.Open) || r.Verdict.Voids(record.Closed) {
		t.Errorf("verdict: got %+v, want the open load void and no other", r.Verdict)
	}
	for _, o := range r.Overhead {
		if o.Load == record.Open {
			t.Errorf("overhead %s is taken from a void load", o.Name())
		}
	}
	if len(r.Overhead) == 0 {
		t.Error("there is no overhead at all")
	}
	var b strings.Builder
	if err := (render.Options{}).Text(&b, r); err != nil {
		t.Fatal(err)
	}
	for _, says := range []string{"the open load is void:", "VOID, see the verdict. Latency at equal load", "void and not compared"} {
		if !strings.Contains(strings.ReplaceAll(b.String(), "\n         ", " "), says) {
			t.Errorf("the report does not say %q:\n%s", says, b.String())
		}
	}
}
