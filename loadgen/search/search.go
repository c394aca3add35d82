package search

import "github.com/wsimg/wsimg/loadgen/record"

// resolution is the bracket, in levels, at which bisection ends: 9 %.
const resolution = octave / 8

// Step is a probe to make.
type Step struct {
	Load  float64
	Phase string // record.Grow, Bisect or Confirm
}

// Search is the state of one search:
//
//	Grow     until one load passed and another, twice as high, failed  -> Bisect
//	         until the least failed, or the most passed                -> Confirm there
//	Bisect   until the bracket is 9 % or has no load in it             -> Confirm
//	Confirm  until Answer.Unmet or Unbounded; else without end
//
// It is not safe for concurrent use.
type Search struct {
	ladder ladder
	step   step // the next; no phase: there is none
	stairs staircase
	probes []Probe

	// The bracket that is grown and bisected, by level.
	passed, failed       int
	hasPassed, hasFailed bool
}

// step is a [Step] by level.
type step struct {
	level int
	phase string
}

// New begins a search. One of settings that are not valid has nothing to tell.
func New(s Settings) *Search {
	if s.Validate() != nil {
		return &Search{}
	}
	return &Search{ladder: newLadder(s), step: step{phase: record.Grow}}
}

// Next returns the probe to make; false when nothing more is to be told. It
// returns the same until Observe is called.
func (s *Search) Next() (Step, bool) {
	if s.step.phase == "" {
		return Step{}, false
	}
	return Step{Load: s.ladder.load(s.step.level), Phase: s.step.phase}, true
}

// Observe takes the verdict on the probe that Next returned: record.Pass, Fail
// or Inconclusive, and all else is inconclusive. Where Next returned none it does
// nothing.
func (s *Search) Observe(verdict string) {
	asked, ok := s.Next()
	if !ok {
		return
	}
	before := len(decided(s.probes))
	s.probes = append(s.probes, Probe{Step: asked, Verdict: verdict})
	told := decided(s.probes)
	isTold := len(told) > before
	switch {
	case asked.Phase == record.Confirm:
		if unmet, unbounded := ended(s.probes); unmet || unbounded {
			s.step = step{}
			return
		}
		s.step.level = s.ladder.from(s.step.level, s.stairs.next(verdict))
	case isTold:
		s.narrow(told[len(told)-1].Verdict == record.Pass)
	}
}

// narrow takes what became of a load while the bracket is looked for.
func (s *Search) narrow(passed bool) {
	at, grown := s.step.level, octave
	if passed {
		s.passed, s.hasPassed = at, true
	} else {
		s.failed, s.hasFailed = at, true
		grown = -octave
	}
	if !s.hasPassed || !s.hasFailed {
		beyond := s.ladder.from(at, grown)
		if s.ladder.load(beyond) == s.ladder.load(at) {
			s.step.phase = record.Confirm
		}
		s.step.level = beyond
		return
	}
	middle, ok := s.ladder.between(s.passed, s.failed)
	if !ok || s.failed-s.passed <= resolution {
		s.step = step{s.passed, record.Confirm}
		return
	}
	s.step = step{middle, record.Bisect}
}

// Bracket returns the highest load known to pass and the lowest known to fail; 0
// where there is none. Where probes contradict each other the later one counts,
// so the first is always below the second.
func (s *Search) Bracket() (low, high float64) { return bracket(s.probes) }
