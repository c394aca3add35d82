package objective

import (
	"fmt"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/stats"
)

// span is the part of a block that is judged: the points of its window, and what
// came behind it.
type span struct {
	sample *record.Sample
	before []record.Point // in a ramp, or ramp-in
	points []record.Point
	drain  []record.Point
}

// window returns the span of a block, whose points may begin before the window
// and end behind it. A point belongs to it by its middle: the instants are those
// of the points' making, some milliseconds off.
func window(s *record.Sample) (span, error) {
	w := span{sample: s}
	if len(s.Series) == 0 {
		return w, fmt.Errorf("a block without a series can't be judged: measure it in sub-windows")
	}
	closes := s.Series[len(s.Series)-1].AtSeconds
	if s.Drain != nil {
		closes -= s.Drain.Seconds
	}
	opens := closes - s.Seconds
	for _, p := range s.Series {
		switch middle := p.AtSeconds - p.Seconds/2; {
		case middle < opens:
			w.before = append(w.before, p)
		case middle < closes:
			w.points = append(w.points, p)
		default:
			w.drain = append(w.drain, p)
		}
	}
	return w, nil
}

// failed is how many images failed in a point. A point does not tell them from
// connections that failed: of each kind as many are taken for images as in the
// whole block.
func (w span) failed(p *record.Point) float64 {
	sum := 0.0
	for kind, n := range p.Errors {
		images := 1.0
		if all := w.sample.Errors[kind]; all > 0 {
			images -= float64(w.sample.ConnectionErrors[kind]) / float64(all)
		}
		sum += float64(n) * images
	}
	return sum
}

// parts returns what each sub-window counts, what came behind the window with the
// last.
func (w span) parts(count func(p *record.Point) (stats.Total, error)) ([]stats.Total, error) {
	parts := make([]stats.Total, max(1, len(w.points)))
	for i, p := range append(w.points[:len(w.points):len(w.points)], w.drain...) {
		t, err := count(&p)
		if err != nil {
			return nil, err
		}
		into := &parts[min(i, len(parts)-1)]
		into.Amount += t.Amount
		into.Over += t.Over
	}
	return parts, nil
}

// failures returns how many images failed in each sub-window, of all that came to
// an end in it.
func (w span) failures() ([]stats.Total, error) {
	return w.parts(func(p *record.Point) (stats.Total, error) {
		n := w.failed(p)
		return stats.Total{Amount: n, Over: n + float64(p.Images)}, nil
	})
}

// slow returns how many images took as long as the limit, or longer, in each
// sub-window. One that failed took longer, whatever the time, but for lateness:
// that is of images that were sent.
func (w span) slow(m metric, limit float64) ([]stats.Total, error) {
	ns := nanoseconds(limit)
	return w.parts(func(p *record.Point) (stats.Total, error) {
		var t stats.Total
		if m.of != lateness {
			t.Amount = w.failed(p)
		}
		t.Over = t.Amount
		h := m.histogram(p)
		if h.Empty() && p.Images > 0 {
			return t, fmt.Errorf("%s can't be judged: the points of this run do not tell it, for its wsimg was too old", m.Name)
		}
		bars, err := h.Bars()
		if err != nil {
			return t, err
		}
		for value, n := range bars {
			t.Over += float64(n)
			if value >= ns {
				t.Amount += float64(n)
			}
		}
		return t, nil
	})
}

// histogram is where a point has the metric.
func (m metric) histogram(p *record.Point) record.Histogram {
	switch m.of {
	case service:
		return p.Service
	case wait:
		return p.Wait
	case lateness:
		return p.Lateness
	}
	return p.Response
}

// cpu returns the CPU time of each sub-window in which it is known, in seconds
// over seconds.
func (w span) cpu(of family) []stats.Total {
	var parts []stats.Total
	for _, p := range w.points {
		ns := &p.GeneratorCPUNs
		if of == targetCPU {
			ns = p.TargetCPUNs
		}
		if ns != nil {
			parts = append(parts, stats.Total{Amount: float64(*ns) / 1e9, Over: p.Seconds})
		}
	}
	return parts
}

// undone returns how much of what had been due was not verified, over what had
// been due, both counted from the opening of the window, there and after each
// sub-window.
func (w span) undone() []stats.Total {
	points := make([]stats.Total, 1, len(w.points)+1)
	var sum stats.Total
	for _, p := range w.points {
		sum.Amount += float64(p.Scheduled) - float64(p.Images)
		sum.Over += float64(p.Scheduled)
		points = append(points, sum)
	}
	return points
}
