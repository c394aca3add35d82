package render

import (
	"slices"
	"strconv"
	"strings"

	"github.com/wsimg/wsimg/reports"
)

// manyConnections is from how many on the phases of connecting have a table:
// as many as p99 needs.
const manyConnections = 299

// connecting says in a line how the clients of a run came to be connected;
// empty where that is not known.
func connecting(r *reports.Report) string {
	if r.Kind() != reports.OneLoad {
		return ""
	}
	for _, c := range r.Cells {
		if c.Connections == nil || c.Connections.Before == nil {
			continue
		}
		d := c.Connections.Before
		if d.Dialed == 0 {
			return ""
		}
		if ramp := r.Settings.RampSeconds; ramp > 0 {
			return "one by one, over " + seconds(ramp) // few were there before it
		}
		what := "1 connection"
		if d.Connected != 1 {
			what = reports.FormatCount(d.Connected) + " connections"
		}
		parts := []string{what}
		if d.Seconds > 0 {
			parts[0] += " in " + reports.FormatSpan(1e6*d.Seconds)
		}
		if d.PerS != nil && d.Connected > 1 {
			parts = append(parts, reports.FormatRate(*d.PerS))
		}
		if failed := d.Dialed - d.Connected; failed > 0 {
			parts = append(parts, attempts(failed)+" failed")
		}
		var phases []string
		for _, phase := range d.Phases {
			if p50 := phase.Time.P50; p50 != nil && phase.Name != reports.WholePhase {
				phases = append(phases, phase.Name+" "+reports.FormatSpan(*p50))
			}
		}
		if phases != nil {
			parts = append(parts, "p50 of "+strings.Join(phases, ", "))
		}
		return join(parts)
	}
	return ""
}

// attempts counts those beyond the ones that came to be a connection.
func attempts(n uint64) string {
	if n == 1 {
		return "1 more attempt"
	}
	return reports.FormatCount(n) + " more attempts"
}

// connectionTables are what became of a load's connections, and how long it
// took to get them: none where every client of a few connected once.
func connectionTables(c reports.Cell) []Table {
	cs := c.Connections
	if cs == nil {
		return nil
	}
	var tables []Table
	if cs.Eventful() {
		tables = append(tables, connectionCounts(cs))
	}
	if cs.Eventful() || cs.Before != nil && cs.Before.Connected >= manyConnections {
		tables = append(tables, connectionTimes(cs))
	}
	return tables
}

// connectionCounts is the table of what became of connections in the load.
func connectionCounts(c *reports.Connections) Table {
	type row struct {
		when string
		*reports.Dialing
	}
	var rows []row
	for _, r := range []row{{"before the load", c.Before}, {"in the load", c.InLoad}} {
		if r.Dialing != nil {
			rows = append(rows, r)
		}
	}
	b := newBuilder(rows)
	b.named("when", func(r row) string { return r.when })
	b.counted("dialed", func(r row) uint64 { return r.Dialed })
	b.counted("connected", func(r row) uint64 { return r.Connected })
	b.counted("failed", func(r row) uint64 { return r.Dialed - min(r.Connected, r.Dialed) })
	of := func(header string, n uint64) {
		b.column(Column{Header: header, Align: Right}, func(i int) string {
			if i < len(rows)-1 || c.InLoad == nil {
				return ""
			}
			return reports.FormatCount(n)
		})
	}
	of("lost or\ngiven up", c.Lost)
	of("retired", c.Retired)
	of("cut", c.Cut)
	of("images\nlost", c.LostImages)
	of("images\ndelayed", c.DelayedImages)
	b.column(Column{Header: "without one\nat the end", Align: Right}, func(i int) string {
		if i < len(rows)-1 {
			return ""
		}
		return reports.FormatCount(c.Vacant)
	})
	b.Title = "Connections"
	return b.Table
}

