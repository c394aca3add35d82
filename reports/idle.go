package reports

import (
	"fmt"
	"math"
	"slices"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/stats"
)

// Idle is what clients cost that are connected and send nothing.
type Idle struct {
	Clients int `json:"clients"` // that do not send
	Active  int `json:"active"`  // that do
	// Resident memory that a client took, of the process alone: what the kernel
	// holds for its socket is not in it. Nil where it is not known, or there are
	// too few of them for it to stand out.
	GeneratorBytes *float64 `json:"generator_bytes_per_client"`
	TargetBytes    *float64 `json:"target_bytes_per_client"`

	Before record.Memory `json:"before"` // with the active clients alone
	With   record.Memory `json:"with"`   // with all of them

	Effects []Effect `json:"effects"` // on the active ones; empty where they were not measured alone
	// Unequal says why there are no Effects though they were: what ended in one
	// of the stretches has more to do with its figures than idle clients have.
	Unequal string `json:"unequal,omitempty"`
}

// fewestIdle is from how many idle clients on their memory is told: at some KB
// each they then take megabytes, and what else the processes take or give back
// meanwhile is about one.
const fewestIdle = 1000

// Effect is what idle clients make of one figure of the active ones: the load
// with them against the same load before they came and after they had left.
//
// These are stretches of one run, one after the other. The interval is of the
// seconds in them as if each were by itself, and does not know that the machine
// may have been another meanwhile: Drift, after against before, shows how much of
// one it was. A difference is called significant only where the interval leaves
// out 1, and it is larger than the drift.
type Effect struct {
	Metric string   `json:"metric"` // ResponseP50 and so on
	Before *float64 `json:"before"` // the active alone, in the metric's unit
	With   *float64 `json:"with"`
	After  *float64 `json:"after"` // the active alone again

	Ratio       *float64 `json:"ratio"` // With over Before and After together; nil without an interval
	Low         *float64 `json:"low"`
	High        *float64 `json:"high"`
	Detectable  *float64 `json:"detectable"` // 0.02 is 2 %
	Significant bool     `json:"significant"`
	Drift       *float64 `json:"drift"` // After over Before
	Seconds     int      `json:"seconds"`
	SecondsOf   int      `json:"seconds_alone"`
}

// effects are the figures that idle clients may bear on, and the seconds that
// they are of.
var effects = [...]struct {
	metric   string
	quantile float64 // of response time; else
	total    func(step) (stats.Total, bool)
}{
	{metric: ResponseP50, quantile: 0.50},
	{metric: ResponseP99, quantile: 0.99},
	{metric: ImagesRate, total: func(s step) (stats.Total, bool) {
		return stats.Total{Amount: float64(s.Images), Over: s.Seconds}, s.Seconds > 0
	}},
	{metric: TargetCPU, total: func(s step) (stats.Total, bool) {
		if s.TargetCPUNs == nil {
			return stats.Total{}, false
		}
		return stats.Total{Amount: float64(*s.TargetCPUNs) / 1e3, Over: float64(s.Images)}, s.Images > 0
	}},
	{metric: GeneratorCPU, total: func(s step) (stats.Total, bool) {
		return stats.Total{Amount: float64(s.GeneratorCPUNs) / 1e3, Over: float64(s.Images)}, s.Images > 0
	}},
}

