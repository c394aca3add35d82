package bench

import (
	"math/rand/v2"
	"slices"
	"time"
)

// What the number and the length of blocks follow from.
const (
	// MaxRounds is the most rounds that are chosen by the time there is.
	MaxRounds = 64
	// minRounds is what an interval of a median needs at least.
	minRounds = 6
	// minBlock and minTrips are the least a block holds: noise is slow, so
	// blocks are as short as their edges allow.
	minBlock = 100 * time.Millisecond
	minTrips = 20 // round trips a client
	// minOpen and minArrivals are the least an open block holds: latency under
	// load takes time to settle, and its p99 wants samples. The first tenth is
	// ramp-in.
	minOpen     = 5 * time.Second
	minArrivals = 1000
	openRampIn  = 10
	// openRounds are the fewest rounds of open blocks: one mode must have come
	// first as often as the other.
	openRounds = 2
	// openShare is the part of the time that open blocks get beside others.
	openShare = 0.45
	// blockCost is what a block takes beside its window and its edges.
	blockCost = 4 * time.Millisecond
)

// blockLength returns the window of a block whose slowest mode takes trip for
// one round trip of a client.
func blockLength(trip time.Duration) time.Duration {
	return max(minBlock, minTrips*trip)
}

// rounds returns how many rounds fit into budget when one takes all the
// lengths and, at the edges, twice all the trips; and by what factor the
// lengths must shrink for the fewest that make an interval. Where even single
// round trips are too long for that, fewer remain, at least one.
//
// Lengths that are fixed do not shrink; then n is all that gives way.
func rounds(budget time.Duration, lengths, trips []time.Duration, fixed bool) (n int, shrink float64) {
	var windows, edges time.Duration
	for i := range lengths {
		windows += lengths[i]
		edges += 2*trips[i] + blockCost
	}
	n = int(budget / (windows + edges))
	if n >= minRounds || fixed {
		return min(max(n, 1), MaxRounds), 1
	}
	least := windows / minTrips // a window of one round trip a client
	n = min(minRounds, max(1, int(budget/(least+edges))))
	shrink = float64(budget/time.Duration(n)-edges) / float64(windows)
	return n, min(1, max(shrink, 1.0/minTrips))
}

// openLength returns the length of an open block at that many images/s, within
// what there is for it.
func openLength(rate float64, most time.Duration) time.Duration {
	arrivals := time.Duration(minArrivals / rate * float64(time.Second))
	return max(minOpen, min(arrivals, most))
}

// openFit returns how many of the sources, of modes each, fit into budget with
// blocks of that length, and how many rounds of them: at least one source, and
// the fewest rounds, whatever the budget.
func openFit(budget, length time.Duration, modes, sources int) (fit, rounds int) {
	blocks := int((budget + length/10) / length) // a little over is within
	fit = min(max(1, blocks/(openRounds*modes)), sources)
	return fit, min(max(openRounds, blocks/(fit*modes)), MaxRounds)
}

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
