package main

import (
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/stats"
	"github.com/wsimg/wsimg/reports"
)

// stretch is what happened since the last line: some points as one. The zero
// value is empty.
type stretch struct {
	at, seconds                      float64
	scheduled, images, bytes, errors uint64
	generatorNs, targetNs            int64 // CPU
	targetSilent                     bool  // about one of the points, or more
	response, lateness               stats.Distribution
	connected                        span    // clients
	vacant                           bool    // some of them were without a connection
	silent                           float64 // seconds in which nothing came back of what was due
}

// add puts the next point behind what s holds. It is about so many clients.
func (s *stretch) add(p *record.Point, clients int) {
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
	if p.Connected != nil {
		s.connected.add(*p.Connected)
		s.vacant = s.vacant || *p.Connected < uint64(clients)
	}
	if nobody := p.Connected != nil && *p.Connected == 0; p.Images == 0 && (p.Scheduled > 0 || nobody) {
		s.silent += p.Seconds
	}
	s.response = stats.Merge(s.response, bars(p.Response))
	s.lateness = stats.Merge(s.lateness, bars(p.Lateness))
}

// span is the least and the most of some counts. The zero value is of none.
type span struct {
	least, most uint64
	known       bool
}

// add has s hold n too.
func (s *span) add(n uint64) {
	if !s.known {
		*s = span{n, n, true}
	}
	s.least, s.most = min(s.least, n), max(s.most, n)
}

// String is one count, or two.
func (s span) String() string {
	switch {
	case !s.known:
		return unknown
	case s.least == s.most:
		return reports.FormatCount(s.most)
	default:
		return reports.FormatCount(s.least) + "–" + reports.FormatCount(s.most)
	}
}

// bars returns a histogram as the statistics take it.
func bars(h record.Histogram) (d stats.Distribution) {
	all, err := h.Bars()
	if err != nil {
		return nil // what does not decode is no record.Histogram
	}
	for value, count := range all {
		d = append(d, stats.Bar{Value: value, Count: count})
	}
	return d
}