// idle returns nil where all clients send.
func idle(run *record.Run, ms []*measurement) (*Idle, error) {
	if run.Idle == nil {
		return nil, nil
	}
	i := &Idle{
		Clients: run.Idle.Clients, Active: run.Settings.Active, Before: run.Idle.Before, With: run.Idle.With,
		Effects: []Effect{},
	}
	i.GeneratorBytes = perClient(i.Before.Generator, i.With.Generator, i.Clients)
	i.TargetBytes = perClient(i.Before.Target, i.With.Target, i.Clients)
	var with []step
	for _, m := range ms {
		for b := range m.estimates {
			steps, err := windowSteps(b.Sample)
			if err != nil {
				return nil, err
			}
			with = append(with, steps...)
		}
	}
	var alone [2][]step // before, after
	for n := range run.Idle.Alone[:min(len(run.Idle.Alone), len(alone))] {
		var err error
		if alone[n], err = windowSteps(&run.Idle.Alone[n]); err != nil {
			return nil, fmt.Errorf("read the load of the active clients alone: %w", err)
		}
	}
	if len(with) == 0 || len(alone[0]) == 0 {
		return i, nil
	}
	if i.Unequal = unequal(run, ms); i.Unequal != "" {
		return i, nil
	}
	for _, of := range effects {
		e := Effect{Metric: of.metric, Seconds: len(with), SecondsOf: len(alone[0]) + len(alone[1])}
		figure := func(steps []step) *float64 { return quotient(sumOf(steps, of.total)) }
		compare := func(a, b []step) (stats.Estimate, bool) {
			return stats.UnpairedTotals(totalsIn(a, of.total), totalsIn(b, of.total), run.Settings.Seed)
		}
		if of.total == nil {
			figure = func(steps []step) *float64 {
				return microseconds(stats.Merge(responsesIn(steps)...).Quantile(of.quantile))
			}
			compare = func(a, b []step) (stats.Estimate, bool) {
				return stats.UnpairedQuantile(responsesIn(a), responsesIn(b), of.quantile, run.Settings.Seed)
			}
		}
		e.Before, e.With, e.After = figure(alone[0]), figure(with), figure(alone[1])
		if e.Before == nil && e.With == nil {
			continue
		}
		if e.Before != nil && e.After != nil && *e.Before > 0 {
			e.Drift = number(*e.After / *e.Before)
		}
		if ratio, ok := compare(with, slices.Concat(alone[:]...)); ok {
			e.set(ratio)
		}
		i.Effects = append(i.Effects, e)
	}
	return i, nil
}

// set takes over an estimate, Drift being known; one without an interval looks
// like a finding and is none.
func (e *Effect) set(of stats.Estimate) {
	if of.Interval == nil {
		return
	}
	e.Ratio, e.Low, e.High = number(of.Ratio), number(of.Interval.Low), number(of.Interval.High)
	e.Detectable = number(of.Detectable)
	e.Significant = of.Significant() && e.Drift != nil && !e.drifted(1)
}

// drifted reports whether the figure changed by that share of what it did with
// the idle clients, or more, from before to after, with nobody idle.
func (e Effect) drifted(share float64) bool {
	return e.Drift != nil && *e.Drift > 0 && e.Ratio != nil && math.Abs(math.Log(*e.Drift)) >= share*math.Abs(math.Log(*e.Ratio))
}

// perClient returns how much of the memory there is more was taken by each
// client.
func perClient(before, with *uint64, clients int) *float64 {
	if before == nil || with == nil || clients < fewestIdle {
		return nil
	}
	return number((float64(*with) - float64(*before)) / float64(clients))
}

// windowSteps returns the steps of a block that lie in its window, up to the
// tenth of a second that its first and last reply may be off, without their
// lateness.
func windowSteps(s *record.Sample) ([]step, error) {
	const slack = 0.1
	begin := 0.0
	if s.Ramp != nil {
		begin = s.Ramp.Seconds
	}
	var steps []step
	for _, p := range s.Series {
		if p.AtSeconds-p.Seconds < begin-slack || p.AtSeconds > begin+s.Seconds+slack {
			continue
		}
		response, err := distribution(p.Response)
		if err != nil {
			return nil, fmt.Errorf("read response times of second %g: %w", p.AtSeconds, err)
		}
		steps = append(steps, step{Point: p, response: response})
	}
	return steps, nil
}

func responsesIn(steps []step) []stats.Distribution {
	ds := make([]stats.Distribution, len(steps))
	for i, s := range steps {
		ds[i] = s.response
	}
	return ds
}

// totalsIn returns the totals of the steps that have one.
func totalsIn(steps []step, of func(step) (stats.Total, bool)) []stats.Total {
	var ts []stats.Total
	for _, s := range steps {
		if t, ok := of(s); ok {
			ts = append(ts, t)
		}
	}
	return ts
}

func sumOf(steps []step, of func(step) (stats.Total, bool)) stats.Total {
	var sum stats.Total
	for _, t := range totalsIn(steps, of) {
		sum.Amount += t.Amount
		sum.Over += t.Over
	}
	return sum
}

// Name is the metric in words; CPU is per image.
func (e Effect) Name() string { return effectNames[e.Metric] }

var effectNames = map[string]string{
	ResponseP50:  "response p50",
	ResponseP99:  "response p99",
	ImagesRate:   "images/s",
	TargetCPU:    "target CPU",
	GeneratorCPU: "generator CPU",
}
