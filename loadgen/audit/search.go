package audit

import (
	"cmp"
	"slices"
)

// searched bounds how many combinations of unsettled images are tried in one
// Settle, all parts together: well below a second.
const searched = 1 << 26

// search finds out whether images can be some of those unsettled. The zero
// value has tried nothing.
type search struct{ tried uint64 }

// answer is what a search comes to.
type answer uint8

const (
	no answer = iota
	yes
	undecided // there are too many combinations to try them all
)

func answerOf(found bool) answer {
	if found {
		return yes
	}
	return no
}

// decide reports whether saved can be some of the open images, each at most n
// times.
//
// Of two distinct images how often each was saved follows from the number and
// the sum. Of more, the two that are unsettled most often follow for every
// combination of the others. So one and two are decided at once, three after
// as many tries as the least of them is unsettled, four after the product of
// the two least, and so on. What would take more tries than are left of the
// bound is undecided, and takes none.
func (s *search) decide(saved part, open []unsettled) answer {
	switch len(open) {
	case 0:
		return answerOf(saved == part{})
	case 1:
		o := open[0]
		return answerOf(saved.count <= o.n && saved.sum == o.hash.repeated(saved.count))
	}
	open = slices.SortedFunc(slices.Values(open), func(a, b unsettled) int { return cmp.Compare(b.n, a.n) })
	tries := uint64(1)
	for _, o := range open[2:] {
		more := min(o.n, saved.count) // beside none of it
		if more >= (searched-s.tried)/tries {
			return undecided
		}
		tries *= more + 1
	}
	s.tried += tries
	p := newPair(open[0], open[1])
	return answerOf(p.completes(saved, open[2:]))
}

// pair is two distinct images a and b. Taken x and n−x times their sum is
//
//	x·a + (n−x)·b = n·b + x·(a−b)
//
// where a−b = 2^zeros × odd. So x is (sum − n·b) / 2^zeros × odd⁻¹ modulo
// 2^(128−zeros), or there is none. The two may be the same image.
type pair struct {
	a, b    unsettled
	zeros   int
	inverse sum // of odd
}

func newPair(a, b unsettled) *pair {
	difference := a.hash.minus(b.hash)
	zeros := difference.zeros()
	return &pair{a: a, b: b, zeros: zeros, inverse: difference.without(zeros).inverse()}
}

// completes reports whether saved can be some of the pair and of others.
func (p *pair) completes(saved part, others []unsettled) bool {
	if len(others) == 0 {
		return p.makes(saved)
	}
	o := others[0]
	for n := uint64(0); ; n++ {
		if p.completes(saved, others[1:]) {
			return true
		}
		if n == o.n || saved.count == 0 {
			return false
		}
		saved = saved.minus(part{1, o.hash})
	}
}

// makes reports whether saved can be some of the pair alone.
func (p *pair) makes(saved part) bool {
	n := saved.count
	least, most := n-min(n, p.b.n), min(n, p.a.n) // of a
	rest := saved.sum.minus(p.b.hash.repeated(n))
	if rest.zeros() < p.zeros {
		return false
	}
	bits := 128 - p.zeros
	x := rest.without(p.zeros).times(p.inverse).lowest(bits)
	if x.hi > 0 {
		return false
	}
	if bits < 64 && x.lo < least { // the hashes are almost equal, or are: more than one solution
		step := uint64(1) << bits
		x.lo += (least - x.lo + step - 1) / step * step
	}
	return least <= x.lo && x.lo <= most
}
