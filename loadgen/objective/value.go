package objective

import (
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/stats"
)

// Value is what a metric came to over a whole block, in seconds or as a share.
type Value struct {
	Value   float64
	Known   bool // else the block can't support it
	AtLeast bool // some images were given up: it is a lower bound
}

// Measure returns the value of an objective's metric, for printing: it has no
// bounds, and does not decide. The error is of a histogram that does not decode.
func Measure(o Objective, s *record.Sample) (Value, error) {
	m, ok := find(o.Metric)
	switch {
	case !ok:
		return Value{}, nil
	case m.timed():
		return m.time(s)
	}
	part := m.share(s)
	if part.Over <= 0 {
		return Value{}, nil
	}
	return Value{Value: part.Amount / part.Over, Known: true}, nil
}

// share is the part and the whole of a metric that is one.
func (m metric) share(s *record.Sample) stats.Total {
	switch m.of {
	case errors:
		var failed float64
		for kind, n := range s.Errors {
			failed += float64(n - min(n, s.ConnectionErrors[kind]))
		}
		return stats.Total{Amount: failed, Over: failed + float64(s.BlockImages)}
	case achieved:
		return stats.Total{Amount: s.Credit, Over: float64(s.Scheduled)}
	}
	var sum stats.Total
	if w, err := window(s); err == nil {
		for _, p := range w.cpu(m.of) {
			sum.Amount += p.Amount
			sum.Over += p.Over
		}
	}
	return sum
}

// time is a percentile of a block.
func (m metric) time(s *record.Sample) (Value, error) {
	h := s.Response
	switch m.of {
	case service:
		h = s.Service
	case wait:
		h = s.Wait
	case lateness:
		h = s.Lateness
	case connect:
		if s.Connections == nil {
			return Value{}, nil
		}
		h = s.Connections.Connect
	}
	bars, err := h.Bars()
	if err != nil {
		return Value{}, err
	}
	var d stats.Distribution
	for value, count := range bars {
		d = append(d, stats.Bar{Value: value, Count: count})
	}
	ns, known := d.Max()
	if m.q < 1 {
		ns, known = d.Quantile(m.q)
	}
	least := known && m.of == response && s.Censored > 0 && ns >= s.CensoredFromNs
	return Value{float64(ns) / 1e9, known, least}, nil
}
