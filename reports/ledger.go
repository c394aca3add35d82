package reports

import (
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
	entries      []entry
	means        []float64 // of the entries, used again and again
}

// entry is a part, which may be the sum of several.
type entry struct {
	name, end string
	of        [][]stats.Total // none where a mode has no such work
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
	if a.measured() == 0 {
		return nil
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
	a.means = make([]float64, len(a.entries))
	return a
}

// entry collects what p is made of.
func (l *ledger) entry(p timed, steps, stages *measurement) entry {
	e := entry{name: p.name, end: p.end}
	for _, name := range p.steps {
		if !slices.Contains(l.later, name) {
			e.add(l.series(steps, func(b block) (stats.Total, bool) { return stepTime(b, name) }))
		}
	}
	for _, name := range p.stages {
		e.add(l.series(stages, func(b block) (stats.Total, bool) { return stageTime(b, name) }))
	}
	return e
}

// add leaves out what was never measured.
func (e *entry) add(series []stats.Total) {
	if slices.ContainsFunc(series, func(t stats.Total) bool { return t.Over > 0 }) {
		e.of = append(e.of, series)
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
func (a *account) measured() int {
	n := 0
	for _, t := range a.total {
		if t.Over > 0 {
			n++
		}
	}
	return n
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
		a.means[i] = 0
		for _, series := range e.of {
			us, known := mean(series, drawn)
			a.means[i] += us
			ok = ok && known
		}
	}
	return total, a.means, ok
}

func mean(series []stats.Total, drawn []int) (float64, bool) {
	var sum stats.Total
	for _, i := range drawn {
		sum.Amount += series[i].Amount
		sum.Over += series[i].Over
	}
	return sum.Amount / sum.Over, sum.Over > 0
}

// resample returns the intervals of statistics of the accounts, nil when one
// of these has too few rounds.
func (l *ledger) resample(seed uint64, statistics func(drawn []int) ([]float64, bool), of ...*account) []Range {
	for _, a := range of {
		if a.measured() < intervalRounds {
			return nil
		}
	}
	var ranges []Range
	for _, i := range stats.Resample(len(l.index), seed, statistics) {
		ranges = append(ranges, Range{significant(i.Low), significant(i.High)})
	}
	return ranges
}
