package reports

import (
	"fmt"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/stats"
)

// measurement is a recorded cell with its histograms decoded.
type measurement struct {
	*record.Cell
	blocks []block
}

// block is one sample.
type block struct {
	*record.Sample
	response stats.Distribution
	service  stats.Distribution
	wait     stats.Distribution
	lateness stats.Distribution
}

func measure(c *record.Cell) (*measurement, error) {
	m := &measurement{Cell: c, blocks: make([]block, len(c.Samples))}
	for i := range c.Samples {
		s := &c.Samples[i]
		b := block{Sample: s}
		for _, h := range []struct {
			from record.Histogram
			to   *stats.Distribution
		}{{s.Response, &b.response}, {s.Service, &b.service}, {s.Wait, &b.wait}, {s.Lateness, &b.lateness}} {
			d, err := distribution(h.from)
			if err != nil {
				return nil, fmt.Errorf("read %s at %s, round %d: %w", c.Mode, FormatSize(c.SizeBytes), s.Round, err)
			}
			*h.to = d
		}
		m.blocks[i] = b
	}
	return m, nil
}

// distribution takes each bucket at its highest value, as HDR tools do.
func distribution(h record.Histogram) (stats.Distribution, error) {
	bars, err := h.Bars()
	if err != nil {
		return nil, err
	}
	var d stats.Distribution
	for value, count := range bars {
		d = append(d, stats.Bar{Value: value, Count: count})
	}
	return d, nil
}

// estimates yields the blocks that enter estimates.
func (m *measurement) estimates(yield func(block) bool) {
	for _, b := range m.blocks {
		if !b.Repeated && !yield(b) {
			return
		}
	}
}

// merged returns the estimates' blocks' histograms as one.
func (m *measurement) merged(of func(block) stats.Distribution) stats.Distribution {
	var ds []stats.Distribution
	for b := range m.estimates {
		ds = append(ds, of(b))
	}
	return stats.Merge(ds...)
}

// total sums one of the estimates' blocks' totals, over those that have it.
func (m *measurement) total(of func(block) (stats.Total, bool)) stats.Total {
	var sum stats.Total
	for b := range m.estimates {
		if t, ok := of(b); ok {
			sum.Amount += t.Amount
			sum.Over += t.Over
		}
	}
	return sum
}

// The totals that rates and costs are made of. Each tells whether the block
// has it: a window that opened, a side channel, images to spread a cost over.

func imagesPerSecond(b block) (stats.Total, bool) {
	return stats.Total{Amount: b.Credit, Over: b.Seconds}, b.Seconds > 0
}

func bytesPerSecond(b block) (stats.Total, bool) {
	return stats.Total{Amount: b.CreditBytes, Over: b.Seconds}, b.Seconds > 0
}

func scheduledPerSecond(b block) (stats.Total, bool) {
	return stats.Total{Amount: float64(b.Scheduled), Over: b.Seconds}, b.Seconds > 0
}

func encoding(b block) (stats.Total, bool) { return perImage(b, float64(b.EncodeNs)/1e3) }

// pacerCPU is unknown where it is nothing: waiting always costs something.
func pacerCPU(b block) (stats.Total, bool) {
	if b.PacerCPUNs == 0 {
		return stats.Total{}, false
	}
	return perImage(b, float64(b.PacerCPUNs)/1e3)
}

func generatorCPU(b block) (stats.Total, bool) { return perImage(b, float64(b.GeneratorCPUNs)/1e3) }

func targetCPU(b block) (stats.Total, bool) {
	if b.TargetCPUNs == nil {
		return stats.Total{}, false
	}
	return perImage(b, float64(*b.TargetCPUNs)/1e3)
}

func bytesSent(b block) (stats.Total, bool)     { return perImage(b, float64(b.WireSentBytes)) }
func bytesReceived(b block) (stats.Total, bool) { return perImage(b, float64(b.WireReceivedBytes)) }

func bytesBothWays(b block) (stats.Total, bool) {
	return perImage(b, float64(b.WireSentBytes+b.WireReceivedBytes))
}

func bytesPerRawByte(b block) (stats.Total, bool) {
	return stats.Total{Amount: float64(b.WireSentBytes + b.WireReceivedBytes), Over: float64(b.BlockBytes)}, b.BlockBytes > 0
}

func rawBytes(b block) (stats.Total, bool) { return perImage(b, float64(b.BlockBytes)) }

func perImage(b block, amount float64) (stats.Total, bool) {
	return stats.Total{Amount: amount, Over: float64(b.BlockImages)}, b.BlockImages > 0
}
