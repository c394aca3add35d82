package loadgen

import "sync"

// vacancies are the client numbers of a block without a connection. A new
// client takes the place at once when the one before did some good; a server
// that takes nothing from anybody is asked again after a rest, else every
// failure would be followed by the next without a pause. Safe for concurrent
// use.
type vacancies struct {
	mu      sync.Mutex
	ready   []int
	resting []int
	news    chan struct{} // holds one when a number became ready
}

func newVacancies() vacancies { return vacancies{news: make(chan struct{}, 1)} }

// add announces a number to be filled at once.
func (v *vacancies) add(id int) {
	v.putBack(id)
	select {
	case v.news <- struct{}{}:
	default:
	}
}

// putBack is add without a word, for whoever looks again anyway.
func (v *vacancies) putBack(id int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.ready = append(v.ready, id)
}

// rest has a number wait for the next take of all.
func (v *vacancies) rest(id int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.resting = append(v.resting, id)
}

// take returns the numbers to be filled, those at rest only if all are asked
// for.
func (v *vacancies) take(all bool) []int {
	v.mu.Lock()
	defer v.mu.Unlock()
	ids := v.ready
	v.ready = nil
	if all {
		ids = append(ids, v.resting...)
		v.resting = nil
	}
	return ids
}
