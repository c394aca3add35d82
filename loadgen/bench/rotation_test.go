package bench

import (
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/wsimg/wsimg/loadgen/record"
)

// groupOf returns a group with a cell, a stride and what its rounds take.
func groupOf(load string, stride float64, cost time.Duration) *group {
	return &group{
		load: load, quota: math.MaxInt, place: place{stride: stride}, expected: cost,
		cells: []*cell{{Cell: &record.Cell{Load: load}}},
	}
}

// take has the groups take part in a round.
func take(groups []*group) {
	for _, g := range groups {
		g.took += g.expected
		g.rounds++
		g.kept++
	}
}

func TestDueSpreadsGroupsEvenly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		groups := []*group{groupOf(record.Closed, 1, 0)}
		for range rapid.IntRange(0, 4).Draw(t, "more groups") {
			groups = append(groups, groupOf(record.Closed, rapid.Float64Range(1, 9).Draw(t, "stride"), 0))
		}
		const rounds = 200
		last := map[*group]int{}
		for round := range rounds {
			next := due(groups)
			take(next)
			for _, g := range next {
				if gap := float64(round - last[g]); g.kept > 1 && math.Abs(gap-g.stride) > 1 {
					t.Errorf("a stride of %v: %v rounds from one to the next", g.stride, gap)
				}
				last[g] = round
			}
		}
		for _, g := range groups {
			if want := rounds / g.stride; math.Abs(float64(g.kept)-want) > 1 {
				t.Errorf("a stride of %v: %d of %d rounds, want %.1f", g.stride, g.kept, rounds, want)
			}
		}
	})
}

func TestDueNeverLeavesARoundEmpty(t *testing.T) {
	seldom := groupOf(record.Closed, 7, 0)
	often := groupOf(record.Closed, 1, 0)
	for range 10 {
		due([]*group{seldom, often})
	}
	for range 3 { // the other rests
		if next := due([]*group{seldom}); !slices.Equal(next, []*group{seldom}) {
			t.Errorf("alone, a group with a stride of 7 is due in %d groups of a round, want 1", len(next))
		}
	}
	if next := due(nil); next != nil {
		t.Errorf("of no groups, %d are due", len(next))
	}
}

// run goes through the rounds in a time of its own and returns it.
func run(r *rotation) time.Duration {
	now := r.began
	for next := r.next(now); len(next) > 0; next = r.next(now) {
		take(next)
		now = now.Add(costOf(next))
	}
	return now.Sub(r.began)
}

func TestTimeEndsTheRoundsEvenly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rotation{began: time.Unix(0, 0)}
		var longest time.Duration
		for range rapid.IntRange(1, 5).Draw(t, "groups") {
			cost := time.Duration(rapid.IntRange(50, 900).Draw(t, "ms")) * time.Millisecond
			r.groups = append(r.groups, groupOf(record.Closed, rapid.Float64Range(1, 4).Draw(t, "stride"), cost))
			longest += cost
		}
		budget := 20 * time.Second
		r.deadline = r.began.Add(budget)
		took := run(&r)
		if took > budget || took < budget-2*longest {
			t.Errorf("rounds of up to %v took %v of %v", longest, took, budget)
		}
		for i, g := range r.groups {
			if g.kept%2 != 0 {
				t.Errorf("group %d of %d has %d rounds: one mode came first more often", i, len(r.groups), g.kept)
			}
		}
	})
}

func TestRoundsEnd(t *testing.T) {
	const second = time.Second
	for _, tt := range []struct {
		name string
		r    rotation
		want []int // rounds of each group
	}{
		{"one round, however long", rotation{deadline: time.Unix(1, 0), groups: []*group{groupOf(record.Closed, 1, 5*second)}}, []int{1}},
		{"time", rotation{deadline: time.Unix(10, 0), groups: []*group{groupOf(record.Closed, 1, second)}}, []int{10}},
		{"a group that rests leaves its time to the others", rotation{deadline: time.Unix(12, 0), groups: []*group{
			withQuota(groupOf(record.Closed, 1, second), 2), groupOf(record.Closed, 1, second)}}, []int{2, 10}},
		{"a quota", rotation{deadline: time.Unix(100, 0), groups: []*group{withQuota(groupOf(record.Single, 1, second), 6)}}, []int{6}},
		{"their number, whatever the time", rotation{fixed: 3, groups: []*group{withQuota(groupOf(record.Closed, 1, second), 3)}}, []int{3}},
	} {
		tt.r.began = time.Unix(0, 0)
		run(&tt.r)
		var got []int
		for _, g := range tt.r.groups {
			got = append(got, g.kept)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %v rounds, want %v", tt.name, got, tt.want)
		}
	}
}

