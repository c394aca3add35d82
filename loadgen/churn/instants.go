package churn

// Instants are client numbers waiting for an instant each, the earliest first
// and of the same instant the lowest number. The zero value is empty. Not safe
// for concurrent use.
type Instants struct{ turns Heap[turn] }

type turn struct {
	at int64
	id int
}

// Before orders turns.
func (t turn) Before(o turn) bool { return t.at < o.at || t.at == o.at && t.id < o.id }

// Push has a number wait for an instant.
func (w *Instants) Push(id int, at int64) { w.turns.Push(turn{at, id}) }

// Next is the earliest instant; it reports false when nobody waits.
func (w *Instants) Next() (at int64, ok bool) {
	if w.turns.Len() == 0 {
		return 0, false
	}
	return w.turns.First().at, true
}

// Pop takes out the first number, if its instant has come by now.
func (w *Instants) Pop(now int64) (id int, ok bool) {
	if at, waits := w.Next(); !waits || at > now {
		return 0, false
	}
	return w.turns.Pop().id, true
}

// Remove takes out all numbers of which gone is true, and returns them.
func (w *Instants) Remove(gone func(id int) bool) []int {
	var removed []int
	for _, t := range w.turns.Remove(func(t turn) bool { return gone(t.id) }) {
		removed = append(removed, t.id)
	}
	return removed
}
