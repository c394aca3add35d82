package loadgen

import (
	"maps"
	"time"

	"github.com/wsimg/wsimg/loadgen/record"
)

// series is a block step by step. When it is full its steps are merged two by
// two, so it takes the same memory for an hour as for a week.
type series struct {
	points []record.Point
	merged int // steps in a point
	last   record.Point
	steps  int // in last
}

// add takes the next step.
func (s *series) add(p record.Point) error {
	if s.merged == 0 {
		s.merged = 1
	}
	if s.steps == 0 {
		s.last = p
	} else if err := join(&s.last, p); err != nil {
		return err
	}
	if s.steps++; s.steps < s.merged {
		return nil
	}
	s.points = append(s.points, s.last)
	s.steps = 0
	if len(s.points) < record.MaxPoints {
		return nil
	}
	half := s.points[:0]
	for i := 0; i+1 < len(s.points); i += 2 {
		p := s.points[i]
		if err := join(&p, s.points[i+1]); err != nil {
			return err
		}
		half = append(half, p)
	}
	clear(s.points[len(half):])
	s.points = half
	s.merged *= 2
	return nil
}

// end takes the last step, which may be shorter. A sliver of less than half of
// the others would have a rate of its own to no use: it joins the one before.
func (s *series) end(p record.Point, every time.Duration) error {
	short := p.Seconds < every.Seconds()/2
	switch n := len(s.points); {
	case short && s.steps > 0:
		return join(&s.last, p)
	case short && n > 0:
		return join(&s.points[n-1], p)
	}
	return s.add(p)
}

// all returns the points.
func (s *series) all() []record.Point {
	if s.steps > 0 {
		s.points = append(s.points, s.last)
		s.steps = 0
	}
	return s.points
}

// join adds the step after p to p.
func join(p *record.Point, next record.Point) error {
	p.AtSeconds = next.AtSeconds
	p.Seconds += next.Seconds
	p.Scheduled += next.Scheduled
	p.Images += next.Images
	p.Bytes += next.Bytes
	p.GeneratorCPUNs += next.GeneratorCPUNs
	p.Connected = next.Connected
	p.Dialed += next.Dialed
	p.Lost += next.Lost
	if p.TargetCPUNs != nil && next.TargetCPUNs != nil {
		both := *p.TargetCPUNs + *next.TargetCPUNs
		p.TargetCPUNs = &both
	} else {
		p.TargetCPUNs = nil
	}
	if len(next.Errors) > 0 {
		sum := maps.Clone(p.Errors)
		if sum == nil {
			sum = make(map[string]uint64)
		}
		for kind, n := range next.Errors {
			sum[kind] += n
		}
		p.Errors = sum
	}
	more := latencies(&next)
	for i, h := range latencies(p) {
		sum, err := h.Plus(*more[i])
		if err != nil {
			return err
		}
		*h = sum
	}
	return nil
}

// latencies are the histograms of a step, in the order of histograms.all.
func latencies(p *record.Point) [4]*record.Histogram {
	return [4]*record.Histogram{&p.Response, &p.Service, &p.Wait, &p.Lateness}
}

// watcher cuts a block into the steps of its series.
type watcher struct {
	block    *block
	fleet    *Fleet
	failures *failures
	clock    clock
	show     func(*record.Point)
	enough   func(*record.Point) bool // nil: never
	every    time.Duration
	step     *histograms
	series   series

	last     int64 // instant
	lastCPU  int64
	dialed   uint64 // until then
	lost     uint64
	generate func() int64 // the generator's CPU so far, pacing aside
}

func newWatcher(b *block, f *Fleet, s Block, cpu func() int64) *watcher {
	return &watcher{block: b, fleet: f, failures: &f.failures, clock: f.clock, show: s.Watch, enough: s.Enough, every: s.Every, step: newHistograms(),
		last: f.clock.now(), lastCPU: cpu(), generate: cpu}
}

// look ends a step and reports whether the window is to close with it, which
// nobody is asked once it has.
func (w *watcher) look() (enough bool, err error) {
	p, err := w.cut(w.failures.since(), w.fleet.book.dialed.Load(), w.fleet.book.lost.Load())
	if err != nil {
		return false, err
	}
	enough = w.enough != nil && !w.block.window.over(w.last) && w.enough(&p)
	return enough, w.series.add(p)
}

// end ends the last step, with what was counted of the block since the one
// before, and of connections in all of it.
func (w *watcher) end(errors map[string]uint64, dialed, lost uint64) error {
	p, err := w.cut(errors, dialed, lost)
	if err != nil {
		return err
	}
	return w.series.end(p, w.every)
}

// cut returns what happened since the last step: these failures, and what was
// dialed and lost since the block began less what was until then.
func (w *watcher) cut(errors map[string]uint64, dialed, lost uint64) (record.Point, error) {
	now, cpu := w.clock.now(), w.generate()
	sum := w.block.recorder.step(w.step)
	w.block.edges.step(w.step)
	p := record.Point{
		AtSeconds:      time.Duration(now - w.block.start).Seconds(),
		Seconds:        time.Duration(now - w.last).Seconds(),
		Scheduled:      w.block.scheduled(now),
		Images:         sum.blockImages,
		Bytes:          sum.blockBytes,
		Errors:         errors,
		GeneratorCPUNs: cpu - w.lastCPU,
	}
	w.last, w.lastCPU = now, cpu
	connected := uint64(w.fleet.Connected())
	p.Connected, p.Dialed, p.Lost = &connected, dialed-w.dialed, lost-w.lost
	w.dialed, w.lost = dialed, lost
	frozen := latencies(&p)
	for i, h := range w.step.all() {
		var err error
		if *frozen[i], err = record.Encode(h); err != nil {
			return p, err
		}
		h.Reset()
	}
	w.show(&p)
	return p, nil
}
