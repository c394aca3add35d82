package render

import (
	"strconv"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/reports"
)

// probeHead names the columns of probeRows.
var probeHead = [...]string{
	"probe", "mode", "phase", "load", "load_unit", "seconds", "images", "achieved_per_s",
	"response_p50_us", "response_p90_us", "response_p99_us", "response_p999_us", "response_max_us", "response_lower_bound_from_us",
	"errors", "verdict", "decided", "stopped", "disturbed",
}

// probeRows are the probes of a search, one a row, under a header.
func probeRows(c *reports.Capacity) [][]string {
	unit := "images/s"
	if c.Find == record.FindClients {
		unit = "clients"
	}
	rows := [][]string{probeHead[:]}
	for i, p := range c.Probes {
		l := p.Response
		rows = append(rows, []string{
			strconv.Itoa(i + 1), p.Mode, p.Phase, plain(&p.Load), unit, plain(&p.Seconds), plain(whole(p.Images)), plain(p.AchievedPerS),
			plain(l.P50), plain(l.P90), plain(l.P99), plain(l.P999), plain(l.Max), plain(l.LowerBoundFrom),
			plain(whole(p.Errors)), p.Verdict, p.Decided, strconv.FormatBool(p.Stopped), strconv.FormatBool(p.Disturbed),
		})
	}
	return rows
}
