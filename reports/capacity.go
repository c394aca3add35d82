package reports

import (
	"cmp"
	"slices"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/search"
	"github.com/wsimg/wsimg/loadgen/stats"
	"github.com/wsimg/wsimg/loadgen/verdict"
)

// Capacity is what a search for the highest load that meets objectives found.
type Capacity struct {
	Find          string           `json:"find"`                       // "rate" or "clients"
	PerClientPerS float64          `json:"per_client_per_s,omitempty"` // the pace of a client, where clients are found in an open load
	Objectives    []string         `json:"objectives"`
	Answers       []CapacityAnswer `json:"answers"` // by mode, the baseline's first
	Ratios        []CapacityRatio  `json:"ratios"`  // the baseline to each other mode
	Loads         []TriedLoad      `json:"loads"`   // by mode, the baseline's first, and load
	Probes        []Probe          `json:"probes"`  // in the order they were made

	// What connections cost the target, in bytes; nil: not known.
	BaseBytes          *float64 `json:"target_base_bytes"`           // without any
	BytesPerConnection *float64 `json:"target_bytes_per_connection"` // idle
	MemoryConnections  int      `json:"memory_connections"`          // that were opened to tell
}

// CapacityAnswer is the highest load of one mode that meets all objectives.
type CapacityAnswer struct {
	Mode string `json:"mode"`
	// Load is in images/s or clients, by Capacity.Find; nil: not known. Low and
	// High are its 95 % interval; nil: too few confirmations.
	Load          *float64 `json:"load"`
	Low           *float64 `json:"low"`
	High          *float64 `json:"high"`
	Confirmations int      `json:"confirmations"`
	Passed        *float64 `json:"highest_passed"` // the bracket
	Failed        *float64 `json:"lowest_failed"`
	Unmet         bool     `json:"unmet,omitempty"`     // the least load that was to be tried failed
	Unbounded     bool     `json:"unbounded,omitempty"` // the highest that was to be tried passed
	Decided       string   `json:"decided,omitempty"`   // what fails first above it: an objective's metric, or "backlog"
	Probes        int      `json:"probes"`

	// At the loads that were confirmed and passed: totals, and histograms merged.
	// Where none was confirmed, at the highest load that passed.
	ImagesPerS          *float64 `json:"images_per_s"`        // for Load, in images: itself, or by clients
	AchievedPerS        *float64 `json:"achieved_per_s"`      // images
	GoodputBytesPerS    *float64 `json:"goodput_bytes_per_s"` // raw image bytes, one direction
	Samples             uint64   `json:"samples"`             // response times
	Response            Latency  `json:"response_us"`
	InFlight            *float64 `json:"in_flight"` // images due and not yet answered at a time, mean: rate × mean response time
	TargetCPUUsPerImage *float64 `json:"target_cpu_us_per_image"`
	GeneratorUsPerImage *float64 `json:"generator_cpu_us_per_image"`
	WireBytesSent       *float64 `json:"wire_bytes_sent_per_image"` // WebSocket bytes, client to target
	WireBytesReceived   *float64 `json:"wire_bytes_received_per_image"`
	TargetResidentBytes *float64 `json:"target_resident_bytes"` // most, at the end of a probe
	TargetBytesBeyond   *float64 `json:"target_bytes_beyond"`   // of it: beyond base and idle connections, at least 0
	ClientsAtConfirmed  int      `json:"clients_at_confirmed"`  // connections while that was read
}

// CapacityRatio is how many times the load of a mode the baseline carries. It
// is nil where one of the two has no edge that was confirmed, and where the
// search is void.
type CapacityRatio struct {
	Mode     string   `json:"mode"`
	Baseline string   `json:"baseline"`
	Ratio    *float64 `json:"ratio"` // baseline ÷ mode
	Low      *float64 `json:"low"`   // its 95 % interval; nil: too few confirmations
	High     *float64 `json:"high"`
	// Significant reports whether the interval leaves out 1, and Detectable is
	// the smallest difference that would have been found with 80 % power: 0.02 is
	// 2 %.
	Significant bool     `json:"significant"`
	Detectable  *float64 `json:"detectable"`
}

// Unmet reports whether some mode missed the objectives at the least load that
// was to be tried; false of no search.
func (c *Capacity) Unmet() bool {
	return c != nil && slices.ContainsFunc(c.Answers, func(a CapacityAnswer) bool { return a.Unmet })
}

// capacity returns what the run's search found.
func capacity(run *record.Run, ms []*measurement, v verdict.Verdict) *Capacity {
	of := run.Capacity
	c := &Capacity{
		Find: of.Find, PerClientPerS: of.PerClientPerS, Objectives: slices.Clone(of.Objectives),
		Answers: []CapacityAnswer{}, Ratios: []CapacityRatio{}, Loads: []TriedLoad{}, Probes: []Probe{},
	}
	if m := of.Memory; m != nil {
		c.MemoryConnections = m.Connections
		c.BaseBytes = number(float64(m.BaseBytes))
		if m.Connections > 0 && m.WithBytes > m.BaseBytes {
			c.BytesPerConnection = number(float64(m.WithBytes-m.BaseBytes) / float64(m.Connections))
		}
	}
	all := probed(run, ms)
	for _, p := range all {
		c.Probes = append(c.Probes, p.reported())
	}
	baseline := all.of(run.Settings.Baseline)
	for _, mode := range inOrder(run.Settings) {
		mine := all.of(mode)
		c.Answers = append(c.Answers, c.answer(mode, mine))
		c.Loads = append(c.Loads, mine.loads(mode)...)
		if mode != run.Settings.Baseline {
			c.Ratios = append(c.Ratios, c.ratio(mode, mine, baseline, run.Settings.Baseline, v))
		}
	}
	return c
}

