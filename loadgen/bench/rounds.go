package bench

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/wsimg/wsimg/loadgen"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/stats"
)

// rounds goes through the rounds of the closed and the single load.
func (b *bench) rounds(ctx context.Context, budget time.Duration) error {
	r := rotation{fixed: b.settings.Rounds, began: time.Now()}
	for _, g := range slices.Concat(b.groups...) {
		if g.load != record.Open && len(g.alive()) > 0 { // open loads have rounds of their own
			r.groups = append(r.groups, g)
		}
	}
	if len(r.groups) == 0 {
		return errors.New("no image was verified in any mode; the first failures say why")
	}
	b.plan(&r, budget)
	r.deadline = r.began.Add(budget)
	r.watched = time.Now()
	b.site.Begin(ctx)
	round := 0
	for next := r.next(time.Now()); len(next) > 0; next = r.next(time.Now()) {
		b.report(r.progress(round, time.Now()))
		if err := b.round(ctx, next, round); err != nil {
			r.lack()
			return err
		}
		round++
		if b.site.Long() || len(r.wanting()) == 0 {
			first := r.from == 0
			b.judge(ctx, &r, round)
			if first && r.fixed == 0 && !precise(r.groups) {
				// What the warm-up told may be true of a busy moment alone.
				b.plan(&r, time.Until(r.deadline))
			}
		}
	}
	if r.from < round {
		b.judge(ctx, &r, round)
	}
	b.report(Progress{Phase: "measuring", Done: 1, Round: round, Rounds: r.fixed})
	b.end(&r)
	return nil
}

// plan sets the length of every group's blocks, in how many of the rounds it
// takes part, and when it has enough.
func (b *bench) plan(r *rotation, budget time.Duration) {
	groups := r.wanting()
	var demands []demand
	for _, g := range groups {
		var slowest time.Duration
		for _, c := range g.alive() {
			slowest = max(slowest, c.trip)
		}
		g.length = blockLength(slowest)
		if b.settings.Block > 0 {
			g.length = b.settings.Block
		}
		demands = append(demands, g.demand())
	}
	if b.settings.Block == 0 && r.fixed == 0 {
		r.shrunk = shrinkage(budget, demands)
		for _, g := range groups {
			g.length = time.Duration(r.shrunk * float64(g.length))
		}
	}
	var leading, beside []*group // beside closed loads, single ones serve no primary
	for _, g := range groups {
		g.expected, g.took, g.rounds, g.stepping = g.demand().cost(), 0, 0, 0
		if g.load == record.Single && b.settings.measures(record.Closed) {
			beside = append(beside, g)
		} else {
			leading = append(leading, g)
		}
	}
	if r.fixed > 0 || len(leading) == 0 {
		for _, g := range groups {
			g.stride, g.least = 1, r.fixed
			if r.fixed > 0 {
				g.quota = r.fixed
			}
		}
		return
	}
	quota := 0
	if len(beside) > 0 {
		quota = singles(budget, costOf(beside))
		budget -= time.Duration(quota) * costOf(beside)
	}
	costs := make([]time.Duration, len(leading))
	for i, g := range leading {
		costs[i] = g.expected
	}
	every, rounds := strides(budget, costs)
	for i, g := range leading {
		g.stride = every[i]
		g.least = min(int(float64(rounds)/every[i]), stats.MinStopping)
	}
	for _, g := range beside {
		g.quota, g.stride = quota, max(1, float64(rounds)/float64(quota))
		g.least = min(quota, enoughSingles)
	}
}

// round measures one block of every cell of the groups.
func (b *bench) round(ctx context.Context, groups []*group, round int) error {
	for _, i := range shuffled(len(b.groups), round, b.settings.Seed) {
		for _, g := range b.groups[i] {
			if !slices.Contains(groups, g) {
				continue
			}
			began := time.Now()
			if err := b.settle(ctx, g); err != nil {
				return err
			}
			alive := g.alive()
			for order, k := range turn(len(alive), g.measured()) {
				block := loadgen.Block{Length: g.length, Load: loadgen.Load{Think: g.think}}
				if err := b.block(ctx, alive[k], block, round, order); err != nil {
					return err
				}
			}
			g.took += time.Since(began)
			g.rounds++
			g.fresh++
			g.step()
		}
	}
	return nil
}

// judge ends the span before a round, then looks whether the primaries are
// precise.
func (b *bench) judge(ctx context.Context, r *rotation, round int) {
	r.judge(b.site.End(ctx), round, time.Now())
	r.rest(b.settings.Baseline, b.settings.Precision)
	b.site.Begin(ctx)
}

// end records what the rounds ended by, and says where they were too few.
func (b *bench) end(r *rotation) {
	switch {
	case r.fixed > 0:
		b.run.Ended = record.EndedRounds
		return
	case precise(r.groups):
		b.run.Ended = record.EndedPrecise
	default:
		b.run.Ended = record.EndedTime
	}
	r.lack()
	if r.shrunk > 0 && r.shrunk < 1 {
		b.note("The server is slow: blocks were shortened to %.0f %% of their usual length, for more rounds in the time there was.", 100*r.shrunk)
	}
	few := minRounds
	for _, g := range r.groups {
		if len(g.alive()) > 0 {
			few = min(few, g.kept)
		}
	}
	if few < minRounds {
		b.note("There was no time for the %d rounds that an interval takes, but for %d: ask for a larger --time-budget, fewer sizes or fewer clients, or for --rounds %d.", minRounds, few, minRounds)
	}
}
