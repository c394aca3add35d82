package reports

import (
	"fmt"
	"slices"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/stats"
)

// intervalRounds is how many rounds an interval needs.
const intervalRounds = 6

// timed is a part of a cost and what of a sample it is made of: steps, done by
// themselves on the generator's machine, or stages of the target's work.
type timed struct {
	name, end string
	steps     []string
	stages    []string
}

var timedParts = [...]timed{
	{name: EncodePart, end: GeneratorEnd, steps: []string{record.EncodeStep}},
	{name: MaskPart, end: GeneratorEnd, steps: []string{record.MaskStep}},
	{name: MaskPart, end: TargetEnd, steps: []string{record.UnmaskStep}},
	{name: UTF8Part, end: TargetEnd, steps: []string{record.UTF8Step}},
	{name: DecodePart, end: TargetEnd, stages: []string{"decode"}},
	{name: SavePart, end: TargetEnd, stages: []string{"save"}},
	{name: ComparePart, end: GeneratorEnd, steps: []string{record.CompareStep}},
	{name: DeflatePart, end: GeneratorEnd, steps: []string{record.DeflateStep, record.InflateStep}},
	{name: DeflatePart, end: TargetEnd, stages: []string{"inflate", "deflate"}},
}

// accounting is how one metric is split.
type accounting struct {
	metric string
	load   string // under which its total is measured
	// total is of a block, µs over images: of both ends, or the generator's.
	total func(b block, end string) (stats.Total, bool)
	// alone tells that without a side channel it is the generator's.
	alone bool
	// later are the steps that come when the total is over.
	later []string
}

var (
	cpuAccounting = accounting{metric: CPUCost, load: record.Closed, total: cpuOf, alone: true}
	// Response time ends when the reply is there, so only what is done to the
	// first pieces of a long one is in it.
	latencyAccounting = accounting{
		metric: LatencyCost, load: record.Single, total: responseTime,
		later: []string{record.CompareStep, record.InflateStep},
	}
)

func cpuOf(b block, end string) (stats.Total, bool) {
	total, ok := generatorCPU(b)
	if end == BothEnds {
		target, known := targetCPU(b)
		total.Amount, ok = total.Amount+target.Amount, ok && known
	}
	return total, ok
}

// responseTime is unknown where the time of an image is only a lower bound.
func responseTime(b block, _ string) (stats.Total, bool) {
	var t stats.Total
	for _, bar := range b.response {
		t.Amount += float64(bar.Value) / 1e3 * float64(bar.Count)
		t.Over += float64(bar.Count)
	}
	return t, t.Over > 0 && b.Censored == 0
}

// ledger is the costs of one source's images in all modes, by one metric.
type ledger struct {
	accounting
	accounts []*account
	index    map[int]int // of the rounds' numbers; a round is all blocks that have its number
}

// account is the cost of one mode. What it is made of is known round by round,
// by the ledger's index.
type account struct {
	*measurement // of the total
	end          string
	stagesLoad   string
	total        []stats.Total
	ends         map[string][]stats.Total // those parts of the total that are an end's own; none of a latency
	entries      []entry

	// Used again and again.
	parts   []float64 // of the entries
	scratch []float64 // of a median
}

// entry is a part, which may be the sum of several.
type entry struct {
	name, end string
	of        []timing // none where a mode has no such work
}

// timing is what was measured of one step or stage, by round.
type timing struct {
	totals []stats.Total
	// step tells that a round has but a short stint of it, which may be an
	// outlier: the median of rounds counts. Of stages totals do.
	step bool
}

// newLedger opens an account for each mode whose total was measured, and whose
// steps were.
func newLedger(ms []*measurement, as accounting) *ledger {
	l := &ledger{accounting: as, index: map[int]int{}}
	for _, m := range ms {
		if m.Load == record.Open {
			continue
		}
		for b := range m.estimates {
			if _, ok := l.index[b.Round]; !ok {
				l.index[b.Round] = len(l.index)
			}
		}
	}
	for _, m := range ms {
		if m.Load != as.load {
			continue
		}
		if a := l.open(m, ms); a != nil {
			l.accounts = append(l.accounts, a)
		}
	}
	return l
}

// open makes the account of m, nil when it has no total or no steps.
func (l *ledger) open(m *measurement, ms []*measurement) *account {
	steps := sameMode(m, ms, hasSteps, m.Load, record.Single, record.Closed)
	if steps == nil {
		return nil
	}
	a := &account{measurement: m, end: BothEnds}
	target := m.total(targetCPU).Over > 0
	if l.alone && !target {
		a.end = GeneratorEnd
	}
	a.total = l.series(m, func(b block) (stats.Total, bool) { return l.accounting.total(b, a.end) })
	if measured(a.total) == 0 {
		return nil
	}
	if l.metric == CPUCost {
		a.ends = map[string][]stats.Total{GeneratorEnd: l.series(m, generatorCPU)}
		if target {
			a.ends[TargetEnd] = l.series(m, targetCPU)
		}
	}
	var stages *measurement
	if target {
		// At saturation a stage's wall clock holds waiting for a core.
		if stages = sameMode(m, ms, hasStages, record.Single, m.Load); stages != nil {
			a.stagesLoad = stages.Load
		}
	}
	for _, p := range timedParts {
		if p.end == TargetEnd && stages == nil || p.name == ComparePart && slices.Contains(l.later, record.CompareStep) {
			continue
		}
		if e := l.entry(p, steps, stages); len(e.of) > 0 || p.name != DeflatePart {
			a.entries = append(a.entries, e)
		}
	}
	a.parts = make([]float64, len(a.entries))
	return a
}

