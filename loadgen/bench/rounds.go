package bench

import (
	"context"
	"errors"
	"time"

	"github.com/wsimg/wsimg/loadgen"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/verdict"
)

// maxRepeats is the share of the rounds that may be repeated because the
// machine was disturbed.
const maxRepeats = 0.2

// rounds goes through the rounds of the closed and the single load.
func (b *bench) rounds(ctx context.Context, budget time.Duration) error {
	n := b.plan(budget)
	if n == 0 {
		return errors.New("no image was verified in any mode; the first failures say why")
	}
	began := time.Now()
	var (
		deadline = began.Add(budget + budget/8)
		planned  = n
		repeats  = 0
		span     = 0 // first round of the span that is being watched
	)
	b.site.Begin(ctx)
	for round := 0; round < planned; round++ {
		if b.settings.Rounds == 0 && round > 0 && time.Now().After(deadline) {
			b.note("the rounds took longer than the warm-up had promised: %d of %d were measured in the time there was", round, planned)
			break
		}
		b.report(Progress{
			Phase: "measuring", Done: float64(round) / float64(planned), Round: round + 1, Rounds: planned,
			Remaining: remaining(time.Since(began), round, planned),
		})
		if err := b.round(ctx, round); err != nil {
			return err
		}
		if b.site.Long() || round == planned-1 {
			d := b.site.End(ctx)
			again := verdict.Disturbed(d) && repeats+round+1-span <= int(maxRepeats*float64(n))
			b.mark(span, round, d, again)
			if again {
				repeats += round + 1 - span
				planned += round + 1 - span
			}
			span = round + 1
			b.site.Begin(ctx)
		}
	}
	b.report(Progress{Phase: "measuring", Done: 1, Round: planned, Rounds: planned})
	return nil
}

// plan sets the length of every group's blocks and returns the number of
// rounds that fit the budget; 0 when there is nothing to measure.
func (b *bench) plan(budget time.Duration) int {
	var lengths, trips []time.Duration
	for _, bySource := range b.groups {
		for _, g := range bySource {
			if g.load == record.Open {
				continue // has rounds of its own
			}
			var slowest time.Duration
			for _, c := range g.alive() {
				slowest = max(slowest, c.trip)
				trips = append(trips, c.trip)
			}
			g.length = blockLength(slowest)
			if b.settings.Block > 0 {
				g.length = b.settings.Block
			}
			for range g.alive() {
				lengths = append(lengths, g.length)
			}
		}
	}
	if len(trips) == 0 {
		return 0
	}
	n, shrink := rounds(budget, lengths, trips, b.settings.Block > 0)
	if b.settings.Rounds > 0 {
		return b.settings.Rounds
	}
	if b.settings.Block > 0 && n < minRounds {
		b.note("only %d rounds of blocks of %v fit into the time there was: ask for shorter blocks, fewer sizes, or more --rounds", n, b.settings.Block)
	}
	if shrink < 1 {
		b.note("the server is slow: blocks were shortened to %.0f %% of their usual length to fit %d rounds into the time there was", 100*shrink, n)
		for _, bySource := range b.groups {
			for _, g := range bySource {
				g.length = time.Duration(shrink * float64(g.length)) // an open group's comes later
			}
		}
	}
	return n
}

// round measures one block of every cell.
func (b *bench) round(ctx context.Context, round int) error {
	for _, i := range shuffled(len(b.groups), round, b.settings.Seed) {
		for _, g := range b.groups[i] {
			if g.load == record.Open {
				continue
			}
			alive := g.alive()
			for order, k := range turn(len(alive), round) {
				block := loadgen.Block{Length: g.length, Load: loadgen.Load{Think: g.think}}
				if err := b.block(ctx, alive[k], block, round, order); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// mark notes the disturbance of a span of rounds, and whether they count.
func (b *bench) mark(from, to int, d record.Disturbance, repeated bool) {
	for i := range b.run.Cells {
		samples := b.run.Cells[i].Samples
		for j := len(samples) - 1; j >= 0 && samples[j].Round >= from; j-- {
			if samples[j].Round <= to {
				samples[j].Disturbance, samples[j].Repeated = d, repeated
			}
		}
	}
}

// remaining estimates the time to go from the time gone.
func remaining(gone time.Duration, done, planned int) time.Duration {
	if done == 0 {
		return 0
	}
	return gone / time.Duration(done) * time.Duration(planned-done)
}
