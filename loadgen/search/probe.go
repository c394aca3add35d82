package search

import "github.com/wsimg/wsimg/loadgen/record"

// patience is how many inconclusive probes in a row of one load pass for a
// failed one, while the bracket is looked for.
const patience = 3

// Probe is a probe that was made.
type Probe struct {
	Step
	Verdict string
}

// passed reports whether the load was met.
func (p Probe) passed() bool { return p.Verdict == record.Pass }

// tells reports whether the verdict is one.
func (p Probe) tells() bool { return p.Verdict == record.Pass || p.Verdict == record.Fail }

// confirms reports whether the probe is one that the answer is made of.
func (p Probe) confirms() bool { return p.Phase == record.Confirm && p.tells() }

// decided returns the probes that tell something, in their order. Before Confirm
// the last of as many inconclusive ones in a row as patience lasts has failed: a
// load that can't be shown to be met is not to be relied on.
func decided(probes []Probe) []Probe {
	var told []Probe
	unsure := 0
	for _, p := range probes {
		switch {
		case p.tells():
			unsure = 0
			told = append(told, p)
		case p.Phase != record.Confirm:
			if unsure++; unsure == patience {
				unsure, p.Verdict = 0, record.Fail
				told = append(told, p)
			}
		}
	}
	return told
}

// bracket returns the highest load that passed and the lowest that failed, of
// probes that did either. The latest is believed, and of those before it what does
// not contradict.
func bracket(probes []Probe) (low, high float64) {
	for i := len(probes) - 1; i >= 0; i-- {
		switch p := probes[i]; {
		case !p.tells():
		case p.passed() && (high == 0 || p.Load < high):
			low = max(low, p.Load)
		case !p.passed() && p.Load > low && (high == 0 || p.Load < high):
			high = p.Load
		}
	}
	return low, high
}

// ended reports whether the search came to a bound: the least load failed, or
// the most passed. It did
//
//   - when the probes end with a first confirmation, and none before it said
//     otherwise or was further out; Confirm begins without a bracket at a bound
//     alone,
//   - when the last two, both confirmations, are the same load with the same
//     verdict; the staircase can't stay anywhere else.
func ended(probes []Probe) (unmet, unbounded bool) {
	if len(probes) == 0 {
		return false, false
	}
	last := probes[len(probes)-1]
	if !last.confirms() {
		return false, false
	}
	end := len(probes) > 1 && probes[len(probes)-2] == last
	if !end {
		end = true
		for _, p := range decided(probes) {
			further := p.Load < last.Load
			if last.passed() {
				further = p.Load > last.Load
			}
			end = end && p.Verdict == last.Verdict && !further
		}
	}
	return end && !last.passed(), end && last.passed()
}
