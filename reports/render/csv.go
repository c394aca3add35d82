package render

import (
	"encoding/csv"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/wsimg/wsimg/reports"
)

var _ Writer = CSV

// CSV writes r tidily: one figure a row, under a header. Figures that the
// sample cannot support have an empty value; of the response times, those
// given up without an answer are counted as response_censored. Failures are
// images and connections together, warm-up included; failed_images,
// failed_attempts (to connect) and failed_connections (lost with nothing in
// flight) are those of the load, apart. Overheads are rows of their own,
// the metric prefixed with "overhead_" and the unit "ratio". So are the figures
// of an audit, prefixed with "audit_": they are of the whole run, and have no
// size, mode and load. audit_faults is 0 or 1.
//
// Of a search for capacity, whose every figure is of a probe, it writes a probe
// a row instead, in the order they were made, with all its figures. What they
// come to is in the JSON.
func CSV(w io.Writer, r *reports.Report) error {
	rows := tidy(r)
	if r.Kind() == reports.Search {
		rows = probeRows(r.Capacity)
	}
	if err := csv.NewWriter(w).WriteAll(rows); err != nil {
		return fmt.Errorf("write report as CSV: %w", err)
	}
	return nil
}

// tidy returns the figures of r, one a row, under a header.
func tidy(r *reports.Report) [][]string {
	rows := [][]string{{"size_bytes", "mode", "load", "metric", "unit", "value", "low", "high", "rounds"}}
	for _, c := range r.Cells {
		for _, f := range slices.Concat(figures(c), connectionFigures(c.Connections), stretchFigures(c), gapFigures(c.Gaps)) {
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
	if i := r.Idle; i != nil {
		for _, f := range idleFigures(i) {
			rows = append(rows, []string{"", "", "", "idle_" + f.metric, f.unit, plain(f.value), "", "", ""})
		}
		for _, e := range i.Effects {
			rows = append(rows, []string{"", "", "", "idle_overhead_" + e.Metric, "ratio", plain(e.Ratio), plain(e.Low), plain(e.High), ""})
		}
	}
	for _, f := range auditFigures(r.Audit) {
		rows = append(rows, []string{"", "", "", "audit_" + f.metric, f.unit, plain(f.value), "", "", ""})
	}
	return rows
}

// figure is one number of a cell, named as in the report's JSON.
type figure struct {
	metric, unit string
	value        *float64
}

func figures(c reports.Cell) []figure {
	fs := []figure{
		{"images", "images", whole(c.Images)},
		{"failed_images", "images", whole(c.FailedImages)},
		{"failed_attempts", "attempts", whole(c.FailedAttempts)},
		{"failed_connections", "connections", whole(c.FailedConnections)},
		{"error_count", "failures", whole(c.ErrorCount)},
	}
	for _, kind := range slices.Sorted(maps.Keys(c.Errors)) {
		fs = append(fs, figure{"errors_" + kind, "failures", whole(c.Errors[kind])})
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
		fs = append(fs, latencyFigures(l.name, l.of)...)
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

func latencyFigures(name string, l reports.Latency) []figure {
	return []figure{
		{name + "_p50_us", "us", l.P50},
		{name + "_p90_us", "us", l.P90},
		{name + "_p99_us", "us", l.P99},
		{name + "_p999_us", "us", l.P999},
		{name + "_max_us", "us", l.Max},
	}
}

func connectionFigures(c *reports.Connections) []figure {
	if c == nil {
		return nil
	}
	var fs []figure
	for _, d := range []struct {
		when string
		*reports.Dialing
	}{{"before_", c.Before}, {"in_load_", c.InLoad}} {
		if d.Dialing == nil {
			continue
		}
		fs = append(fs,
			figure{"connections_" + d.when + "dialed", "attempts", whole(d.Dialed)},
			figure{"connections_" + d.when + "connected", "connections", whole(d.Connected)},
		)
		if d.PerS != nil {
			fs = append(fs,
				figure{"connections_" + d.when + "seconds", "s", &d.Seconds},
				figure{"connections_" + d.when + "per_s", "connections/s", d.PerS},
			)
		}
		for _, phase := range d.Phases {
			fs = append(fs, latencyFigures("connect_"+d.when+strings.ToLower(phase.Name), phase.Time)...)
		}
	}
	if c.InLoad == nil {
		return fs
	}
	fs = append(fs,
		figure{"connections_lost", "connections", whole(c.Lost)},
		figure{"connections_retired", "connections", whole(c.Retired)},
		figure{"connections_cut", "connections", whole(c.Cut)},
		figure{"connections_vacant", "clients", whole(c.Vacant)},
		figure{"images_lost", "images", whole(c.LostImages)},
		figure{"images_delayed", "images", whole(c.DelayedImages)},
	)
	return append(fs, latencyFigures("reconnect", c.Reconnect)...)
}

// stretchFigures leaves out the steady state: its figures are the cell's own.
func stretchFigures(c reports.Cell) []figure {
	var fs []figure
	for _, s := range c.Stretches {
		if s.Name == reports.SteadyStretch {
			continue
		}
		fs = append(fs,
			figure{s.Name + "_seconds", "s", &s.Seconds},
			figure{s.Name + "_scheduled_per_s", "images/s", s.ScheduledPerS},
			figure{s.Name + "_images", "images", whole(s.Images)},
			figure{s.Name + "_images_per_s", "images/s", s.ImagesPerS},
			figure{s.Name + "_error_count", "failures", whole(s.ErrorCount)},
		)
		fs = append(fs, latencyFigures(s.Name+"_response", s.Response)...)
	}
	return fs
}

func gapFigures(gaps []reports.Gap) []figure {
	var fs []figure
	for i, g := range gaps {
		name := fmt.Sprintf("gap_%d_", i+1)
		fs = append(fs,
			figure{name + "at_seconds", "s", &g.AtSeconds},
			figure{name + "seconds", "s", &g.Seconds},
			figure{name + "back_seconds", "s", g.BackSeconds},
		)
	}
	return fs
}

func idleFigures(i *reports.Idle) []figure {
	return []figure{
		{"clients", "clients", whole(uint64(i.Clients))},
		{"generator_bytes_per_client", "B", i.GeneratorBytes},
		{"target_bytes_per_client", "B", i.TargetBytes},
	}
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
