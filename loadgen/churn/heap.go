package churn

// Ordered is a value that knows whether it comes before another.
type Ordered[T any] interface{ Before(T) bool }

// Heap is values of which the first can be had. Unlike container/heap it does
// not allocate for each. The zero value is empty. Not safe for concurrent use.
type Heap[T Ordered[T]] struct{ values []T }

// Len is how many values there are.
func (h *Heap[T]) Len() int { return len(h.values) }

// First is the value that comes before all others; there must be one.
func (h *Heap[T]) First() T { return h.values[0] }

// Push adds a value.
func (h *Heap[T]) Push(v T) {
	h.values = append(h.values, v)
	for i := len(h.values) - 1; i > 0; {
		parent := (i - 1) / 2
		if !h.values[i].Before(h.values[parent]) {
			return
		}
		h.values[i], h.values[parent] = h.values[parent], h.values[i]
		i = parent
	}
}

// Pop takes out the first value; there must be one.
func (h *Heap[T]) Pop() T {
	var none T
	first, last := h.values[0], len(h.values)-1
	h.values[0] = h.values[last]
	h.values[last] = none // it may point to something
	h.values = h.values[:last]
	h.down(0)
	return first
}

// Remove takes out all values of which gone is true, and returns them.
func (h *Heap[T]) Remove(gone func(T) bool) []T {
	var removed []T
	kept := h.values[:0]
	for _, v := range h.values {
		if gone(v) {
			removed = append(removed, v)
		} else {
			kept = append(kept, v)
		}
	}
	clear(h.values[len(kept):])
	h.values = kept
	for i := len(kept)/2 - 1; len(removed) > 0 && i >= 0; i-- {
		h.down(i)
	}
	return removed
}

// down moves a value to where none behind it comes before it.
func (h *Heap[T]) down(i int) {
	for {
		first := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(h.values); child++ {
			if h.values[child].Before(h.values[first]) {
				first = child
			}
		}
		if first == i {
			return
		}
		h.values[i], h.values[first] = h.values[first], h.values[i]
		i = first
	}
}
