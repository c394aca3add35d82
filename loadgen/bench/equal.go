package bench

import (
	"context"
	"math"
	"strings"
	"time"

	"github.com/wsimg/wsimg/loadgen"
	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/schedule"
	"github.com/wsimg/wsimg/loadgen/verdict"
)

// equalLoad measures latency in open loop, all modes of a source at the same
// images a second and with the same arrivals.
func (b *bench) equalLoad(ctx context.Context, budget time.Duration) error {
	groups := b.openGroups()
	if len(groups) == 0 {
		return nil
	}
	chosen, rounds := b.planOpen(groups, budget)
	if len(chosen) < len(groups) {
		b.noteLeftOut(groups, chosen)
	}
	began := time.Now()
	planned, repeats := rounds, max(1, int(maxRepeats*float64(rounds)))
	var disturbedRounds []int // to be measured again at the end
	for round := 0; round < planned; round++ {
		length := b.roundLength(groups, chosen)
		b.report(Progress{
			Phase: "at equal load", Done: float64(round) / float64(planned), Round: round + 1, Rounds: planned,
			Remaining: time.Duration(planned-round) * length,
		})
		disturbed := false
		for _, k := range shuffled(len(chosen), round, b.settings.Seed) {
			d, err := b.openBlocks(ctx, groups[chosen[k]], chosen[k], round)
			if err != nil {
				return err
			}
			disturbed = disturbed || d
		}
		if round >= rounds {
			b.again(groups, disturbedRounds[round-rounds]) // only now that there is another
		}
		// The rounds to go and one more must be within the time there is.
		room := b.settings.Rounds > 0 || time.Since(began)+time.Duration(planned-round)*length <= budget
		if disturbed && room && len(disturbedRounds) < repeats {
			disturbedRounds = append(disturbedRounds, round)
			planned++
		}
	}
	if b.settings.openAlone() {
		b.run.Ended = record.EndedTime
		if b.settings.Rounds > 0 {
			b.run.Ended = record.EndedRounds
		}
	}
	return nil
}

// openTime returns how much of budget goes to the open load beside others, and
// says so when there is too little for any.
func (b *bench) openTime(budget time.Duration) time.Duration {
	if !b.settings.measures(record.Open) {
		return 0
	}
	length := minOpen
	if b.settings.Block > 0 {
		length = b.settings.Block
	}
	modes := len(b.settings.Modes)
	open := openTime(budget, length, modes)
	switch {
	case open == 0 && b.settings.Rounds > 0:
		return time.Duration(openShare * float64(budget)) // for as long as the rounds take
	case open == 0:
		b.note("Latency at equal load was not measured, to keep within the time there was: --time-budget %v has room for it.",
			(time.Duration(float64(modes*openRounds)*float64(length)/mostShare) + time.Second - 1).Truncate(time.Second))
	}
	return open
}

// openGroups returns the groups of the open load that can be measured.
func (b *bench) openGroups() []*group {
	var open []*group
	for _, bySource := range b.groups {
		for _, g := range bySource {
			if g.load == record.Open && b.setRate(g, bySource) {
				open = append(open, g)
			}
		}
	}
	return open
}

// setRate gives a group its rate: the one asked for, or half of what its slower
// mode reached in the closed load, with two digits. It reports false when there
// is none.
func (b *bench) setRate(g *group, bySource []*group) bool {
	rate := b.settings.Rate
	if rate == 0 {
		rate = math.Inf(1)
		for _, o := range bySource {
			if o.load != record.Closed {
				continue
			}
			for _, c := range o.cells {
				if c.Failed != "" && len(c.Samples) == 0 {
					continue // it can't be slow
				}
				var credit, seconds float64
				for _, s := range c.Samples {
					if !s.Repeated {
						credit, seconds = credit+s.Credit, seconds+s.Seconds
					}
				}
				rate = min(rate, credit/max(seconds, 1e-9)/2)
			}
		}
		if rate == 0 || math.IsInf(rate, 1) {
			for _, c := range g.cells {
				if c.Failed != "" {
					continue
				}
				c.Failed = "its rate is half of what the slower mode reaches in the closed load, and that was not measured"
			}
			return false
		}
		digit := math.Pow(10, math.Floor(math.Log10(rate))-1)
		rate = math.Floor(rate/digit) * digit
	}
	for _, c := range g.cells {
		c.RatePerS = rate
	}
	return len(g.alive()) > 0
}

