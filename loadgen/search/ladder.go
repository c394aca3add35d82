package search

import "math"

// octave is how many levels double the load: one is 2.2 %.
const octave = 32

// ladder is the loads that may be tried, by level:
//
//	load = Start · 2^(level/32)
//
// and the bounds at either end. All that a search does is whole numbers of
// levels, so that a load that is tried again is the very same number.
type ladder struct {
	Settings
	bottom, top int // the levels of Least and of Most
}

func newLadder(s Settings) ladder {
	// What is a level but for rounding is that level: the step back keeps Most from
	// having one just below it that is the same load.
	levels := func(load float64) float64 { return octave * math.Log2(load/s.Start) }
	return ladder{
		Settings: s,
		bottom:   int(math.Floor(levels(s.Least) + 1e-6)),
		top:      int(math.Ceil(levels(s.Most) - 1e-6)),
	}
}

// load returns the load at a level.
func (l ladder) load(level int) float64 {
	switch {
	case level <= l.bottom:
		return l.Least
	case level >= l.top:
		return l.Most
	}
	load := l.Start * math.Exp2(float64(level)/octave)
	if l.Whole {
		load = math.Round(load)
	}
	return min(max(load, l.Least), l.Most)
}

// from returns the level that is so many levels up from another, down where
// they are negative. Where whole numbers are further apart it goes on to the
// next one, and never beyond the bounds.
func (l ladder) from(level, levels int) int {
	way := 1
	if levels < 0 {
		way = -1
	}
	there := min(max(level+levels, l.bottom), l.top)
	for l.load(there) == l.load(level) && there != l.bottom && there != l.top {
		there += way
	}
	return there
}

// between returns the level half-way, and false when no load lies between.
func (l ladder) between(low, high int) (int, bool) {
	middle := low + (high-low)/2
	for at := middle; at < high; at++ {
		if l.load(at) > l.load(low) {
			return at, l.load(at) < l.load(high)
		}
	}
	return 0, false
}