func withQuota(g *group, quota int) *group {
	g.quota = quota
	return g
}

func TestDisturbedRoundsAreRepeatedWithinLimits(t *testing.T) {
	busy := record.Disturbance{SpanSeconds: 1, Foreign: 0.5}
	at := func(second int64) time.Time { return time.Unix(second, 0) }
	for _, tt := range []struct {
		name  string
		r     rotation
		d     record.Disturbance
		round int
		want  int // rounds that are repeated by then
	}{
		{"a calm span counts", rotation{least: 16, from: 8, watched: at(9), deadline: at(30)}, record.Disturbance{SpanSeconds: 1}, 10, 0},
		{"a disturbed one is repeated", rotation{least: 16, from: 8, watched: at(9), deadline: at(30)}, busy, 10, 2},
		{"early ones too, for more will come", rotation{least: 16, watched: at(9), deadline: at(30)}, busy, 3, 3},
		{"not where few will come", rotation{least: 6, watched: at(9), deadline: at(30)}, busy, 2, 0},
		{"not above a share of the rounds", rotation{least: 16, from: 38, repeated: 7, watched: at(9), deadline: at(30)}, busy, 40, 7},
		{"up to it", rotation{least: 16, from: 38, repeated: 6, watched: at(9), deadline: at(30)}, busy, 40, 8},
		{"not when time is over", rotation{least: 16, from: 8, watched: at(9), deadline: at(10)}, busy, 10, 0},
		{"of a fixed number, whatever the time", rotation{fixed: 50, least: 50, from: 8, watched: at(9)}, busy, 10, 2},
	} {
		before := tt.r.repeated
		if got := tt.r.repeats(tt.d, tt.round, at(10)); got != (tt.want > before) {
			t.Errorf("%s: repeats: got %v, want %v", tt.name, got, tt.want > before)
		}
		if tt.r.repeated != tt.want {
			t.Errorf("%s: got %d rounds repeated in all, want %d", tt.name, tt.r.repeated, tt.want)
		}
	}
}

func TestProgressOfRounds(t *testing.T) {
	at := func(second int64) time.Time { return time.Unix(second, 0) }
	after := func(kept, needed int) []*group { // rounds of a second each
		g := groupOf(record.Closed, 1, time.Second)
		g.kept, g.rounds, g.needed, g.took = kept, kept, needed, time.Duration(kept)*time.Second
		return []*group{g}
	}
	for _, tt := range []struct {
		name      string
		r         rotation
		done      float64
		remaining time.Duration
		rounds    int
	}{
		{"nothing is known yet: by time", rotation{groups: after(10, 0), deadline: at(40)}, 0.25, 30 * time.Second, 0},
		{"precision will come first", rotation{groups: after(10, 16), deadline: at(40)}, 10.0 / 18, 8 * time.Second, 0},
		{"time will", rotation{groups: after(10, 100), deadline: at(40)}, 0.25, 30 * time.Second, 0},
		{"time is over", rotation{groups: after(10, 100), deadline: at(9)}, 1, 0, 0},
		{"by number", rotation{groups: withQuotas(after(10, 0), 50), fixed: 50}, 0.2, 40 * time.Second, 50},
	} {
		tt.r.began = at(0)
		p := tt.r.progress(10, at(10))
		if math.Abs(p.Done-tt.done) > 1e-9 || p.Remaining != tt.remaining || p.Rounds != tt.rounds || p.Round != 11 {
			t.Errorf("%s: got %+v, want %.3f done, %v to go, round 11 of %d", tt.name, p, tt.done, tt.remaining, tt.rounds)
		}
	}
}

func withQuotas(groups []*group, quota int) []*group {
	for _, g := range groups {
		g.quota = quota
	}
	return groups
}