// planOpen sets the length of every group's blocks, and returns the indexes of
// the groups that the time is enough for and the number of rounds.
func (b *bench) planOpen(groups []*group, budget time.Duration) (chosen []int, rounds int) {
	modes := 0
	for _, g := range groups {
		modes = max(modes, len(g.alive()))
	}
	all := len(groups)
	most := budget / time.Duration(openRounds*modes)
	if b.settings.openAlone() && b.settings.Rounds == 0 {
		most = openMost(budget, modes*all)
	}
	var longest time.Duration
	few := false
	for _, g := range groups {
		rate := g.cells[0].RatePerS
		g.length = openLength(rate, most)
		if b.settings.Block > 0 {
			g.length = b.settings.Block
		}
		few = few || rate*g.length.Seconds() < minArrivals
		longest = max(longest, g.length)
	}
	if few {
		b.note("Blocks at equal load hold fewer than %d arrivals: ask for a longer --duration to have more samples.", minArrivals)
	}
	switch {
	case b.settings.Rounds > 0:
		return middle(all, all), b.settings.Rounds
	case b.settings.openAlone():
		// What was asked for is measured, if only once.
		round := longest * time.Duration(all*modes)
		if round > b.settings.TimeBudget {
			b.note("One round at equal load takes %v, longer than the time budget of %v: it was measured once. Ask for a larger --time-budget or fewer sizes.",
				round.Round(time.Second/10), b.settings.TimeBudget)
		}
		return middle(all, all), evenly(int((budget + longest/10) / round))
	}
	fit, rounds := openFit(budget, longest, modes, all)
	return middle(fit, all), rounds
}

// noteLeftOut says which sources there was time for.
func (b *bench) noteLeftOut(groups []*group, chosen []int) {
	var names []string
	for _, i := range chosen {
		names = append(names, payload.FormatSize(groups[i].cells[0].SizeBytes))
	}
	b.note("Latency at equal load was measured at %s alone, to keep within the time there was: a larger --time-budget has room for more.", strings.Join(names, " and "))
}

// roundLength is how long a round of the chosen groups takes.
func (b *bench) roundLength(groups []*group, chosen []int) time.Duration {
	var sum time.Duration
	for _, i := range chosen {
		sum += groups[i].length * time.Duration(len(groups[i].alive()))
	}
	return sum
}

// openBlocks measures one block of every mode and reports whether one of them
// was disturbed.
func (b *bench) openBlocks(ctx context.Context, g *group, source, round int) (disturbed bool, err error) {
	if err := b.settle(ctx, g); err != nil {
		return false, err
	}
	alive := g.alive()
	for order, k := range turn(len(alive), round) {
		c := alive[k]
		block := loadgen.Block{
			Load: loadgen.Load{
				Plan:     schedule.Steady(c.RatePerS, g.length),
				Arrivals: b.settings.Arrivals,
				// One seed a round and source, whatever the mode.
				Seed: b.settings.Seed<<32 ^ uint64(round)<<8 ^ uint64(source),
			},
			RampIn: g.length / openRampIn,
		}
		b.site.Begin(ctx)
		err := b.block(ctx, c, block, round, order)
		d := b.site.End(ctx)
		c.Samples[len(c.Samples)-1].Disturbance = d
		disturbed = disturbed || verdict.Disturbed(d)
		if err != nil {
			return disturbed, err
		}
	}
	return disturbed, nil
}

// again marks a round of the open load as one that is measured again.
func (b *bench) again(groups []*group, round int) {
	for _, g := range groups {
		for _, c := range g.cells {
			for i := range c.Samples {
				if c.Samples[i].Round == round {
					c.Samples[i].Repeated = true
				}
			}
		}
	}
}
