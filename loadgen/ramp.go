package loadgen

import "time"

// ramp is the coming of the clients that have no connection yet, evenly over
// a time: n of them leave n+1 equal parts of it between them. At its start
// there is somebody already.
type ramp struct {
	length time.Duration
	turns  []time.Duration // by client number, from the start of the block; 0: it is there
}

// newRamp spreads the clients of these numbers, of so many.
func newRamp(length time.Duration, missing []int, clients int) ramp {
	r := ramp{length: length, turns: make([]time.Duration, clients)}
	for k, id := range missing {
		r.turns[id] = time.Duration(float64(length) * float64(k+1) / float64(len(missing)+1))
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
