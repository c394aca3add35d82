package search

import "github.com/wsimg/wsimg/loadgen/record"

// The steps of the staircase, in levels. Each is twice the one before it.
const (
	leastStep  = 1          // 2.2 %
	stride     = resolution // 9 %
	mostStep   = octave     // twice the load
	alternated = 3          // turns in a row that ask for finer steps
	lost       = 3          // the same verdict that often in a row: the edge is elsewhere
)

// staircase walks about the edge: up when a load passed, down when it failed
// (Dixon & Mood, A Method for Obtaining and Analyzing Sensitivity Data, JASA 43,
// 1948). Its steps are a stride, but
//
//   - half as long for each turn from the third in a row on: nothing but turns
//     is what an edge without noise looks like,
//   - twice as long for each same verdict from the third in a row on, for the
//     edge is not where it was thought to be; half as long for each turn after
//     that, back to the stride (after Taylor & Creelman, PEST, JASA 41, 1967).
//
// An inconclusive probe does not say which way to go, so the walk goes on, by a
// stride at least, to where one does: the edge is often in the middle of what
// can't be told. The third in a row turns it down. The zero value is ready, and on its way up.
type staircase struct {
	step   int // the last, 0: none
	up     bool
	same   int // verdicts in a row that agree
	turns  int // and that do not
	unsure int // inconclusive probes in a row
}

// next returns how many levels to go up, or down where negative.
func (s *staircase) next(verdict string) int {
	if verdict != record.Pass && verdict != record.Fail {
		if s.unsure++; s.unsure < patience {
			if s.step == 0 {
				s.up = true
			}
			s.step = max(s.step, stride)
			return s.levels()
		}
	}
	s.unsure = 0
	up := verdict == record.Pass
	switch {
	case s.same == 0:
		s.same, s.step = 1, stride
	case up == s.up:
		s.same++
		s.turns = 0
		if s.same >= lost {
			s.step = min(2*s.step, mostStep)
		}
	default:
		s.same = 1
		s.turns++
		if s.step > stride || s.turns >= alternated {
			s.step = max(s.step/2, leastStep)
		}
	}
	s.up = up
	return s.levels()
}

func (s *staircase) levels() int {
	if s.up {
		return s.step
	}
	return -s.step
}
