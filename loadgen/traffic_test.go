package loadgen

import (
	"testing"

	"pgregory.net/rapid"
)

// TestTurns deals any number of images to any number of clients: consecutive
// images of a client differ, and Unsent counts what is left, down to none.
func TestTurns(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 50).Draw(t, "images")
		clients := rapid.IntRange(1, 60).Draw(t, "clients")
		images := make([][]byte, n)
		for i := range images {
			images[i] = make([]byte, 5)
		}
		if rapid.Bool().Draw(t, "sizes differ") {
			images[0] = make([]byte, 6)
		}
		tr := &Traffic{images: images, turns: deal(images, clients), order: arrange(images)}
		sent := make(map[int]bool)
		last := make([]int, clients)
		for c := range last {
			last[c] = -1
		}
		if tr.Unsent() != n {
			t.Fatalf("before anything is sent: %d unsent of %d", tr.Unsent(), n)
		}
		for range rapid.IntRange(0, 200).Draw(t, "turns") {
			c := rapid.IntRange(0, clients-1).Draw(t, "client")
			i := tr.turn(c)
			if i == last[c] && n > 1 {
				t.Fatalf("client %d sends image %d twice in a row", c, i)
			}
			last[c], sent[i] = i, true
			if got, want := tr.Unsent(), n-len(sent); got != want {
				t.Fatalf("after %d different images of %d: %d unsent, want %d", len(sent), n, got, want)
			}
		}
		for c := range clients {
			for range n {
				tr.turn(c)
			}
		}
		if tr.Unsent() != 0 {
			t.Fatalf("%d images are never sent", tr.Unsent())
		}
		other := &Traffic{images: images, turns: deal(images, clients), order: arrange(images)}
		for round := range 5 {
			before := tr.turn(0)
			tr.Start(round)
			other.Start(round)
			i, j := tr.turn(0), other.turn(0)
			if i == before && n > 1 {
				t.Fatalf("round %d begins with image %d, which client 0 sent last", round, i)
			}
			own := tr.turns[0].last - tr.turns[0].first
			if d := (tr.turns[0].next - other.turns[0].next + own) % own; i != j && d != 1 && d != own-1 {
				t.Fatalf("round %d begins with image %d here and %d there", round, i, j)
			}
		}
	})
}
