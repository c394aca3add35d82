package bench

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestBlockLength(t *testing.T) {
	for _, tt := range []struct {
		name       string
		trip, want time.Duration
	}{
		{"a fast server gets the shortest block", 100 * time.Microsecond, 100 * time.Millisecond},
		{"a slow one gets 20 round trips", 40 * time.Millisecond, 800 * time.Millisecond},
	} {
		if got := blockLength(tt.trip); got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestRoundsFitTheBudget(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 24).Draw(t, "cells")
		var lengths, trips []time.Duration
		for range n {
			trip := time.Duration(rapid.Int64Range(int64(10*time.Microsecond), int64(2*time.Second)).Draw(t, "trip"))
			trips = append(trips, trip)
			lengths = append(lengths, blockLength(trip))
		}
		budget := 46 * time.Second
		got, shrink := rounds(budget, lengths, trips, false)
		if got < 1 || got > MaxRounds || shrink <= 0 || shrink > 1 {
			t.Fatalf("got %d rounds shrunk to %v", got, shrink)
		}
		if got > minRounds && shrink != 1 {
			t.Fatalf("got %d rounds of blocks shrunk to %v: fewer rounds should have kept them whole", got, shrink)
		}
		var round time.Duration
		for i := range lengths {
			round += time.Duration(shrink*float64(lengths[i])) + 2*trips[i] + blockCost
		}
		if took := time.Duration(got) * round; got > 1 && took > budget+budget/10 {
			t.Fatalf("%d rounds take %v of %v", got, took, budget)
		}
	})
}

func TestOrderIsBalanced(t *testing.T) {
	first := map[int]int{}
	for round := range 10 {
		first[turn(2, round)[0]]++
	}
	if first[0] != 5 || first[1] != 5 {
		t.Errorf("of 10 rounds, mode 0 comes first in %d and mode 1 in %d; want 5 each", first[0], first[1])
	}
	a, b := shuffled(5, 3, 42), shuffled(5, 3, 42)
	if !slices.Equal(a, b) {
		t.Errorf("the same seed and round give %v and %v", a, b)
	}
	if slices.Equal(shuffled(5, 1, 42), shuffled(5, 2, 42)) && slices.Equal(shuffled(5, 2, 42), shuffled(5, 3, 42)) {
		t.Error("three rounds in a row have the same order")
	}
}
