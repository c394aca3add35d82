package render

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/verdict"
	"github.com/wsimg/wsimg/reports"
)

var _ Writer = Benchstat

// Benchstat writes r in Go's benchmark format
// (https://golang.org/design/14313-benchmark-format), a line for each round of
// each cell, so that benchstat compares modes within a run
//
//	benchstat -col /mode run.txt
//
// or one run with another. Names hold load, size and mode as key=value, and
// where they tell cells apart the images' source and the open load's rate.
//
// What makes a run doubtful, such as a fault of its audit, stands in comments,
// which benchstat passes over: as configuration it would keep the run apart from
// the ones it is to be compared with.
//
// benchstat takes medians of rounds and tests them as unpaired samples, which
// finds less than the report's own intervals do. There are no percentiles: a
// median of single rounds' percentiles is no percentile.
//
// A search for capacity has no rounds that benchstat could compare: no two probe
// the same loads. It is an error that names the formats there are.
func Benchstat(w io.Writer, r *reports.Report) error {
	if r.Kind() == reports.Search {
		return fmt.Errorf("a search for capacity has no rounds for benchstat to compare: use %s", oneOf(CapacityFormats()))
	}
	var b strings.Builder
	for _, line := range configuration(r) {
		fmt.Fprintf(&b, "%s: %s\n", line[0], oneLine(line[1]))
	}
	for _, m := range benchMetrics {
		fmt.Fprintf(&b, "Unit %s better=%s\n", m.unit, m.better)
	}
	if r.Verdict.Kind == verdict.Void {
		b.WriteString("# The run is void: see its report before comparing anything.\n")
	}
	b.WriteString(faultComment(r))
	for _, c := range r.Cells {
		if n := c.FailedImages; n > 0 {
			fmt.Fprintf(&b, "# %s: %d images failed and are in none of the lines.\n", oneLine(cellLabel(c)), n)
		}
		if n := c.FailedAttempts + c.FailedConnections; n > 0 {
			fmt.Fprintf(&b, "# %s: %d connections or attempts to connect failed.\n", oneLine(cellLabel(c)), n)
		}
		if n, _ := c.FailedBefore(); n > 0 {
			fmt.Fprintf(&b, "# %s: there were %d failures before the first round.\n", oneLine(cellLabel(c)), n)
		}
		name := benchName(c, r.Environment.GOMAXPROCS)
		for _, s := range c.Samples {
			if s.Seconds > 0 && s.Images > 0 && s.Credit > 0 && s.BlockImages > 0 {
				benchLine(&b, name, s, c.Load)
			}
		}
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write report as Go benchmarks: %w", err)
	}
	return nil
}

// configuration is what makes runs comparable: benchstat keeps runs apart that
// differ in any of it, unless told to -ignore it.
func configuration(r *reports.Report) [][2]string {
	lines := [][2]string{{"goos", r.Environment.OS}, {"goarch", r.Environment.Arch}, {"cpu", r.Environment.CPU}, {"wsimg", r.Environment.Wsimg}}
	for _, setting := range [][2]string{{"store", r.Settings.Store}, {"sender", r.Settings.Sender}, {"reply", r.Settings.Reply}} {
		if setting[1] != "" {
			lines = append(lines, setting)
		}
	}
	return append(lines, [2]string{"clients", strconv.Itoa(r.Settings.Clients)})
}

// benchMetric is a figure of one block.
type benchMetric struct {
	unit   string
	better string // higher or lower
	of     func(s record.Sample, load string) (float64, bool)
}

// benchMetrics are the values of a line, in their order. Where the unit has
// "ns", benchstat scales the value as a time.
var benchMetrics = [...]benchMetric{
	{"ns/op", "lower", func(s record.Sample, load string) (float64, bool) {
		return 1e9 * s.Seconds / s.Credit, load != record.Open // there the plan sets it
	}},
	{"images/s", "higher", func(s record.Sample, _ string) (float64, bool) { return s.Credit / s.Seconds, true }},
	{"response-ns/image", "lower", meanResponse},
	{"target-cpu-ns/image", "lower", func(s record.Sample, _ string) (float64, bool) {
		if s.TargetCPUNs == nil {
			return 0, false
		}
		return float64(*s.TargetCPUNs) / float64(s.BlockImages), true
	}},
	{"generator-cpu-ns/image", "lower", func(s record.Sample, _ string) (float64, bool) {
		return float64(s.GeneratorCPUNs) / float64(s.BlockImages), true
	}},
	{"wire-B/image", "lower", func(s record.Sample, _ string) (float64, bool) {
		return float64(s.WireSentBytes+s.WireReceivedBytes) / float64(s.BlockImages), true
	}},
}

// meanResponse is not told of a closed load, where it is its throughput in
// disguise, nor where images were given up: their own time is not known.
func meanResponse(s record.Sample, load string) (float64, bool) {
	if load == record.Closed || s.Censored > 0 {
		return 0, false
	}
	h, err := s.Response.Decode()
	if err != nil || h.TotalCount() == 0 {
		return 0, false
	}
	return h.Mean(), true
}

// benchLine writes a block: its name, its images, and its figures.
func benchLine(b *strings.Builder, name string, s record.Sample, load string) {
	fmt.Fprintf(b, "%s %d", name, s.Images)
	for _, m := range benchMetrics {
		if value, ok := m.of(s, load); ok {
			fmt.Fprintf(b, " %s %s", strconv.FormatFloat(value, 'g', 9, 64), m.unit)
		}
	}
	b.WriteString("\n")
}

// benchName returns a cell's name as a benchmark. The number at its end is
// GOMAXPROCS, and always there: a mode may end in a number itself.
func benchName(c reports.Cell, procs int) string {
	name := "BenchmarkWsimg/load=" + c.Load
	if c.RequestedPerS != nil {
		name += "/rate=" + strconv.FormatFloat(*c.RequestedPerS, 'f', -1, 64)
	}
	name += "/size=" + exactSize(c.SizeBytes)
	if c.Source != record.Synthetic {
		name += "/images=" + benchValue(c.Source)
	}
	return fmt.Sprintf("%s/mode=%s-%d", name, benchValue(c.Mode), max(procs, 1))
}

// exactSize writes a number of bytes as flags take it, in the largest unit of
// which it is a whole number: "100KB", "1500KB", "100KiB", "1333B". Two sizes
// that differ are never written the same.
func exactSize(bytes int64) string {
	for _, u := range []struct {
		name string
		unit int64
	}{{"GB", 1e9}, {"MB", 1e6}, {"KB", 1e3}, {"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}} {
		if bytes >= u.unit && bytes%u.unit == 0 {
			return strconv.FormatInt(bytes/u.unit, 10) + u.name
		}
	}
	return strconv.FormatInt(bytes, 10) + "B"
}

// benchValue writes a value of a name with what would end it, a slash or a
// space, as in a URL.
func benchValue(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r == '/' || r == '%' || unicode.IsSpace(r) || !unicode.IsPrint(r) {
			for _, c := range []byte(string(r)) {
				fmt.Fprintf(&b, "%%%02X", c)
			}
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}
