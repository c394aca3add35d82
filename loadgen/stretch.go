package loadgen

import (
	"maps"
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
}

// stretch is what record.Stretch tells.
type stretch struct {
	mu       sync.Mutex
	images   uint64
	bytes    uint64
	response *hdrhistogram.Histogram
}

func newEdges(w *window) *edges {
	return &edges{window: w, ramp: stretch{response: record.NewHistogram()}, drain: stretch{response: record.NewHistogram()}}
}

// add takes a round trip to the edge that it belongs to, if any: it was due
// before the window, or verified behind it.
func (e *edges) add(t *roundTrip) {
	switch {
	case e.window.over(t.verified):
		e.drain.add(t)
	case e.window.early(t.due):
		e.ramp.add(t)
	}
}

func (s *stretch) add(t *roundTrip) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.images++
	s.bytes += uint64(t.bytes)
	_ = s.response.RecordValue(min(max(t.end-t.due, 0), int64(record.Highest))) // within the range
}

// freeze returns the stretch; its errors are all of a block less those before.
func (s *stretch) freeze(seconds float64, all, before map[string]uint64) (*record.Stretch, error) {
	h, err := record.Encode(s.response)
	if err != nil {
		return nil, err
	}
	return &record.Stretch{
		Seconds: max(0, seconds), Images: s.images, Bytes: s.bytes, Response: h, Errors: less(all, before),
	}, nil
}

// less returns a − b, without what is 0.
func less(a, b map[string]uint64) map[string]uint64 {
	var rest map[string]uint64
	for kind, n := range a {
		if n > b[kind] {
			if rest == nil {
				rest = make(map[string]uint64)
			}
			rest[kind] = n - b[kind]
		}
	}
	return rest
}

// sofar returns what was counted since the last take.
func (f *failures) sofar() map[string]uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return maps.Clone(f.counts)
}

// tell puts the edges of the block that has drained into its sample.
func (d *drive) tell(sample *record.Sample, s Block) (err error) {
	b, now := d.block, d.fleet.clock.now()
	stop := b.window.stop.Load()
	if s.Ramp > 0 {
		before := d.before
		if !d.ramped { // it was interrupted
			before = d.within
		}
		if sample.Ramp, err = b.edges.ramp.freeze(seconds(min(b.window.opened.Load(), stop)-b.start), before, nil); err != nil {
			return err
		}
		sample.Ramp.Scheduled = b.early
	}
	if s.Watch != nil {
		sample.Drain, err = b.edges.drain.freeze(seconds(now-stop), d.fleet.failures.sofar(), d.within)
	}
	return err
}

func seconds(ns int64) float64 { return time.Duration(ns).Seconds() }
