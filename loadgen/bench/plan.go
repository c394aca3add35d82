package bench

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// What the number and the length of blocks follow from.
const (
	// minRounds is what an interval of a median needs at least.
	minRounds = 6
	// minBlock and minTrips are the least a block holds. A pair of short blocks
	// tells as much as a pair of long ones, for noise is slow; so they are as
	// short as their edges allow, and many.
	minBlock = 50 * time.Millisecond
	minTrips = 10 // round trips a client
	// maxRepeats is the share of a group's rounds that may be repeated because
	// the machine was disturbed.
	maxRepeats = 0.2
	// usualSpans are the disturbed spans from which on, if they are the most,
	// disturbance is usual and no reason to repeat anything.
	usualSpans = 3
	// singleShare is the part of the time that single loads get beside closed
	// ones: they serve no primary.
	singleShare = 0.12
	// enoughSingles are the rounds of single loads after which they wait for
	// nobody but the closed ones.
	enoughSingles = 12
	// slack is the part of the time that the fewest rounds leave free, for what
	// takes longer than the warm-up had promised.
	slack = 0.15

	// minOpen and minArrivals are the least an open block holds: latency under
	// load takes time to settle, and its p99 wants samples. The first tenth is
	// ramp-in.
	minOpen     = 5 * time.Second
	minArrivals = 1000
	openRampIn  = 10
	// openRounds are the fewest rounds of open blocks that balance: one mode
	// must have come first as often as the other.
	openRounds = 2
	// enoughOpen are the rounds of open blocks after which there is no need to
	// use the time there is.
	enoughOpen = 10
	// openShare is the part of the time that open blocks get beside others,
	// and mostShare what they get when that is too little for openRounds.
	openShare, mostShare = 0.4, 0.6
	// blockCost is what a block takes beside its window and its edges.
	blockCost = 4 * time.Millisecond
)

// blockLength returns the window of a block whose slowest mode takes trip for
// one round trip of a client.
func blockLength(trip time.Duration) time.Duration {
	return max(minBlock, minTrips*trip)
}

// demand is what one round of a group takes.
type demand struct {
	windows time.Duration // of the blocks, which can be shortened
	edges   time.Duration // and what is about them
}

func (d demand) cost() time.Duration { return d.windows + d.edges }

// shrinkage returns the factor by which windows must shrink for minRounds
// rounds of all demands to fit into budget: 1 when they do, and never so
// little that a client has less than a round trip.
func shrinkage(budget time.Duration, demands []demand) float64 {
	var all demand
	for _, d := range demands {
		all.windows += d.windows
		all.edges += d.edges
	}
	if minRounds*all.cost() <= budget {
		return 1
	}
	room := (1-slack)*float64(budget)/minRounds - float64(all.edges)
	return min(1, max(room/float64(all.windows), 1.0/minTrips))
}

// strides returns in every how many rounds each group takes part, when one
// round of it costs that much and all have to share budget.
//
// Each gets the same time, as long as that leaves the costliest minRounds
// rounds. The least variance, all told, would come of inverse proportion to the
// square root of the cost (Neyman 1934; Cochran, Sampling Techniques, §5.5), but
// it is not the sum that people read: a size's precision should not depend on
// how long the others take.
func strides(budget time.Duration, costs []time.Duration) (every []float64, rounds int) {
	every = make([]float64, len(costs))
	if len(costs) == 0 {
		return every, 0
	}
	least := slices.Min(costs)
	for _, power := range []float64{1, 0.5, 0.25, 0} {
		round, longest := 0.0, 1.0
		for i, cost := range costs {
			every[i] = math.Pow(float64(cost)/float64(least), power)
			round += float64(cost) / every[i]
			longest = max(longest, every[i])
		}
		rounds = int(float64(budget) / round)
		if float64(rounds)/longest >= minRounds {
			break
		}
	}
	return every, rounds
}

// singles returns how many rounds of single loads there are beside closed ones
// when one of all sources takes cost: an even number.
func singles(budget, cost time.Duration) int {
	return max(minRounds, int(singleShare*float64(budget)/float64(cost))&^1)
}

// repeatable returns how many rounds may be repeated because the machine was
// disturbed, of so many, or of as many as there will at least be.
func repeatable(rounds, least int) int {
	return int(maxRepeats * float64(max(rounds, least)))
}

// openTime returns how much of budget goes to the open load when it stands
// beside others; 0 when that is too little even for one round of its modes.
func openTime(budget, length time.Duration, modes int) time.Duration {
	for rounds := openRounds; rounds > 0; rounds-- {
		if need := time.Duration(rounds*modes) * length; need <= time.Duration(mostShare*float64(budget)) {
			return max(need, time.Duration(openShare*float64(budget)))
		}
	}
	return 0
}

// openLength returns the length of an open block at that many images/s, within
// what there is for it.
func openLength(rate float64, most time.Duration) time.Duration {
	arrivals := time.Duration(minArrivals / rate * float64(time.Second))
	return max(minOpen, min(arrivals, most))
}

// openMost returns how long a block may be when the open load is alone and a
// round is so many: for openRounds rounds to fit into budget, or a single one
// where blocks would be too short for that.
func openMost(budget time.Duration, blocks int) time.Duration {
	if each := budget / time.Duration(openRounds*blocks); each >= minOpen {
		return each
	}
	return budget / time.Duration(blocks)
}

// openFit returns how many of the sources, of modes each, fit into budget with
// blocks of that length, and how many rounds of them, an even number. Rounds
// enough for an interval go before more sources. At least one round of one
// source is measured.
func openFit(budget, length time.Duration, modes, sources int) (fit, rounds int) {
	blocks := int((budget + length/10) / length) // a little over is within
	fit = min(max(1, blocks/(minRounds*modes)), sources)
	return fit, evenly(min(blocks/(fit*modes), enoughOpen))
}

// evenly returns the largest even number up to n, and 1 where that is too few.
func evenly(n int) int { return max(1, n&^1) }

// middle returns the indexes of n of all sources, those in the middle first to
// be taken.
func middle(n, all int) []int {
	first := (all - n) / 2
	chosen := make([]int, n)
	for i := range chosen {
		chosen[i] = first + i
	}
	return chosen
}

// turn returns the order in which n modes run in a round: as given, then
// reversed.
func turn(n, round int) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	if round%2 == 1 {
		slices.Reverse(order)
	}
	return order
}

// shuffled returns the order in which n sources come in a round.
func shuffled(n, round int, seed uint64) []int {
	return rand.New(rand.NewPCG(seed, uint64(round))).Perm(n)
}