// entry collects what p is made of.
func (l *ledger) entry(p timed, steps, stages *measurement) entry {
	e := entry{name: p.name, end: p.end}
	for _, name := range p.steps {
		if !slices.Contains(l.later, name) {
			e.add(timing{l.series(steps, func(b block) (stats.Total, bool) { return stepTime(b, name) }), true})
		}
	}
	for _, name := range p.stages {
		e.add(timing{l.series(stages, func(b block) (stats.Total, bool) { return stageTime(b, name) }), false})
	}
	return e
}

// add leaves out what was never measured.
func (e *entry) add(s timing) {
	if measured(s.totals) > 0 {
		e.of = append(e.of, s)
	}
}

// sameMode returns the cell of m's mode, under the first of the loads that has
// one for which has is true; else nil.
func sameMode(m *measurement, ms []*measurement, has func(block) bool, loads ...string) *measurement {
	for _, load := range loads {
		for _, o := range ms {
			if o.Mode != m.Mode || o.Load != load {
				continue
			}
			for b := range o.estimates {
				if has(b) {
					return o
				}
			}
		}
	}
	return nil
}

func hasSteps(b block) bool  { return len(b.Steps) > 0 }
func hasStages(b block) bool { return len(b.Stages) > 0 && b.BlockImages > 0 }

func stepTime(b block, name string) (stats.Total, bool) {
	s, ok := b.Steps[name]
	return stats.Total{Amount: float64(s.TotalNs) / 1e3, Over: float64(s.Count)}, ok && s.Count > 0
}

func stageTime(b block, name string) (stats.Total, bool) {
	s, ok := b.Stages[name]
	total, images := perImage(b, float64(s.TotalNs)/1e3)
	return total, ok && images && s.Count > 0
}

// series returns a total of the estimates' blocks, by round.
func (l *ledger) series(m *measurement, of func(block) (stats.Total, bool)) []stats.Total {
	all := make([]stats.Total, len(l.index))
	for b := range m.estimates {
		if t, ok := of(b); ok {
			all[l.index[b.Round]] = t
		}
	}
	return all
}

// measured returns the number of rounds with a total.
func measured(totals []stats.Total) int {
	n := 0
	for _, t := range totals {
		if t.Over > 0 {
			n++
		}
	}
	return n
}

// least returns the smallest number of rounds behind any part or the total.
func (a *account) least() int {
	n := measured(a.total)
	for _, e := range a.entries {
		for _, s := range e.of {
			n = min(n, measured(s.totals))
		}
	}
	return n
}

// excess says in which respect the parts exceed what they are parts of, empty
// when they don't: those of an end its own total, all of them the whole. Then
// they are no parts: a stage is wall clock, and may hold waiting.
func (a *account) excess(once []int) string {
	total, parts, _ := a.balance(once)
	for _, end := range []string{GeneratorEnd, TargetEnd} {
		own, ok := mean(a.ends[end], once)
		if !ok {
			continue
		}
		var sum float64
		for i, e := range a.entries {
			if e.end == end {
				sum += parts[i]
			}
		}
		if significant(sum) > significant(own) {
			return fmt.Sprintf("the parts at the %s take %s and its CPU is %s", end, FormatSpan(sum), FormatSpan(own))
		}
	}
	if all := sum(parts); significant(all) > significant(total) {
		return fmt.Sprintf("the parts take %s and the whole is %s", FormatSpan(all), FormatSpan(total))
	}
	return ""
}

// all returns the index of every round, once.
func (l *ledger) all() []int {
	once := make([]int, len(l.index))
	for i := range once {
		once[i] = i
	}
	return once
}

// balance returns the total and the parts over the rounds drawn, in µs an
// image, and false when one that is known of has no block among them. The parts
// are good until the next call.
func (a *account) balance(drawn []int) (total float64, parts []float64, ok bool) {
	total, ok = mean(a.total, drawn)
	for i, e := range a.entries {
		a.parts[i] = 0
		for _, s := range e.of {
			of := mean
			if s.step {
				of = a.median
			}
			us, known := of(s.totals, drawn)
			a.parts[i] += us
			ok = ok && known
		}
	}
	return total, a.parts, ok
}

func mean(totals []stats.Total, drawn []int) (float64, bool) {
	var sum stats.Total
	if len(totals) == 0 {
		return 0, false
	}
	for _, i := range drawn {
		sum.Amount += totals[i].Amount
		sum.Over += totals[i].Over
	}
	return sum.Amount / sum.Over, sum.Over > 0
}

// median returns the median of the rounds' quotients.
func (a *account) median(totals []stats.Total, drawn []int) (float64, bool) {
	xs := a.scratch[:0]
	for _, i := range drawn {
		if t := totals[i]; t.Over > 0 {
			xs = append(xs, t.Amount/t.Over)
		}
	}
	a.scratch = xs
	n := len(xs)
	if n == 0 {
		return 0, false
	}
	slices.Sort(xs)
	return (xs[(n-1)/2] + xs[n/2]) / 2, true
}

// resample returns the intervals of statistics of what was measured in least
// rounds or more, nil when those are too few.
func (l *ledger) resample(least int, seed uint64, statistics func(drawn []int) ([]float64, bool)) []Range {
	var ranges []Range
	for _, i := range stats.Resample(len(l.index), least, seed, statistics) {
		ranges = append(ranges, Range{significant(i.Low), significant(i.High)})
	}
	return ranges
}
