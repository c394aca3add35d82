package store

import (
	"testing"

	"pgregory.net/rapid"
)

func TestQueueIsFirstInFirstOut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var q queue
		pushed, popped := uint64(0), uint64(0)
		for range rapid.IntRange(1, 4).Draw(t, "rounds") {
			for range rapid.IntRange(0, 3*chunkLength).Draw(t, "pushes") {
				q.push(saved{session: pushed})
				pushed++
			}
			for range rapid.IntRange(0, int(pushed-popped)).Draw(t, "pops") {
				if got := q.oldest().session; got != popped {
					t.Fatalf("got record %d, want %d", got, popped)
				}
				q.pop()
				popped++
			}
			if got, want := q.len, int(pushed-popped); got != want {
				t.Fatalf("got %d records, want %d", got, want)
			}
			if got, most := len(q.chunks), q.len/chunkLength+2; got > most {
				t.Fatalf("got %d chunks for %d records, want at most %d", got, q.len, most)
			}
		}
	})
}

func TestQueueOfSteadyLengthAllocatesNothing(t *testing.T) {
	var q queue
	for range 2 * chunkLength {
		q.push(saved{})
	}
	got := testing.AllocsPerRun(20, func() {
		for range chunkLength {
			q.push(saved{})
			q.pop()
		}
	})
	// The list of chunks moves on now and then: less than once a chunk.
	if got > 0 {
		t.Errorf("got %v allocations for %d images, want none", got, chunkLength)
	}
}