// connectionTimes is the table of how long connections took to get.
func connectionTimes(c *reports.Connections) Table {
	type row struct {
		when string
		reports.Phase
	}
	var rows []row
	for _, d := range []struct {
		when string
		of   *reports.Dialing
	}{{"before the load", c.Before}, {"in the load", c.InLoad}} {
		if d.of == nil {
			continue
		}
		when := d.when
		for _, phase := range d.of.Phases {
			rows = append(rows, row{when, phase})
			when = ""
		}
	}
	if c.Reconnects > 0 {
		rows = append(rows, row{"from one to the next", reports.Phase{Name: "reconnect", Samples: c.Reconnects, Time: c.Reconnect}})
	}
	b := newBuilder(rows)
	b.named("when", func(r row) string { return r.when })
	b.named("phase", func(r row) string { return r.Name })
	b.counted("samples", func(r row) uint64 { return r.Samples })
	b.percentiles(func(r row) reports.Latency { return r.Time })
	b.Title = "Connecting"
	return b.Table
}

// stretches is the table of a load whose clients came one by one.
func stretches(c reports.Cell) Table {
	if !c.Ramped() {
		return Table{}
	}
	b := newBuilder(c.Stretches)
	b.named("stretch", func(s reports.Stretch) string { return s.Name })
	b.column(Column{Header: "took", Unit: "s", Align: Right}, func(i int) string {
		return reports.FormatNumber(c.Stretches[i].Seconds)
	})
	scheduled := func(s reports.Stretch) *float64 { return s.ScheduledPerS }
	if slices.ContainsFunc(c.Stretches, func(s reports.Stretch) bool { return s.ScheduledPerS != nil }) {
		b.together(rates,
			part[reports.Stretch]{name: "scheduled", of: scheduled},
			part[reports.Stretch]{name: "achieved", of: func(s reports.Stretch) *float64 { return s.ImagesPerS }},
		)
	} else {
		b.scaled("images", rates, func(s reports.Stretch) *float64 { return s.ImagesPerS })
	}
	b.scaled("goodput", bandwidth, func(s reports.Stretch) *float64 { return s.GoodputBytesPerS })
	b.counted("images", func(s reports.Stretch) uint64 { return s.Images })
	response := func(s reports.Stretch) reports.Latency { return s.Response }
	b.together(duration, column("response\n", p50, response), column("response\n", p99, response), column("response\n", slowest, response))
	b.counted("errors", func(s reports.Stretch) uint64 { return s.ErrorCount })
	b.Title = "Ramp, steady state and drain"
	return b.Table
}

// gaps is the table of the stretches in which nothing went.
func gaps(c reports.Cell) Table {
	b := newBuilder(c.Gaps)
	known := slices.ContainsFunc(c.Gaps, func(g reports.Gap) bool { return g.Clients != nil })
	b.column(Column{Header: "began at", Unit: "s", Align: Right}, func(i int) string {
		return strconv.FormatFloat(c.Gaps[i].AtSeconds, 'f', 1, 64)
	})
	b.column(Column{Header: "lasted", Unit: "s", Align: Right}, func(i int) string {
		g := c.Gaps[i]
		least := strconv.FormatFloat(g.Seconds, 'f', 1, 64)
		if g.MostSeconds == nil {
			return "≥" + least
		}
		return least + " … " + strconv.FormatFloat(*g.MostSeconds, 'f', 1, 64)
	})
	if known {
		number := func(header string, of func(reports.Gap) *uint64) {
			b.column(Column{Header: header, Align: Right}, func(i int) string {
				if n := of(c.Gaps[i]); n != nil {
					return reports.FormatCount(*n)
				}
				return missing
			})
		}
		number("clients\nbefore", func(g reports.Gap) *uint64 { return g.Clients })
		number("fewest", func(g reports.Gap) *uint64 { return g.Fewest })
		b.column(Column{Header: "all back\nafter", Unit: "s", Align: Right}, func(i int) string {
			switch g := c.Gaps[i]; {
			case g.BackSeconds != nil:
				return strconv.FormatFloat(*g.BackSeconds, 'f', 1, 64)
			case g.Clients != nil:
				return "never"
			}
			return missing
		})
	}
	b.counted("errors", func(g reports.Gap) uint64 { return g.Failures })
	b.Title = "Gaps: nothing was verified though images were due"
	return b.Table
}
