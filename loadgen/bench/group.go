package bench

import (
	"time"

	"github.com/wsimg/wsimg/loadgen/record"
)

// stepsShare is the part of the time that steps may take beside the blocks.
const stepsShare = 0.05

// group is the cells that are compared: one source and load, all modes. They
// share the length of their blocks.
type group struct {
	load   string
	cells  []*cell
	length time.Duration
	think  time.Duration // of a closed load

	place        // in the rounds
	quota   int  // rounds that are enough
	resting bool // for they have told enough
	needed  int  // rounds until then, as far as can be told; else 0
	least   int  // rounds that there will at least be, about
	kept    int  // rounds that count
	fresh   int  // those since, whose disturbance is not known yet
	aside   int  // rounds that were disturbed and do not count
	most    int  // the most rounds of one span, so far

	expected time.Duration // what a round takes, by the warm-up
	took     time.Duration // what the rounds did take
	rounds   int           // how many that were, repeated ones included
	stepping time.Duration // what steps took
}

// measured returns how many rounds there are, unless the last are repeated.
func (g *group) measured() int { return g.kept + g.fresh }

// judge ends the span of rounds from one to another. Where they are to be set
// aside, that must not come to more than a share of the group's rounds, with
// the largest span there has been: were it this one, those of few rounds would
// go first, and a span has few when images are slow.
func (g *group) judge(d record.Disturbance, from, to int, aside bool) {
	g.most = max(g.most, g.fresh)
	aside = aside && g.fresh > 0 && g.aside+g.most <= repeatable(g.kept+g.aside+g.fresh, g.least)
	for _, c := range g.cells {
		for i := len(c.Samples) - 1; i >= 0 && c.Samples[i].Round >= from; i-- {
			if c.Samples[i].Round <= to {
				c.Samples[i].Disturbance, c.Samples[i].Repeated = d, aside
			}
		}
	}
	if aside {
		g.aside += g.fresh
	} else {
		g.kept += g.fresh
	}
	g.fresh = 0
}

// restore has the rounds count that were set aside.
func (g *group) restore() {
	if g.aside == 0 {
		return
	}
	for _, c := range g.cells {
		for i := range c.Samples {
			c.Samples[i].Repeated = false
		}
	}
	g.kept, g.aside = g.kept+g.aside, 0
	if g.resting {
		g.quota = g.kept + g.kept%2
	}
}

// cost returns what a round takes.
func (g *group) cost() time.Duration {
	if g.rounds == 0 {
		return g.expected
	}
	return g.took / time.Duration(g.rounds)
}

// demand returns what a round takes by the warm-up: the blocks' windows, and
// what is about them.
func (g *group) demand() demand {
	var d demand
	for _, c := range g.alive() {
		d.windows += g.length
		d.edges += 2*c.trip + blockCost
		if g.apart() {
			d.windows += g.length / settleShare
			d.edges += 2*c.trip + blockCost
		}
	}
	return d
}

// wants reports whether the group is to go on.
func (g *group) wants() bool {
	return len(g.alive()) > 0 && g.measured() < g.quota
}

// step measures the steps of the group's modes, beside the last blocks, unless
// they have had their share of the time.
func (g *group) step() {
	if float64(g.stepping) > stepsShare*float64(g.took) {
		return
	}
	began := time.Now()
	for _, c := range g.alive() {
		if c.steps != nil {
			c.Samples[len(c.Samples)-1].Steps = c.steps.Measure()
		}
	}
	g.stepping += time.Since(began)
}

// costOf returns what a round of those groups takes.
func costOf(groups []*group) time.Duration {
	var sum time.Duration
	for _, g := range groups {
		sum += g.cost()
	}
	return sum
}

// uneven returns the groups in which one mode has come first more often than
// the other, once those of next have had another round.
func uneven(groups, next []*group) []*group {
	rounds := make(map[*group]int, len(groups))
	for _, g := range groups {
		rounds[g] = g.measured()
	}
	for _, g := range next {
		rounds[g]++
	}
	var odd []*group
	for _, g := range groups {
		if len(g.alive()) > 0 && rounds[g]%2 == 1 {
			odd = append(odd, g)
		}
	}
	return odd
}

// precise reports whether all closed loads that can be measured, at least
// one, rest.
func precise(groups []*group) bool {
	any := false
	for _, g := range groups {
		if g.load == record.Closed && len(g.alive()) > 0 {
			if !g.resting {
				return false
			}
			any = true
		}
	}
	return any
}
