package reports

import (
	"github.com/wsimg/wsimg/loadgen/stats"
	"github.com/wsimg/wsimg/loadgen/verdict"
)

// pairing is two cells and the rounds they share.
type pairing struct {
	mode, baseline *measurement
	rounds         []pairedRound
}

type pairedRound struct{ mode, baseline block }

func pairUp(m, b *measurement) pairing {
	at := make(map[int]block, len(b.blocks)) // by round: one that is repeated has a number of its own
	for _, blk := range b.blocks {
		at[blk.Round] = blk
	}
	p := pairing{mode: m, baseline: b}
	for _, blk := range m.blocks {
		if other, ok := at[blk.Round]; ok && blk.Seconds > 0 && other.Seconds > 0 {
			p.rounds = append(p.rounds, pairedRound{blk, other})
		}
	}
	return p
}

func (r pairedRound) repeated() bool { return r.mode.Repeated || r.baseline.Repeated }

func (r pairedRound) disturbed() bool {
	return verdict.Disturbed(r.mode.Disturbance) || verdict.Disturbed(r.baseline.Disturbance)
}

// keep returns the rounds for which f holds.
func (p pairing) keep(f func(pairedRound) bool) []pairedRound {
	var kept []pairedRound
	for _, r := range p.rounds {
		if f(r) {
			kept = append(kept, r)
		}
	}
	return kept
}

func (p pairing) estimates() []pairedRound {
	return p.keep(func(r pairedRound) bool { return !r.repeated() })
}

// medianOf pairs the rounds in which both modes have a positive value and
// tells how many those are.
func medianOf(rounds []pairedRound, of func(block) (stats.Total, bool)) (stats.Estimate, int, bool) {
	var mode, baseline []float64
	for _, r := range rounds {
		m, ok := of(r.mode)
		b, known := of(r.baseline)
		if ok && known && m.Amount > 0 && b.Amount > 0 {
			mode = append(mode, m.Amount/m.Over)
			baseline = append(baseline, b.Amount/b.Over)
		}
	}
	e, ok := stats.Paired(mode, baseline)
	return e, len(mode), ok
}

// totalsOf takes also the rounds in which nothing came back: a stall is what
// totals are there to show.
func totalsOf(rounds []pairedRound, of func(block) (stats.Total, bool), seed uint64) (stats.Estimate, bool) {
	var mode, baseline []stats.Total
	for _, r := range rounds {
		m, ok := of(r.mode)
		b, known := of(r.baseline)
		if ok && known {
			mode, baseline = append(mode, m), append(baseline, b)
		}
	}
	return stats.TotalsRatio(mode, baseline, seed)
}
