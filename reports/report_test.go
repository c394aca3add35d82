package reports_test

import (
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/verdict"
	"github.com/wsimg/wsimg/reports"
	"github.com/wsimg/wsimg/reports/internal/specimen"
)

func analyze(t *testing.T, run *record.Run) *reports.Report {
	t.Helper()
	r, err := reports.Analyze(run)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// run is a small run of hand-made closed cells of 300 bytes.
func run(cells ...record.Cell) *record.Run {
	r := &record.Run{Environment: record.Environment{Cores: 1000}, Settings: record.Settings{Baseline: "binary"}}
	for _, c := range cells {
		r.Cells = append(r.Cells, c)
		if !slices.Contains(r.Settings.Modes, c.Mode) {
			r.Settings.Modes = append(r.Settings.Modes, c.Mode)
		}
	}
	return r
}

func closed(mode string, samples ...record.Sample) record.Cell {
	return record.Cell{SizeBytes: 300, Source: "synthetic", Mode: mode, Load: record.Closed, Clients: 4, Samples: samples}
}

// block is one second of a round at that many images a second.
func block(round int, images uint64) record.Sample {
	target := int64(images) * 20_000
	return record.Sample{
		Round: round, Seconds: 1, Images: images, Credit: float64(images), CreditBytes: float64(images) * 300,
		BlockImages: images, BlockBytes: images * 300, WireSentBytes: images * 306, WireReceivedBytes: images * 304,
		GeneratorCPUNs: int64(images) * 10_000, TargetCPUNs: &target,
	}
}

// blocks are rounds 0 to n-1 at about that rate; the odd ones one per cent faster.
func blocks(n int, rate uint64) []record.Sample {
	var ss []record.Sample
	for i := range n {
		ss = append(ss, block(i, rate+rate/100*uint64(i%2)))
	}
	return ss
}

func find(t *testing.T, r *reports.Report, mode, metric string) reports.Overhead {
	t.Helper()
	for _, o := range r.Overhead {
		if o.Mode == mode && o.Metric == metric {
			return o
		}
	}
	t.Fatalf("no overhead of %s in %s", mode, metric)
	return reports.Overhead{}
}

// is reports whether p points to about want.
func is(p *float64, want float64) bool { return p != nil && math.Abs(*p-want) <= 1e-6*math.Abs(want) }

func show(p *float64) any {
	if p == nil {
		return "nil"
	}
	return *p
}

func TestCellFiguresAreTotals(t *testing.T) {
	slow := block(1, 100)
	slow.Seconds, slow.Credit, slow.BlockImages = 3, 99, 200 // a long window; images at the block's ends
	slow.CreditBytes = 99 * 300
	slow.Errors = map[string]uint64{"flipped": 1}
	again := block(2, 5000)
	again.Repeated = true
	again.Errors = map[string]uint64{"flipped": 2, "timeout": 4}
	c := analyze(t, run(closed("binary", block(0, 301), slow, again))).Cells[0]

	for _, f := range []struct {
		name string
		got  *float64
		want float64
	}{
		{"images/s is credit over seconds", c.ImagesPerS, (301 + 99) / 4.0},
		{"goodput is raw bytes over seconds", c.GoodputBytesPerS, (301 + 99) * 300 / 4.0},
		{"CPU goes by the block's images", c.GeneratorCPUUsPerImage, (301 + 100) * 10.0 / 501},
		{"so does the target's", c.TargetCPUUsPerImage, (301 + 100) * 20.0 / 501},
		{"wire bytes are those of both directions", c.WireBytesPerImage, (301 + 100) * 610.0 / 501},
	} {
		if !is(f.got, f.want) {
			t.Errorf("%s: got %v, want %v", f.name, show(f.got), f.want)
		}
	}
	if c.Images != 401 || c.Seconds != 4 || c.Rounds != 2 {
		t.Errorf("%d images in %v s of %d rounds, want 401 in 4 s of 2: the repeated round enters nothing", c.Images, c.Seconds, c.Rounds)
	}
	if want := map[string]uint64{"flipped": 3, "timeout": 4}; !maps.Equal(c.Errors, want) || c.ErrorCount != 7 {
		t.Errorf("errors %v, %d in all, want %v, 7 in all, those of the repeated round too", c.Errors, c.ErrorCount, want)
	}
}

func TestWhatTheSampleCannotSupportIsNull(t *testing.T) {
	silent := block(0, 10)
	silent.TargetCPUNs = nil
	c := analyze(t, run(closed("binary", silent), closed("text"))).Cells
	if c[0].TargetCPUUsPerImage != nil {
		t.Errorf("target CPU %v without a side channel, want nil", *c[0].TargetCPUUsPerImage)
	}
	if c[1].ImagesPerS != nil || c[1].GeneratorCPUUsPerImage != nil || c[1].Response.Max != nil {
		t.Errorf("an unmeasured cell has figures: %+v", c[1])
	}
	if c[1].Errors == nil {
		t.Error("errors of an unmeasured cell are nil, want {}")
	}
}

func TestPercentilesNeedTheirSamples(t *testing.T) {
	for _, c := range []struct {
		samples int64
		want    [4]bool // p50, p90, p99, p99.9
	}{
		{4, [4]bool{}},
		{5, [4]bool{true}},
		{29, [4]bool{true, true}},
		{298, [4]bool{true, true}},
		{299, [4]bool{true, true, true}},
		{2995, [4]bool{true, true, true, true}},
	} {
		h := record.NewHistogram()
		if err := h.RecordValues(250_000, c.samples); err != nil {
			t.Fatal(err)
		}
		encoded, err := record.Encode(h)
		if err != nil {
			t.Fatal(err)
		}
		s := block(0, uint64(c.samples))
		s.Response = encoded
		l := analyze(t, run(closed("binary", s))).Cells[0].Response
		if got := [4]bool{l.P50 != nil, l.P90 != nil, l.P99 != nil, l.P999 != nil}; got != c.want {
			t.Errorf("%d samples give p50, p90, p99, p99.9: %v, want %v", c.samples, got, c.want)
		}
		if l.Max == nil || math.Abs(*l.Max-250) > 0.5 {
			t.Errorf("max %v µs, want 250", show(l.Max))
		}
	}
}

func TestCellsAreInTheOrderOfAReport(t *testing.T) {
	r := specimen.Default()
	r.Rounds, r.Modes = 1, []string{"binary", "text"}
	rec := r.Run()
	slices.Reverse(rec.Cells)
	rec.Settings.Modes = []string{"text", "binary"}
	var got []string
	for _, c := range analyze(t, rec).Cells[:7] {
		got = append(got, reports.FormatSize(c.SizeBytes)+" "+c.Load+" "+c.Mode)
	}
	want := []string{"10 KB closed binary", "10 KB closed text", "10 KB single binary", "10 KB single text",
		"10 KB open binary", "10 KB open text", "100 KB closed binary"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}

func TestJSONHasTheNamesItPromises(t *testing.T) {
	b, err := json.Marshal(analyze(t, specimen.Elsewhere()))
	if err != nil {
		t.Fatal(err)
	}
	var doc map[string]any
	if err := json.Unmarshal(b, &doc); err != nil {
		t.Fatal(err)
	}
	if doc["schema"] != "wsimg.report/1" {
		t.Errorf("schema %v", doc["schema"])
	}
	cell := doc["cells"].([]any)[0].(map[string]any)
	for _, c := range []struct {
		where string
		in    any
		names string
	}{
		{"report", doc, "verdict environment settings cells overhead"},
		{"verdict", doc["verdict"], "kind evidence"},
		{"cell", cell, "size_bytes mode load clients images errors error_count censored seconds images_per_s goodput_bytes_per_s " +
			"requested_per_s scheduled_per_s achieved_per_s response_us service_us wait_us lateness_us wire_bytes_sent_per_image wire_bytes_received_per_image wire_bytes_per_image " +
			"encode_us_per_image generator_cpu_us_per_image pacer_cpu_us_per_image target_cpu_us_per_image"},
		{"response", cell["response_us"], "p50 p90 p99 p999 max lower_bound_from_us"},
		{"overhead", doc["overhead"].([]any)[0], "size_bytes mode baseline load metric ratio low high significant rounds"},
	} {
		for name := range strings.FieldsSeq(c.names) {
			if _, ok := c.in.(map[string]any)[name]; !ok {
				t.Errorf("%s has no %q", c.where, name)
			}
		}
	}
}

func TestAReportIsTheSameFromASavedRun(t *testing.T) {
	before := specimen.Broken()
	b, err := json.Marshal(before)
	if err != nil {
		t.Fatal(err)
	}
	var after record.Run
	if err := json.Unmarshal(b, &after); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(analyze(t, before), analyze(t, &after)); diff != "" {
		t.Errorf("the report of the saved run differs (-before +after):\n%s", diff)
	}
}

func TestNothingMeasured(t *testing.T) {
	r := analyze(t, run(closed("binary"), closed("text")))
	if r.Verdict.Kind != verdict.Void {
		t.Errorf("verdict %q, want void", r.Verdict.Kind)
	}
	if !strings.Contains(r.Conclusion, "nothing was measured") {
		t.Errorf("conclusion %q, want it to say that nothing was measured", r.Conclusion)
	}
	if _, err := json.Marshal(r); err != nil {
		t.Errorf("an empty report has no JSON: %v", err)
	}
}

// No image failed where none was sent.
func TestDeclinedModeHasNoErrors(t *testing.T) {
	r := run(closed("binary", blocks(8, 1000)...), closed("text+deflate"))
	r.Cells[1].Failed, r.Cells[1].WarmupErrors = "the server declines permessage-deflate", map[string]uint64{"declined": 1}
	report := analyze(t, r)
	c := report.Cells[1]
	if c.ErrorCount != 0 || c.Errors["declined"] != 1 {
		t.Errorf("got %d errors of %v, want the kind and no error", c.ErrorCount, c.Errors)
	}
	if strings.Contains(report.Conclusion, "failed") || !strings.Contains(report.Conclusion, "the server declines") {
		t.Errorf("conclusion %q, want what the server declined and no images that failed", report.Conclusion)
	}
}

// A percentile that the sample can't support still has its rounds.
func TestUnsupportedPercentileHasRounds(t *testing.T) {
	report := analyze(t, specimen.Compressed())
	for _, o := range report.Overhead {
		if o.Metric == reports.ResponseP99 && o.Ratio == nil && o.Rounds == 0 {
			t.Errorf("%s of %s: no rounds, but both modes were measured", o.Metric, o.Mode)
		}
	}
}
