package loadgen

import (
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/wsimg/wsimg/loadgen/record"
)

// edges is what happens in a block before its window and behind it. Safe for
// concurrent use: the traffic of the edges goes through one lock.
type edges struct {
	window *window
	ramp   stretch
	drain  stretch

	mu    sync.Mutex
	early *histograms // of what was due before the window, since the last step: the recorder has only what was due in it
}

// stretch is what record.Stretch tells.
type stretch struct {
	mu       sync.Mutex
	images   uint64
	bytes    uint64
	within   record.Verified
	response *hdrhistogram.Histogram
}

func newEdges(w *window) *edges {
	return &edges{
		window: w, ramp: stretch{response: record.NewHistogram()}, drain: stretch{response: record.NewHistogram()},
		early: newHistograms(),
	}
}

// add takes a round trip to the edge that it belongs to, if any: it was due
// before the window, or verified behind it.
func (e *edges) add(t *roundTrip) {
	early := e.window.early(t.due)
	if early {
		e.mu.Lock()
		note(e.early.response, t.end-t.due)
		note(e.early.service, t.end-t.start)
		note(e.early.wait, t.ready-t.due)
		note(e.early.lateness, t.late())
		e.mu.Unlock()
	}
	switch {
	case e.window.over(t.verified):
		e.drain.add(t, true)
	case early:
		e.ramp.add(t, e.window.early(t.verified))
	}
}

// step moves what was due before the window since it was last called into a
// step.
func (e *edges) step(into *histograms) {
	e.mu.Lock()
	defer e.mu.Unlock()
	into.drain(e.early)
}

// note records ns, at the edge of the range when it lies outside.
func note(h *hdrhistogram.Histogram, ns int64) {
	_ = h.RecordValue(min(max(ns, 0), int64(record.Highest))) // cannot fail within the range
}

// add takes a round trip that belongs to the stretch, and was verified within it
// or not.
func (s *stretch) add(t *roundTrip, within bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.images++
	s.bytes += uint64(t.bytes)
	if within {
		s.within.Images++
		s.within.Bytes += uint64(t.bytes)
	}
	note(s.response, t.end-t.due)
}

// freeze returns the stretch, with the errors that belong to it.
func (s *stretch) freeze(seconds float64, errors map[string]uint64) (*record.Stretch, error) {
	h, err := record.Encode(s.response)
	if err != nil {
		return nil, err
	}
	within := s.within
	return &record.Stretch{
		Seconds: max(0, seconds), Images: s.images, Bytes: s.bytes, Within: &within, Response: h, Errors: errors,
	}, nil
}

// tell puts the edges of the block that has drained into its sample, if they
// were wanted.
func (d *drive) tell(sample *record.Sample, s Block, failed failed) (err error) {
	b, now := d.block, d.fleet.clock.now()
	stop := b.window.stop.Load()
	if b.edges == nil {
		return nil
	}
	if s.Ramp > 0 {
		if sample.Ramp, err = b.edges.ramp.freeze(seconds(min(b.window.opened.Load(), stop)-b.start), failed.before); err != nil {
			return err
		}
		sample.Ramp.Scheduled = b.early
	}
	if s.Watch != nil {
		sample.Drain, err = b.edges.drain.freeze(seconds(now-stop), failed.behind)
	}
	return err
}

func seconds(ns int64) float64 { return time.Duration(ns).Seconds() }
