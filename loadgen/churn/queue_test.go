package churn

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func queueOf(clients int, storm bool) *Queue {
	return NewQueue(clients, Backoff{Base: time.Second, Most: 8 * time.Second}, storm, rand.New(rand.NewPCG(1, 2)))
}

// all takes everybody out whose turn has come.
func all(q *Queue, now int64) []int {
	var ids []int
	for id, ok := q.Take(now); ok; id, ok = q.Take(now) {
		ids = append(ids, id)
	}
	return ids
}

func TestClientsComeInTheirTurn(t *testing.T) {
	q := queueOf(5, false)
	for id, at := range []int64{30, 10, 20, 10, 50} {
		q.Expect(id, at)
	}
	q.Expect(1, 99) // has said so already
	if at, ok := q.Next(); at != 10 || !ok {
		t.Errorf("the first turn is at %d, %v, want 10", at, ok)
	}
	if got := all(q, 9); got != nil {
		t.Errorf("before anybody's turn: got %v", got)
	}
	if got := all(q, 30); !slices.Equal(got, []int{1, 3, 2, 0}) {
		t.Errorf("until 30: got %v, want 1 3 2 0", got)
	}
	if got := q.Remove(func(id int) bool { return id == 4 }); !slices.Equal(got, []int{4}) {
		t.Errorf("removed %v, want 4", got)
	}
	if at, ok := q.Next(); ok {
		t.Errorf("somebody's turn is at %d, want nobody's", at)
	}
}

// TestWaitsGrowWithFailuresInARow looks at the bounds of the waits of many
// clients, which are drawn evenly up to them.
func TestWaitsGrowWithFailuresInARow(t *testing.T) {
	const clients = 1000
	q := queueOf(clients, false)
	longest := func(what string, want time.Duration) {
		t.Helper()
		var most int64
		for range clients {
			most, _ = q.Next()
			q.Take(most)
		}
		if _, ok := q.Next(); ok || most > int64(want) || most < int64(want)*98/100 {
			t.Errorf("%s: the longest wait is %v, want nearly %v", what, time.Duration(most), want)
		}
	}
	for id := range clients {
		q.Lose(id, 0, true)
	}
	longest("a connection that was of use", time.Second)
	for _, want := range []time.Duration{2, 4, 8, 8} {
		for id := range clients {
			q.Fail(id, 0)
		}
		longest("one failure more", want*time.Second)
	}
	for id := range clients {
		q.Came(id, 0)
		q.Lose(id, 0, false)
	}
	longest("a connection that was of no use", 8*time.Second)
	for id := range clients {
		q.Came(id, 0)
		q.Lose(id, 0, true)
	}
	longest("one that was", time.Second)
	for id := range clients {
		q.Came(id, 0)
		q.Replace(id, 0)
	}
	if got := all(q, 0); len(got) != clients {
		t.Errorf("%d come at once in the place of others, want all", len(got))
	}
}

// TestStormWaitsForOne has all but one wait until somebody gets a connection.
func TestStormWaitsForOne(t *testing.T) {
	q := queueOf(4, true)
	for id := range 4 {
		q.Lose(id, 1, true)
	}
	for range 3 {
		at, ok := q.Next()
		if got := all(q, at); !ok || !slices.Equal(got, []int{0}) {
			t.Fatalf("got %v, want client 0 to try for all", got)
		}
		q.Fail(0, at)
	}
	at, _ := q.Next()
	q.Take(at)
	if lost := q.Came(0, at); lost != 1 {
		t.Errorf("its connection was lost at %d, want 1", lost)
	}
	if got := all(q, at); !slices.Equal(got, []int{1, 2, 3}) {
		t.Errorf("got %v, want the others at the same instant", got)
	}
	for _, id := range []int{2, 3, 1} { // the server breaks down under them
		q.Fail(id, at)
	}
	next, _ := q.Next()
	if got := all(q, next); !slices.Equal(got, []int{2}) {
		t.Errorf("got %v, want client 2 to try for the others", got)
	}
	q.Leave(2)
	if got := all(q, next); !slices.Equal(got, []int{3}) {
		t.Errorf("got %v, want client 3 to try when client 2 does not want to any more", got)
	}
}

// TestNobodyIsTwiceInTheQueue plays with it at random: a number is where it was
// put, once, and in a storm somebody always tries.
func TestNobodyIsTwiceInTheQueue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const clients = 8
		storm := rapid.Bool().Draw(t, "storm")
		q := queueOf(clients, storm)
		trying, waits := map[int]bool{}, map[int]bool{}
		now := int64(1)
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			id := rapid.IntRange(0, clients-1).Draw(t, "client")
			switch rapid.IntRange(0, 6).Draw(t, "what") {
			case 0:
				q.Lose(id, now, rapid.Bool().Draw(t, "good"))
				waits[id] = waits[id] || !trying[id]
			case 1:
				q.Replace(id, now)
				waits[id] = waits[id] || !trying[id]
			case 2:
				if got, ok := q.Take(now); ok {
					if !waits[got] || trying[got] {
						t.Fatalf("client %d was taken out, and is not in it", got)
					}
					trying[got], waits[got] = true, false
				}
			case 3:
				if trying[id] {
					q.Fail(id, now)
					trying[id], waits[id] = false, true
				}
			case 4:
				if trying[id] {
					q.Came(id, now)
					trying[id] = false
				}
			case 5:
				for _, gone := range q.Remove(func(other int) bool { return other == id }) {
					if gone != id || !waits[id] {
						t.Fatalf("client %d was removed, and is not in it", gone)
					}
					waits[id] = false
				}
			default:
				now += int64(time.Second)
			}
		}
		// Whoever waits gets a turn, when nothing but time and a server is wanted.
		for range 3 * clients {
			now += int64(10 * time.Second)
			for id := range trying {
				if trying[id] {
					q.Came(id, now)
					trying[id] = false
				}
			}
			if got, ok := q.Take(now); ok {
				if !waits[got] {
					t.Fatalf("client %d was taken out twice", got)
				}
				trying[got], waits[got] = true, false
			}
		}
		for id, still := range waits {
			if still {
				t.Fatalf("client %d waits for ever", id)
			}
		}
	})
}
