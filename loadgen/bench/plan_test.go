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

func TestOpenFit(t *testing.T) {
	for _, tt := range []struct {
		name           string
		budget, length time.Duration
		modes, sources int
		fit, rounds    int
	}{
		{"the default run: one of three sizes, twice", 20 * time.Second, 5 * time.Second, 2, 3, 1, 2},
		{"time for all sizes", 60 * time.Second, 5 * time.Second, 2, 3, 3, 2},
		{"time for two of three", 45 * time.Second, 5 * time.Second, 2, 3, 2, 2},
		{"one size: more rounds", 60 * time.Second, 5 * time.Second, 2, 1, 1, 6},
		{"no time at all: still two rounds of one", time.Second, 5 * time.Second, 2, 3, 1, 2},
		{"three modes", 20 * time.Second, 5 * time.Second, 3, 3, 1, 2},
		{"short blocks of the user's choice", 20 * time.Second, 20 * time.Millisecond, 2, 3, 3, MaxRounds},
	} {
		if fit, rounds := openFit(tt.budget, tt.length, tt.modes, tt.sources); fit != tt.fit || rounds != tt.rounds {
			t.Errorf("%s: got %d sources and %d rounds, want %d and %d", tt.name, fit, rounds, tt.fit, tt.rounds)
		}
	}
	if got := middle(1, 3); !slices.Equal(got, []int{1}) {
		t.Errorf("one of three: got %v, want the middle", got)
	}
	if got := middle(2, 3); !slices.Equal(got, []int{0, 1}) {
		t.Errorf("two of three: got %v", got)
	}
}

func TestOpenLength(t *testing.T) {
	for _, tt := range []struct {
		rate float64
		most time.Duration
		want time.Duration
	}{
		{4000, 10 * time.Second, 5 * time.Second},
		{100, 10 * time.Second, 10 * time.Second},
		{100, 4 * time.Second, 5 * time.Second},
		{0.1, time.Minute, time.Minute},
	} {
		if got := openLength(tt.rate, tt.most); got != tt.want {
			t.Errorf("at %v/s within %v: got %v, want %v", tt.rate, tt.most, got, tt.want)
		}
	}
}
