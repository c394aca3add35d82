package bench

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/wsimg/wsimg/loadgen/record"
)

func TestBlockLength(t *testing.T) {
	for _, tt := range []struct {
		name       string
		trip, want time.Duration
	}{
		{"a fast server gets the shortest block", 100 * time.Microsecond, 50 * time.Millisecond},
		{"a slow one gets 10 round trips", 40 * time.Millisecond, 400 * time.Millisecond},
	} {
		if got := blockLength(tt.trip); got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestFewestRoundsFitTheBudget(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var demands []demand
		var trips time.Duration
		for range rapid.IntRange(1, 24).Draw(t, "groups") {
			trip := time.Duration(rapid.Int64Range(int64(10*time.Microsecond), int64(2*time.Second)).Draw(t, "trip"))
			demands = append(demands, demand{windows: 2 * blockLength(trip), edges: 2 * (2*trip + blockCost)})
			trips += trip
		}
		budget := 30 * time.Second
		shrink := shrinkage(budget, demands)
		if shrink < 1.0/minTrips || shrink > 1 {
			t.Fatalf("got windows shrunk to %v", shrink)
		}
		var round time.Duration
		for _, d := range demands {
			round += time.Duration(shrink*float64(d.windows)) + d.edges
		}
		if shrink > 1.0/minTrips && minRounds*round > budget+time.Millisecond {
			t.Errorf("%d rounds shrunk to %v take %v of %v", minRounds, shrink, minRounds*round, budget)
		}
	})
}

func TestStrides(t *testing.T) {
	const ms = time.Millisecond
	for _, tt := range []struct {
		name   string
		budget time.Duration
		costs  []time.Duration
		every  []float64
		rounds int
	}{
		{"alike", 10 * time.Second, []time.Duration{100 * ms, 100 * ms}, []float64{1, 1}, 50},
		{"four times the cost, a quarter as often", 30 * time.Second, []time.Duration{100 * ms, 400 * ms}, []float64{1, 4}, 150},
		{"the costliest keeps its fewest rounds", 3500 * ms, []time.Duration{100 * ms, 400 * ms}, []float64{1, 1.4142}, 9},
		{"no time: all take turns", 2 * time.Second, []time.Duration{100 * ms, 400 * ms}, []float64{1, 1}, 4},
		{"a size alone", 10 * time.Second, []time.Duration{400 * ms}, []float64{1}, 25},
		{"none", 10 * time.Second, nil, []float64{}, 0},
	} {
		every, rounds := strides(tt.budget, tt.costs)
		same := slices.EqualFunc(every, tt.every, func(a, b float64) bool { return math.Abs(a-b) < 1e-3 })
		if !same || rounds != tt.rounds {
			t.Errorf("%s: got strides %v and %d rounds, want %v and %d", tt.name, every, rounds, tt.every, tt.rounds)
		}
	}
}

// What strides promise is what the time is enough for.
func TestStridesUseTheBudget(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		budget := 30 * time.Second
		var costs []time.Duration
		for range rapid.IntRange(1, 8).Draw(t, "groups") {
			costs = append(costs, time.Duration(rapid.Int64Range(int64(50*time.Millisecond), int64(600*time.Millisecond)).Draw(t, "cost")))
		}
		every, rounds := strides(budget, costs)
		var took float64
		for i, cost := range costs {
			if every[i] < 1 {
				t.Errorf("group %d takes part in every %v-th round", i, every[i])
			}
			took += float64(rounds) / every[i] * cost.Seconds()
		}
		if took > budget.Seconds()+1e-6 { // what floats round
			t.Errorf("%d rounds of %v at strides %v take %.1f s of %v", rounds, costs, every, took, budget)
		}
		if n := float64(rounds) / slices.Max(every); n < minRounds {
			t.Errorf("%d rounds of %v at strides %v leave one %.1f rounds", rounds, costs, every, n)
		}
	})
}

