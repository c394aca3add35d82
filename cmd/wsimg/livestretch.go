package main

import (
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/stats"
)

// stretch is what happened since the last line: some points as one. The zero
// value is empty.
type stretch struct {
	at, seconds                      float64
	scheduled, images, bytes, errors uint64
	generatorNs, targetNs            int64 // CPU
	targetSilent                     bool  // about one of the points, or more
	response, lateness               stats.Distribution
}

// add puts the next point behind what s holds.
func (s *stretch) add(p *record.Point) {
	s.at = p.AtSeconds
	s.seconds += p.Seconds
	s.scheduled += p.Scheduled
	s.images += p.Images
	s.bytes += p.Bytes
	for _, n := range p.Errors {
		s.errors += n
	}
	s.generatorNs += p.GeneratorCPUNs
	if p.TargetCPUNs != nil {
		s.targetNs += *p.TargetCPUNs
	} else {
		s.targetSilent = true
	}
	s.response = stats.Merge(s.response, bars(p.Response))
	s.lateness = stats.Merge(s.lateness, bars(p.Lateness))
}

// bars returns a histogram as the statistics take it.
func bars(h record.Histogram) stats.Distribution {
	if h.Empty() {
		return nil
	}
	decoded, err := h.Decode()
	if err != nil {
		return nil // what does not decode is no record.Histogram
	}
	var d stats.Distribution
	for _, bar := range decoded.Distribution() {
		if bar.Count > 0 {
			d = append(d, stats.Bar{Value: bar.To, Count: bar.Count})
		}
	}
	return d
}
