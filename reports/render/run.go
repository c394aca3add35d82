package render

import (
	"slices"
	"strconv"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/reports"
)

// runTables returns the tables of one load on one mode.
func runTables(r *reports.Report) []Table {
	var tables []Table
	for _, c := range r.Cells {
		tables = append(tables, runRates(c), stretches(c), runLatency(c), runCost(c))
		tables = append(tables, connectionTables(c)...)
		tables = append(tables, gaps(c), runErrors(c))
	}
	tables = append(tables, idleTables(r.Idle)...)
	return append(tables, overTime(r.Steps))
}

func runRates(c reports.Cell) Table {
	b := newBuilder([]reports.Cell{c})
	if c.Load == record.Open {
		threeRates(b)
	} else {
		b.scaled("images", rates, func(c reports.Cell) *float64 { return c.ImagesPerS })
	}
	b.scaled("goodput", bandwidth, func(c reports.Cell) *float64 { return c.GoodputBytesPerS })
	b.counted("images", func(c reports.Cell) uint64 { return c.Images })
	b.counted("no reply", func(c reports.Cell) uint64 { return c.Censored })
	b.counted("images\nfailed", func(c reports.Cell) uint64 { return c.FailedImages })
	if c.FailedAttempts+c.FailedConnections > 0 {
		b.counted("connections\nfailed", func(c reports.Cell) uint64 { return c.FailedAttempts + c.FailedConnections })
	}
	b.Title = "Rates"
	return b.Table
}

// namedLatency is one row of runLatency.
type namedLatency struct {
	name    string
	samples uint64
	reports.Latency
}

// runLatency is the table of response time and its parts. In a closed loop
// nothing waits, and what was not measured has no row.
func runLatency(c reports.Cell) Table {
	rows := slices.DeleteFunc([]namedLatency{
		{"response", c.ResponseSamples(), c.Response},
		{"service", c.Images, c.Service},
		{"wait", c.Images, c.Wait},
		{"lateness", c.Images, c.Lateness},
	}, func(l namedLatency) bool { return l.Max == nil })
	b := newBuilder(rows)
	b.named("time", func(l namedLatency) string { return l.name })
	b.counted("samples", func(l namedLatency) uint64 { return l.samples })
	b.percentiles(func(l namedLatency) reports.Latency { return l.Latency })
	b.Title = "Latency"
	return b.Table
}

func runCost(c reports.Cell) Table {
	b := newBuilder([]reports.Cell{c})
	b.scaled("target\nCPU", duration, func(c reports.Cell) *float64 { return c.TargetCPUUsPerImage })
	b.together(duration, generatorAndPacer()...)
	b.scaled("encoding\nmean", duration, func(c reports.Cell) *float64 { return c.EncodeUsPerImage })
	b.together(volume,
		part[reports.Cell]{name: "wire\nsent", of: func(c reports.Cell) *float64 { return c.WireBytesSentPerImage }},
		part[reports.Cell]{name: "wire\nreceived", of: func(c reports.Cell) *float64 { return c.WireBytesReceivedPerImage }},
	)
	b.Title = "Cost per image"
	return b.Table
}

// runErrors is the table of failures by kind, the most frequent first, and of
// the first of each: what it was stands in the footnotes. Where some took no
// image with them, it tells how many did.
func runErrors(c reports.Cell) Table {
	b := newBuilder(c.Failures)
	b.named("kind", reports.Failure.Title)
	b.counted("count", func(f reports.Failure) uint64 { return f.Count })
	if slices.ContainsFunc(c.Failures, func(f reports.Failure) bool { return f.InWarmup > 0 }) {
		b.counted("in the\nwarm-up", func(f reports.Failure) uint64 { return f.InWarmup })
	}
	if slices.ContainsFunc(c.Failures, func(f reports.Failure) bool { return f.NoImage > 0 }) {
		b.counted("images", reports.Failure.Images)
	}
	first := func(head Column, of func(record.Example) string) {
		told := slices.ContainsFunc(c.Failures, func(f reports.Failure) bool { return f.First != nil && of(*f.First) != "" })
		if !told {
			return
		}
		b.column(head, func(i int) string {
			if f := c.Failures[i]; f.First != nil {
				return of(*f.First)
			}
			return ""
		})
	}
	first(Column{Header: "first\nat", Unit: "s", Align: Right}, func(e record.Example) string {
		if e.AtSeconds <= 0 {
			return ""
		}
		return reports.FormatNumber(e.AtSeconds)
	})
	first(Column{Header: "first\nclient", Align: Right}, func(e record.Example) string { return strconv.Itoa(e.Client) })
	first(Column{Header: "first\nfrom"}, func(e record.Example) string { return e.Local })
	first(Column{Header: "first\nto"}, func(e record.Example) string { return e.Remote })
	b.Title = "Errors"
	return b.Table
}

// overTime is the table of a load's steps.
func overTime(steps []reports.Point) Table {
	b := newBuilder(steps)
	b.column(Column{Header: "until", Unit: "s", Align: Right}, func(i int) string {
		return strconv.FormatFloat(steps[i].AtSeconds, 'f', 0, 64)
	})
	if slices.ContainsFunc(steps, func(p reports.Point) bool { return p.ScheduledPerS != nil }) {
		b.scaled("scheduled", rates, func(p reports.Point) *float64 { return p.ScheduledPerS })
	}
	b.scaled("images", rates, func(p reports.Point) *float64 { return p.ImagesPerS })
	if changing(steps) {
		connectedClients(b) // in the place of what follows from images/s
	} else {
		b.scaled("goodput", bandwidth, func(p reports.Point) *float64 { return p.GoodputBytesPerS })
	}
	response := func(p reports.Point) reports.Latency { return p.Response }
	lateness := func(p reports.Point) reports.Latency { return p.Lateness }
	b.together(duration, column("response\n", p50, response), column("response\n", p99, response))
	b.together(duration, column("lateness\n", p99, lateness))
	b.counted("errors", func(p reports.Point) uint64 { return p.ErrorCount })
	b.share("target\nCPU", func(p reports.Point) *float64 { return p.TargetCPUShare })
	b.share("generator\nCPU", func(p reports.Point) *float64 { return p.GeneratorCPUShare })
	b.Title = "Over time: CPU is in per cent of one core"
	return b.Table
}

// changing reports whether the number of clients with a connection changes over
// time.
func changing(steps []reports.Point) bool {
	return slices.ContainsFunc(steps, func(p reports.Point) bool {
		first := steps[0].Connected
		return p.Connected != nil && (first == nil || *p.Connected != *first)
	})
}

// connectedClients adds how many clients had a connection at the instant when a
// step ended.
func connectedClients(b *builder[reports.Point]) {
	b.column(Column{Header: "clients\nat its end", Align: Right}, func(i int) string {
		if n := b.rows[i].Connected; n != nil {
			return reports.FormatCount(*n)
		}
		return missing
	})
}

// share adds a column of shares in per cent.
func (b *builder[R]) share(name string, of func(R) *float64) {
	s := scale{"%", 0.01}
	b.column(Column{Header: name, Unit: s.unit, Align: Right}, func(i int) string { return s.format(of(b.rows[i])) })
}