func TestSingles(t *testing.T) {
	for _, tt := range []struct {
		name         string
		budget, cost time.Duration
		want         int
	}{
		{"the default run", 30 * time.Second, 340 * time.Millisecond, 10},
		{"never fewer than an interval takes", 30 * time.Second, 2 * time.Second, 6},
		{"more time, more rounds", 180 * time.Second, 340 * time.Millisecond, 62},
	} {
		if got := singles(tt.budget, tt.cost); got != tt.want {
			t.Errorf("%s: got %d, want %d", tt.name, got, tt.want)
		}
	}
}

func TestOpenTime(t *testing.T) {
	for _, tt := range []struct {
		name           string
		budget, length time.Duration
		modes          int
		want           time.Duration
	}{
		{"the default run", 50 * time.Second, 5 * time.Second, 2, 20 * time.Second},
		{"three modes need more", 50 * time.Second, 5 * time.Second, 3, 30 * time.Second},
		{"five modes get one round", 50 * time.Second, 5 * time.Second, 5, 25 * time.Second},
		{"too short for any", 10 * time.Second, 5 * time.Second, 2, 0},
		{"more time", 300 * time.Second, 5 * time.Second, 2, 120 * time.Second},
	} {
		if got := openTime(tt.budget, tt.length, tt.modes); got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
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
		{"a little less than that", 19600 * time.Millisecond, 5 * time.Second, 2, 3, 1, 2},
		{"time for an interval", 60 * time.Second, 5 * time.Second, 2, 3, 1, 6},
		{"and at two sizes", 120 * time.Second, 5 * time.Second, 2, 3, 2, 6},
		{"at all of them", 180 * time.Second, 5 * time.Second, 2, 3, 3, 6},
		{"an odd round is left out", 50 * time.Second, 5 * time.Second, 2, 3, 1, 4},
		{"more than enough", time.Hour, 5 * time.Second, 2, 3, 3, 10},
		{"no time at all: still one round of one", time.Second, 5 * time.Second, 2, 3, 1, 1},
		{"three modes", 30 * time.Second, 5 * time.Second, 3, 3, 1, 2},
		{"short blocks of the user's choice", 20 * time.Second, 20 * time.Millisecond, 2, 3, 3, 10},
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

func TestOpenAloneKeepsToItsBudget(t *testing.T) {
	const s = time.Second
	for _, tt := range []struct {
		name   string
		budget time.Duration
		sizes  int
		length time.Duration
		rounds int
		note   string
	}{
		{"one size, in pairs", 52 * s, 1, 10 * s, 2, ""},
		{"three sizes, once", 52 * s, 3, 52 * s / 6, 1, ""},
		{"more time", 120 * s, 3, 10 * s, 2, ""},
		{"too little for one round, and it says so", 5 * s, 2, 5 * s, 1, "One round at equal load takes 20s, longer than the time budget of 5s"},
	} {
		b := &bench{run: new(record.Run), settings: Settings{Loads: []string{record.Open}, TimeBudget: tt.budget}}
		var groups []*group
		for range tt.sizes {
			g := groupOf(record.Open, 1, 0)
			g.cells = append(g.cells, &cell{Cell: new(record.Cell)})
			g.cells[0].RatePerS = 100
			groups = append(groups, g)
		}
		chosen, rounds := b.planOpen(groups, tt.budget)
		if got := groups[0].length; got != tt.length || rounds != tt.rounds || len(chosen) != tt.sizes {
			t.Errorf("%s: got %d rounds of %d sizes and %v, want %d of %d and %v", tt.name, rounds, len(chosen), got, tt.rounds, tt.sizes, tt.length)
		}
		if notes := strings.Join(b.run.Notes, " "); strings.Contains(notes, "One round") != (tt.note != "") || !strings.Contains(notes, tt.note) {
			t.Errorf("%s: got notes %q, want %q", tt.name, notes, tt.note)
		}
	}
}
