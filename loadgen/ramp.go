package loadgen

import (
	"slices"
	"time"
)

// ramp is the coming of the clients that have no connection yet, evenly over
// a time: n of them leave n+1 equal parts of it between them. At its start
// there is somebody already.
type ramp struct {
	length time.Duration
	turns  []time.Duration // by client number, from the start of the block; 0: it is there
}

// newRamp spreads the clients of these numbers, ascending, of so many. Those
// numbered below active come evenly among the others.
func newRamp(length time.Duration, missing []int, clients, active int) ramp {
	r := ramp{length: length, turns: make([]time.Duration, clients)}
	n := len(missing)
	sending, _ := slices.BinarySearch(missing, active)
	first := 0 // of the active who are still to come
	for k := range n {
		next := k - first // of the others, behind all the active
		id := 0
		if first*n < (k+1)*sending {
			id = missing[first]
			first++
		} else {
			id = missing[sending+next]
		}
		r.turns[id] = time.Duration(float64(length) * float64(k+1) / float64(n+1))
	}
	return r
}

// turn is when a client is to come.
func (r ramp) turn(id int) time.Duration {
	if r.turns == nil {
		return 0
	}
	return r.turns[id]
}
