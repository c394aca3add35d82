package capacity

import "time"

// Progress is how far a run is.
type Progress struct {
	Phase     string  // "connecting", "warming up", or record.Grow and so on: what is probed next
	Done      float64 // 0 to 1, of the time there is
	Remaining time.Duration
	Probes    int       // made so far
	Brackets  []Bracket // by mode, once there are probes
	Errors    uint64    // so far
}

// Bracket is what is known of a mode's capacity: it carries Low and fails at
// High, 0 where that is not known yet.
type Bracket struct {
	Mode      string
	Low, High float64
}

// report tells the progress.
func (c *capacity) report(phase string) {
	if c.settings.Progress == nil {
		return
	}
	spent := time.Since(c.began)
	p := Progress{
		Phase: phase, Probes: len(c.found.Probes), Errors: c.errors,
		Done: min(1, float64(spent)/float64(c.settings.TimeBudget)), Remaining: max(0, c.settings.TimeBudget-spent),
	}
	if len(c.found.Probes) > 0 {
		for _, h := range c.hunts {
			low, high := h.search.Bracket()
			p.Brackets = append(p.Brackets, Bracket{h.mode.String(), low, high})
		}
	}
	c.settings.Progress(p)
}
