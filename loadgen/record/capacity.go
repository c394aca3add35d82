package record

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// What a search for capacity varies.
const (
	FindRate    = "rate"    // images a second of an open load
	FindClients = "clients" // clients, each at a pace of its own
)

// The phases of a search, in their order.
const (
	Grow    = "grow"    // twice the load each time, until it is too much
	Bisect  = "bisect"  // halving the bracket, by its logarithm
	Confirm = "confirm" // longer probes about the edge, which the answer is made of
)

// The verdicts on a probe.
const (
	Pass         = "pass"         // all objectives were met
	Fail         = "fail"         // at least one was not
	Inconclusive = "inconclusive" // neither can be told
)

// Disturbed is what Probe.Decided says of a probe that failed while something else
// kept the machine busy. It is inconclusive, was made again at once, and tells the
// search nothing.
const Disturbed = "disturbance"

// Capacity is a search for the highest load that meets objectives, probe by
// probe, mode by mode. What was measured in a probe is a sample of the cell with
// its mode and load: the one whose Round is the probe's.
type Capacity struct {
	Find string `json:"find"` // FindRate or FindClients
	// PerClientPerS is the pace of a client in images a second, where clients are
	// searched for in an open load; their think time is in Settings otherwise.
	PerClientPerS float64 `json:"per_client_per_s,omitempty"`
	// Objectives are all to be met, as objective.Objective writes them.
	Objectives []string `json:"objectives"`
	// Least and Most bound the loads that were to be tried.
	Least  float64 `json:"least"`
	Most   float64 `json:"most"`
	Probes []Probe `json:"probes"` // in the order they were made
	// Memory is what connections cost the target; nil: not known.
	Memory *Footprint `json:"memory,omitempty"`
}

// Probe is one load put on the target with one mode, and what came of it.
type Probe struct {
	Round   int     `json:"round"` // of its sample; no two probes of a run have the same
	Mode    string  `json:"mode"`
	Load    float64 `json:"load"` // images a second or clients, by Capacity.Find
	Phase   string  `json:"phase"`
	Verdict string  `json:"verdict"`
	// Decided is what the verdict rests on: the objective that was missed, or that
	// could not be told; empty where all were met. "backlog" is a load of which
	// more and more was left undone, "connections" one whose clients did not all
	// get one, and Disturbed one that is not judged.
	Decided string `json:"decided,omitempty"`
	// Stopped marks a probe that was ended early, for its backlog grew.
	Stopped bool `json:"stopped,omitempty"`
	// TargetResidentBytes is the target's resident memory at the end of the probe,
	// before its connections were closed; nil: not known.
	TargetResidentBytes *uint64 `json:"target_resident_bytes,omitempty"`
}

// Footprint is the target's resident memory without connections, and with idle
// ones.
type Footprint struct {
	Connections int    `json:"connections"` // that were opened for it
	BaseBytes   uint64 `json:"base_bytes"`  // before
	WithBytes   uint64 `json:"with_bytes"`  // with all of them
}

// Probed returns what a probe measured, and the cell it belongs to; nil if the
// run does not hold it.
func (r *Run) Probed(p Probe) (*Cell, *Sample) {
	for i := range r.Cells {
		c := &r.Cells[i]
		if c.Mode != p.Mode {
			continue
		}
		for k := range c.Samples {
			if c.Samples[k].Round == p.Round {
				return c, &c.Samples[k]
			}
		}
	}
	return nil, nil
}

// The words that a search may hold.
var (
	finds    = [...]string{FindRate, FindClients}
	phases   = [...]string{Grow, Bisect, Confirm}
	verdicts = [...]string{Pass, Fail, Inconclusive}
)

// check returns what can't be of a search with modes.
func (c *Capacity) check(r *Run) error {
	if (c == nil) != (r.Settings.Command != "capacity") {
		return fmt.Errorf("capacity goes with settings.command capacity, and that is %q", r.Settings.Command)
	}
	if c == nil {
		return nil
	}
	if !slices.Contains(finds[:], c.Find) {
		return fmt.Errorf("find is %q, want one of %s", c.Find, strings.Join(finds[:], ", "))
	}
	seen := make(map[int]bool, len(c.Probes))
	for i, p := range c.Probes {
		var fault error
		switch {
		case !slices.Contains(phases[:], p.Phase):
			fault = fmt.Errorf("phase is %q, want one of %s", p.Phase, strings.Join(phases[:], ", "))
		case !slices.Contains(verdicts[:], p.Verdict):
			fault = fmt.Errorf("verdict is %q, want one of %s", p.Verdict, strings.Join(verdicts[:], ", "))
		case !(p.Load > 0):
			fault = fmt.Errorf("load is %g, want more than 0", p.Load)
		case seen[p.Round]:
			fault = fmt.Errorf("round is %d, as that of a probe before it", p.Round)
		}
		if _, sample := r.Probed(p); fault == nil && sample == nil {
			fault = fmt.Errorf("round %d of mode %q is in no cell", p.Round, p.Mode)
		}
		if fault != nil {
			return within(fmt.Sprintf("probes[%d]", i), fault)
		}
		seen[p.Round] = true
	}
	return checkNumbers(reflect.ValueOf(c).Elem())
}
