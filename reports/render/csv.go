package render

import (
	"encoding/csv"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"

	"github.com/wsimg/wsimg/reports"
)

var _ Writer = CSV

// CSV writes r tidily: one figure a row, under a header. Figures that the
// sample cannot support have an empty value; of the response times, those
// given up without an answer are counted as response_censored. Overheads are rows of their own,
// the metric prefixed with "overhead_" and the unit "ratio". So are the figures
// of an audit, prefixed with "audit_": they are of the whole run, and have no
// size, mode and load. audit_faults is 0 or 1.
func CSV(w io.Writer, r *reports.Report) error {
	out := csv.NewWriter(w)
	rows := [][]string{{"size_bytes", "mode", "load", "metric", "unit", "value", "low", "high", "rounds"}}
	for _, c := range r.Cells {
		for _, f := range figures(c) {
			rows = append(rows, []string{
				strconv.FormatInt(c.SizeBytes, 10), c.Mode, c.Load,
				f.metric, f.unit, plain(f.value), "", "", strconv.Itoa(c.Rounds),
			})
		}
	}
	for _, o := range r.Overhead {
		rows = append(rows, []string{
			strconv.FormatInt(o.SizeBytes, 10), o.Mode, o.Load,
			"overhead_" + o.Metric, "ratio", plain(o.Ratio), plain(o.Low), plain(o.High), strconv.Itoa(o.Rounds),
		})
	}
	for _, f := range auditFigures(r.Audit) {
		rows = append(rows, []string{"", "", "", "audit_" + f.metric, f.unit, plain(f.value), "", "", ""})
	}
	if err := out.WriteAll(rows); err != nil {
		return fmt.Errorf("write report as CSV: %w", err)
	}
	return nil
}

// figure is one number of a cell, named as in the report's JSON.
type figure struct {
	metric, unit string
	value        *float64
}

func figures(c reports.Cell) []figure {
	fs := []figure{
		{"images", "images", whole(c.Images)},
		{"error_count", "images", whole(c.ErrorCount)},
	}
	for _, kind := range slices.Sorted(maps.Keys(c.Errors)) {
		fs = append(fs, figure{"errors_" + kind, "images", whole(c.Errors[kind])})
	}
	fs = append(fs,
		figure{"seconds", "s", &c.Seconds},
		figure{"images_per_s", "images/s", c.ImagesPerS},
		figure{"goodput_bytes_per_s", "B/s", c.GoodputBytesPerS},
		figure{"requested_per_s", "images/s", c.RequestedPerS},
		figure{"scheduled_per_s", "images/s", c.ScheduledPerS},
		figure{"achieved_per_s", "images/s", c.AchievedPerS},
		figure{"response_censored", "images", whole(c.Censored)},
	)
	for _, l := range []struct {
		name string
		of   reports.Latency
	}{{"response", c.Response}, {"service", c.Service}, {"wait", c.Wait}, {"lateness", c.Lateness}} {
		fs = append(fs,
			figure{l.name + "_p50_us", "us", l.of.P50},
			figure{l.name + "_p90_us", "us", l.of.P90},
			figure{l.name + "_p99_us", "us", l.of.P99},
			figure{l.name + "_p999_us", "us", l.of.P999},
			figure{l.name + "_max_us", "us", l.of.Max},
		)
	}
	return append(fs,
		figure{"wire_bytes_sent_per_image", "B", c.WireBytesSentPerImage},
		figure{"wire_bytes_received_per_image", "B", c.WireBytesReceivedPerImage},
		figure{"wire_bytes_per_image", "B", c.WireBytesPerImage},
		figure{"encode_us_per_image", "us", c.EncodeUsPerImage},
		figure{"pacer_cpu_us_per_image", "us", c.PacerCPUUsPerImage},
		figure{"generator_cpu_us_per_image", "us", c.GeneratorCPUUsPerImage},
		figure{"target_cpu_us_per_image", "us", c.TargetCPUUsPerImage},
	)
}

func auditFigures(a *reports.Audit) []figure {
	if a == nil {
		return nil
	}
	faults := uint64(0)
	if a.Fault != "" {
		faults = 1
	}
	return []figure{
		{"verified", "images", whole(a.Verified)},
		{"unsettled", "images", whole(a.Unsettled)},
		{"saved", "images", whole(a.Saved)},
		{"unsettled_saved", "images", whole(a.UnsettledSaved)},
		{"faults", "faults", whole(faults)},
	}
}

func whole(n uint64) *float64 {
	x := float64(n)
	return &x
}

// plain writes a number for machines: no grouping, no exponent, empty for nil.
func plain(x *float64) string {
	if x == nil {
		return ""
	}
	return strconv.FormatFloat(*x, 'f', -1, 64)
}
