package render

import (
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/reports"
)

// Tables returns the tables of r in the order they are printed.
func Tables(r *reports.Report) []Table {
	switch r.Kind() {
	case reports.OneLoad:
		return runTables(r)
	case reports.Search:
		return capacityTables(r)
	}
	closed, single, open := byLoad(r.Cells, record.Closed), byLoad(r.Cells, record.Single), byLoad(r.Cells, record.Open)
	return append([]Table{
		throughput(closed),
		latency("Response time at saturation ("+clients(closed)+"): clients ÷ throughput in other words", closed),
		latency("Unloaded latency ("+clients(single)+"): response time", single),
		latency(void(r, "Latency at equal load ("+clients(open)+", "+r.Settings.Arrivals+" arrivals): response time"), open),
		whereTimeWent(open),
		ratesAndCost(open),
		overhead(r),
	}, costs(r)...)
}

// void marks the title of a table of the open load when that is void.
func void(r *reports.Report, title string) string {
	if r.Verdict.Voids(record.Open) {
		return "VOID, see the verdict. " + title
	}
	return title
}

func byLoad(cells []reports.Cell, load string) []reports.Cell {
	var of []reports.Cell
	for _, c := range cells {
		if c.Load == load {
			of = append(of, c)
		}
	}
	return of
}

// clients names the number of clients of cells, which all have the same.
func clients(cells []reports.Cell) string {
	if len(cells) == 0 {
		return ""
	}
	if n := cells[0].Clients; n != 1 {
		return reports.FormatCount(uint64(n)) + " clients"
	}
	return "1 client"
}

// throughput is the table of rates and costs under a closed loop.
func throughput(cells []reports.Cell) Table {
	b := newBuilder(cells)
	identify(b)
	b.scaled("images", rates, func(c reports.Cell) *float64 { return c.ImagesPerS })
	b.scaled("goodput", bandwidth, func(c reports.Cell) *float64 { return c.GoodputBytesPerS })
	b.scaled("target\nCPU", duration, func(c reports.Cell) *float64 { return c.TargetCPUUsPerImage })
	b.scaled("generator\nCPU", duration, func(c reports.Cell) *float64 { return c.GeneratorCPUUsPerImage })
	b.scaled("wire\nsent", volume, func(c reports.Cell) *float64 { return c.WireBytesSentPerImage })
	b.scaled("wire\nreceived", volume, func(c reports.Cell) *float64 { return c.WireBytesReceivedPerImage })
	b.counted("errors", func(c reports.Cell) uint64 { return c.ErrorCount })
	b.Title = "Throughput and cost at saturation (closed loop, " + clients(cells) + "): CPU and wire bytes are per image"
	return b.Table
}

// latency is a table of response times; errors stand in the one table of a
// load in which there is room.
func latency(title string, cells []reports.Cell) Table {
	b := newBuilder(cells)
	identify(b)
	load := ""
	if len(cells) > 0 {
		load = cells[0].Load
	}
	if load == record.Open {
		b.scaled("requested", rates, func(c reports.Cell) *float64 { return c.RequestedPerS })
	}
	b.counted("samples", reports.Cell.ResponseSamples)
	b.percentiles(func(c reports.Cell) reports.Latency { return c.Response })
	if load != record.Closed {
		b.counted("errors", func(c reports.Cell) uint64 { return c.ErrorCount })
	}
	b.Title = title
	return b.Table
}

// whereTimeWent is the table of what response time is made of in an open load.
func whereTimeWent(cells []reports.Cell) Table {
	b := newBuilder(cells)
	identify(b)
	service := func(c reports.Cell) reports.Latency { return c.Service }
	wait := func(c reports.Cell) reports.Latency { return c.Wait }
	lateness := func(c reports.Cell) reports.Latency { return c.Lateness }
	b.together(duration,
		column("service\n", p50, service), column("service\n", p99, service),
		column("wait\n", p50, wait), column("wait\n", p99, wait),
		column("lateness\n", p50, lateness), column("lateness\n", p99, lateness),
		part[reports.Cell]{name: "encoding\nmean", of: func(c reports.Cell) *float64 { return c.EncodeUsPerImage }},
	)
	b.Title = "Where the time went at equal load"
	return b.Table
}

// ratesAndCost is the table of what became of an open load, and its costs.
func ratesAndCost(cells []reports.Cell) Table {
	b := newBuilder(cells)
	identify(b)
	threeRates(b)
	b.scaled("goodput", bandwidth, func(c reports.Cell) *float64 { return c.GoodputBytesPerS })
	b.scaled("target\nCPU", duration, func(c reports.Cell) *float64 { return c.TargetCPUUsPerImage })
	b.together(duration, generatorAndPacer()...)
	b.Title = "Rates and cost at equal load: CPU is per image"
	return b.Table
}

// threeRates adds what an open load asked for, what was due of it and what
// came back.
func threeRates(b *builder[reports.Cell]) {
	b.together(rates,
		part[reports.Cell]{name: "requested", of: func(c reports.Cell) *float64 { return c.RequestedPerS }},
		part[reports.Cell]{name: "scheduled", of: func(c reports.Cell) *float64 { return c.ScheduledPerS }},
		part[reports.Cell]{name: "achieved", of: func(c reports.Cell) *float64 { return c.AchievedPerS }},
	)
}

// generatorAndPacer is the generator's CPU: for its images, and for waiting.
func generatorAndPacer() []part[reports.Cell] {
	return []part[reports.Cell]{
		{name: "generator\nCPU", of: func(c reports.Cell) *float64 { return c.GeneratorCPUUsPerImage }},
		{name: "pacer\nCPU", of: func(c reports.Cell) *float64 { return c.PacerCPUUsPerImage }},
	}
}
