package bench

import (
	"slices"
	"time"

	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/verdict"
)

// rotation is the rounds of the closed and the single load, under way.
type rotation struct {
	groups   []*group
	fixed    int // rounds of each group; 0: until they are precise, or time is over
	began    time.Time
	deadline time.Time // unless fixed
	from     int       // first round of the span whose disturbance is being watched
	watched  time.Time // since when
	spans    int       // watched so far
	busy     int       // of them, those that were disturbed
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

// judge ends the span before a round: each group's rounds count, or are set
// aside and repeated, for they were disturbed. There must be time for that, the
// group must have room for it, and disturbance must not be usual: then
// disturbed rounds are as good as any, and those set aside count again.
func (r *rotation) judge(d record.Disturbance, round int, now time.Time) {
	r.spans++
	if verdict.Disturbed(d) {
		r.busy++
	}
	inTime := r.fixed > 0 || now.Add(now.Sub(r.watched)).Before(r.deadline)
	aside := verdict.Disturbed(d) && inTime && !r.usual()
	for _, g := range r.groups {
		g.judge(d, r.from, round-1, aside)
		if r.fixed == 0 && r.usual() {
			g.restore()
		}
	}
	r.from, r.watched = round, now
}

// usual reports whether disturbance is what to expect of this machine.
func (r *rotation) usual() bool { return r.busy >= usualSpans && 2*r.busy > r.spans }

// rest has the closed groups rest whose primaries are precise, and once all of
// them do, the single ones too.
func (r *rotation) rest(baseline payload.Mode, precision float64) {
	if r.fixed > 0 {
		return
	}
	for _, g := range r.groups {
		if g.load == record.Closed && !g.resting {
			g.look(baseline, precision)
		}
	}
	if !precise(r.groups) {
		return
	}
	for _, g := range r.groups {
		if g.load == record.Single {
			g.quota = min(g.quota, max(enoughSingles, g.measured()+g.measured()%2))
		}
	}
}

// lack has groups count what they have set aside when they are left with fewer
// rounds than an interval takes: nothing has replaced it.
func (r *rotation) lack() {
	for _, g := range r.groups {
		if r.fixed == 0 && g.kept < minRounds {
			g.restore()
		}
	}
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