// inOrder returns the modes in the order of a report, the baseline first.
func inOrder(s record.Settings) []string {
	modes := slices.Clone(s.Modes)
	slices.SortStableFunc(modes, func(a, b string) int {
		rank := func(mode string) int {
			if mode == s.Baseline {
				return 0
			}
			return 1
		}
		return cmp.Compare(rank(a), rank(b))
	})
	return modes
}

// fewestCompared is how many confirmations a mode has before it is compared: of
// fewer even "perhaps" says too much.
const fewestCompared = 3

// ratio compares the baseline with a mode. Stats puts what is compared first,
// and what it is compared with second: here that is the mode.
func (c *Capacity) ratio(mode string, mine, baseline probes, name string, v verdict.Verdict) CapacityRatio {
	r := CapacityRatio{Mode: mode, Baseline: name}
	edgeless := func(a CapacityAnswer) bool {
		return (a.Mode == mode || a.Mode == name) && (a.Confirmations < fewestCompared || a.Load == nil || a.Unmet || a.Unbounded)
	}
	if v.Kind == verdict.Void || slices.ContainsFunc(c.Answers, edgeless) {
		return r
	}
	e, ok := search.Ratio(baseline.searched(), mine.searched())
	if !ok {
		return r
	}
	r.Ratio, r.Significant = number(e.Ratio), e.Significant()
	if e.Interval != nil {
		r.Low, r.High = number(e.Interval.Low), number(e.Interval.High)
	}
	if e.Detectable > 0 {
		r.Detectable = number(e.Detectable)
	}
	return r
}

// answer returns what the probes of one mode come to.
func (c *Capacity) answer(mode string, mine probes) CapacityAnswer {
	found := search.Answered(mine.searched())
	if c.Find == record.FindClients {
		found = found.Whole()
	}
	a := CapacityAnswer{
		Mode: mode, Confirmations: found.Confirmations, Probes: len(mine),
		Load: known(found.Load), Passed: known(found.Low), Failed: known(found.High),
		Unmet: found.Unmet, Unbounded: found.Unbounded, Decided: mine.decided(),
	}
	if i := found.Interval; i != nil {
		a.Low, a.High = number(i.Low), number(i.High)
	}
	c.measure(&a, mine.confirmed())
	return a
}

// measure fills in what was measured at the loads that an answer rests on.
func (c *Capacity) measure(a *CapacityAnswer, at probes) {
	m := at.together()
	response := m.merged(func(b block) stats.Distribution { return b.response })
	a.AchievedPerS = quotient(m.total(imagesPerSecond))
	a.GoodputBytesPerS = quotient(m.total(bytesPerSecond))
	a.Samples = uint64(response.Count())
	a.Response = at.response()
	a.TargetCPUUsPerImage = quotient(m.total(targetCPU))
	a.GeneratorUsPerImage = quotient(m.total(generatorCPU))
	a.WireBytesSent = quotient(m.total(bytesSent))
	a.WireBytesReceived = quotient(m.total(bytesReceived))
	if a.AchievedPerS != nil && a.Samples > 0 {
		a.InFlight = number(*a.AchievedPerS * meanOf(response) / 1e9)
	}
	load := a.Load
	if a.Unbounded {
		load = a.Passed
	}
	switch perClient := quotient(at.perClient()); {
	case load == nil:
	case c.Find == record.FindRate:
		a.ImagesPerS = load
	case perClient != nil:
		a.ImagesPerS = number(*perClient * *load)
	}
	c.remember(a, at)
}

// remember fills in the most memory that the target took.
func (c *Capacity) remember(a *CapacityAnswer, at probes) {
	for _, p := range at {
		if p.TargetResidentBytes == nil || a.TargetResidentBytes != nil && float64(*p.TargetResidentBytes) <= *a.TargetResidentBytes {
			continue
		}
		a.TargetResidentBytes, a.ClientsAtConfirmed = number(float64(*p.TargetResidentBytes)), p.cell.Clients
	}
	if a.TargetResidentBytes != nil && c.BaseBytes != nil && c.BytesPerConnection != nil {
		a.TargetBytesBeyond = number(max(*a.TargetResidentBytes-*c.BaseBytes-*c.BytesPerConnection*float64(a.ClientsAtConfirmed), 0))
	}
}

// known returns a pointer to a load that is more than 0, which is none.
func known(load float64) *float64 {
	if load <= 0 {
		return nil
	}
	return number(load)
}

// meanOf returns the mean of a distribution that holds something.
func meanOf(d stats.Distribution) float64 {
	var sum float64
	for _, b := range d {
		sum += float64(b.Value) * float64(b.Count)
	}
	return sum / float64(d.Count())
}
