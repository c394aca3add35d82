package capacity

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/wsimg/wsimg/loadgen"
	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/search"
)

const (
	// fewestConfirmed is how many confirmations a mode has before the probes may
	// end by precision: an interval that may be looked at often has to be of
	// something.
	fewestConfirmed = 10
	// preciseTwice is how often in a row the ratios must have been precise.
	preciseTwice = 2
	// looks: what there is is looked at again when it has grown by an eighth, for a
	// look at hundreds of probes takes a second.
	looks = 8
)

// hunt is the search for one mode's capacity.
type hunt struct {
	mode    payload.Mode
	traffic *loadgen.Traffic
	search  *search.Search
	probes  []search.Probe

	outside  map[string]uint64 // what failed in the warm-up, until there is a cell to book it with
	examples map[string]record.Example

	took      time.Duration // what the last probe took, with everything about it
	disturbed bool          // the last probe failed in a disturbance, and is made again
}

// mostFirst is how many clients the first probe has at most.
const mostFirst = 1000

// begin begins the searches at a load. None is lower than what can be judged in
// the time there is: a probe that holds too few images can't be told, and the next
// lower load holds fewer.
func (c *capacity) begin(start float64) error {
	least := c.settings.judgeable()
	if c.settings.Find == record.FindClients {
		start, least = min(start, mostFirst), math.Ceil(least)
	}
	switch {
	case least > c.settings.Most:
		return fmt.Errorf("%w: the objectives take more images than a probe of %v at the highest load holds; raise --time-budget or --max, or ask for a lower percentile",
			ErrObjective, c.settings.longest().Round(time.Second/10))
	case least > c.settings.Least:
		c.found.Least = least
		c.note("Loads below %.4g were not tried: a probe of them, %v at the most, holds too few images to judge the objectives by. A larger --time-budget or a lower percentile has room for less.",
			least, c.settings.longest().Round(time.Second/10))
	}
	s := search.Settings{Least: c.found.Least, Most: c.settings.Most, Whole: c.settings.Find == record.FindClients}
	s.Start = min(max(start, s.Least), s.Most)
	if err := s.Validate(); err != nil {
		return err
	}
	for _, h := range c.hunts {
		h.search = search.New(s)
	}
	return nil
}

// probes has the modes take turns until the answer is known as precisely as was
// asked for, the time is used up, or there is nothing more to be told.
func (c *capacity) probes(ctx context.Context) error {
	precise, look := 0, 0
	for turn := 0; ; turn++ {
		order := slices.Clone(c.hunts)
		if turn%2 == 1 {
			slices.Reverse(order)
		}
		left := 0
		for place, h := range order {
			step, more := h.search.Next()
			if !more {
				continue
			}
			if time.Since(c.began)+h.expected(c.settings, step) > c.settings.TimeBudget && len(h.probes) > 0 {
				c.run.Ended = record.EndedTime
				return nil
			}
			left++
			if err := c.probe(ctx, h, step, turn, place); err != nil {
				return err
			}
		}
		switch {
		case left == 0:
			return nil
		case turn < look:
			continue
		}
		look = turn + max(1, turn/looks)
		if !c.precise() {
			precise = 0
			continue
		}
		if precise++; precise == preciseTwice {
			c.run.Ended = record.EndedPrecise
			return nil
		}
	}
}

// owe notes what failed outside of the probes.
func (h *hunt) owe(counts map[string]uint64, examples map[string]record.Example) {
	record.AddErrors(&h.outside, counts)
	if h.examples == nil {
		h.examples = make(map[string]record.Example)
	}
	for kind, e := range examples {
		if _, known := h.examples[kind]; !known {
			h.examples[kind] = e
		}
	}
}

// settle books what failed outside of the probes with a cell.
func (h *hunt) settle(cell *record.Cell) {
	record.AddErrors(&cell.WarmupErrors, h.outside)
	cell.Keep(h.examples, -1)
	h.outside, h.examples = nil, nil
}

// expected is what a probe will take, by what the last took.
func (h *hunt) expected(s Settings, step search.Step) time.Duration {
	length := s.length(step)
	if h.took == 0 {
		return length
	}
	return max(length, min(h.took, 2*length))
}

// precise reports whether the answers are as precise as was asked for: the
// ratios to the baseline, or the load of a single mode.
func (c *capacity) precise() bool {
	var baseline *hunt
	for _, h := range c.hunts {
		if search.Answered(h.probes).Confirmations < fewestConfirmed {
			return false
		}
		if h.mode == c.settings.Baseline && baseline == nil {
			baseline = h
		}
	}
	if len(c.hunts) == 1 {
		a := search.Answered(baseline.probes)
		return a.Interval != nil && (a.Interval.High-a.Interval.Low)/2 <= c.settings.Precision*a.Load
	}
	for _, h := range c.hunts {
		if h == baseline {
			continue
		}
		ratio, ok := search.Ratio(baseline.probes, h.probes)
		half, known := ratio.HalfWidth()
		if !ok || !known || half > c.settings.Precision {
			return false
		}
	}
	return true
}
