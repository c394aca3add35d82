package render

import (
	"strconv"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/reports"
)

// Tables returns the tables of r in the order they are printed.
func Tables(r *reports.Report) []Table {
	closed, single := byLoad(r.Cells, record.Closed), byLoad(r.Cells, record.Single)
	return []Table{
		throughput(closed),
		latency("Response time at saturation ("+clients(closed)+"): clients ÷ throughput in other words", closed),
		latency("Unloaded latency ("+clients(single)+"): response time", single),
		overhead(r),
	}
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
		return strconv.Itoa(n) + " clients"
	}
	return "1 client"
}

// throughput is the table of rates and costs under a closed loop.
func throughput(cells []reports.Cell) Table {
	b := newBuilder(cells)
	b.identify()
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

// latency is a table of response times.
func latency(title string, cells []reports.Cell) Table {
	b := newBuilder(cells)
	b.identify()
	b.counted("samples", func(c reports.Cell) uint64 { return c.Images })
	b.together(duration,
		part{"p50", func(c reports.Cell) *float64 { return c.Response.P50 }},
		part{"p90", func(c reports.Cell) *float64 { return c.Response.P90 }},
		part{"p99", func(c reports.Cell) *float64 { return c.Response.P99 }},
		part{"p99.9", func(c reports.Cell) *float64 { return c.Response.P999 }},
		part{"max", func(c reports.Cell) *float64 { return c.Response.Max }},
	)
	if len(cells) > 0 && cells[0].Load == record.Single {
		b.counted("errors", func(c reports.Cell) uint64 { return c.ErrorCount })
	}
	b.Title = title
	return b.Table
}
