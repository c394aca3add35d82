package bench

import (
	"slices"
	"time"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/verdict"
)

// rotation is the rounds of the closed and the single load, under way.
type rotation struct {
	groups   []*group
	fixed    int // rounds of each group; 0: until they are precise, or time is over
	least    int // rounds that there will at least be, about
	began    time.Time
	deadline time.Time // unless fixed
	from     int       // first round of the span whose disturbance is being watched
	watched  time.Time // since when
	repeated int       // rounds so far
	shrunk   float64   // what blocks were shortened to, as a share of their length; 0 or 1: not
}

// wanting returns the groups that are to go on.
func (r *rotation) wanting() []*group {
	return slices.DeleteFunc(slices.Clone(r.groups), func(g *group) bool { return !g.wants() })
}

// next returns the groups that take part in the next round; none when there is
// to be no other. Where time ends the rounds, the last of them are for those
// whose modes have not come first equally often.
func (r *rotation) next(now time.Time) []*group {
	next := due(r.wanting())
	first := !slices.ContainsFunc(r.groups, func(g *group) bool { return g.measured() > 0 })
	if first || r.fixed > 0 {
		return next
	}
	left := r.deadline.Sub(now)
	if costOf(next)+costOf(uneven(r.groups, next)) <= left {
		return next
	}
	if odd := uneven(r.groups, nil); costOf(odd) <= left {
		return odd
	}
	return nil
}

// repeats decides whether the span that ends before a round is to be repeated,
// for it was disturbed, and notes it: there must be time for that, and it must
// not come to more than a share of the rounds.
func (r *rotation) repeats(d record.Disturbance, round int, now time.Time) bool {
	span := round - r.from
	inTime := r.fixed > 0 || now.Add(now.Sub(r.watched)).Before(r.deadline)
	if !verdict.Disturbed(d) || !inTime || r.repeated+span > repeatable(round, r.least) {
		return false
	}
	r.repeated += span
	return true
}

// progress tells how far the rounds are: by their number where that is fixed,
// else by whichever will probably end them, precision or time.
func (r *rotation) progress(round int, now time.Time) Progress {
	p := Progress{Phase: "measuring", Round: round + 1}
	gone := now.Sub(r.began)
	if r.fixed > 0 {
		kept := r.fixed
		for _, g := range r.wanting() {
			kept = min(kept, g.measured())
		}
		p.Round, p.Rounds = kept+1, r.fixed
		p.Remaining = remaining(gone, kept, r.fixed)
		p.Done = float64(kept) / float64(r.fixed)
		return p
	}
	p.Remaining = max(0, min(r.deadline.Sub(now), r.untilPrecise()))
	p.Done = float64(gone) / float64(max(1, gone+p.Remaining))
	return p
}

// untilPrecise estimates how long it takes until all primaries are precise;
// as long as can be where that can't be told.
func (r *rotation) untilPrecise() time.Duration {
	const never = time.Duration(1<<63 - 1)
	var sum time.Duration
	for _, g := range r.wanting() {
		enough := min(g.quota, enoughSingles)
		if g.load == record.Closed {
			if g.needed == 0 {
				return never
			}
			enough = g.needed + g.needed/8 // and the look that confirms
		}
		sum += time.Duration(max(1, enough-g.measured())) * g.cost()
	}
	return sum
}

// remaining estimates the time to go from the time gone.
func remaining(gone time.Duration, done, planned int) time.Duration {
	if done == 0 {
		return 0
	}
	return gone / time.Duration(done) * time.Duration(planned-done)
}

// place is where a group stands in the sequence of rounds. A group with a
// stride of s takes part in every s-th round, evenly spread, which is stride
// scheduling (Waldspurger & Weihl 1995) with a round for its quantum.
type place struct {
	stride float64 // 1 or more
	next   float64 // the round it is due in, fraction and all
}

// due returns those of the groups that take part in the next round, at least
// one unless there is none, and moves them on. Groups that are left out of a
// call rest: the others don't wait for them.
func due(groups []*group) []*group {
	if len(groups) == 0 {
		return nil
	}
	round := groups[0].next
	for _, g := range groups {
		round = min(round, g.next)
	}
	var next []*group
	for _, g := range groups {
		if g.next < round+1 {
			g.next += g.stride
			next = append(next, g)
		}
	}
	return next
}
