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

var (
	calm = record.Disturbance{SpanSeconds: 1}
	busy = record.Disturbance{SpanSeconds: 1, Foreign: 0.5}
)

func TestDisturbedRoundsAreRepeatedWithinLimits(t *testing.T) {
	at := func(second int64) time.Time { return time.Unix(second, 0) }
	for _, tt := range []struct {
		name  string
		r     rotation
		g     group
		d     record.Disturbance
		aside int // rounds that are set aside by then
	}{
		{"a calm span counts", rotation{deadline: at(30)}, group{least: 16, kept: 8, fresh: 2}, calm, 0},
		{"a disturbed one is repeated", rotation{deadline: at(30)}, group{least: 16, kept: 8, fresh: 2}, busy, 2},
		{"early ones too, for more will come", rotation{deadline: at(30)}, group{least: 16, fresh: 3}, busy, 3},
		{"not where few will come", rotation{deadline: at(30)}, group{least: 6, fresh: 2}, busy, 0},
		{"not above a share of the group's rounds", rotation{deadline: at(30)}, group{least: 16, kept: 31, aside: 7, fresh: 2}, busy, 7},
		{"up to it", rotation{deadline: at(30)}, group{least: 16, kept: 32, aside: 6, fresh: 2}, busy, 8},
		{"not a slow span where a fast one had no room", rotation{deadline: at(30)}, group{least: 16, kept: 9, most: 4, fresh: 1}, busy, 0},
		{"not when time is over", rotation{deadline: at(10)}, group{least: 16, kept: 8, fresh: 2}, busy, 0},
		{"not where the group has no round in it", rotation{deadline: at(30)}, group{least: 16, kept: 8}, busy, 0},
		{"not when disturbance is usual", rotation{deadline: at(30), spans: 4, busy: 2}, group{least: 16, kept: 8, fresh: 2}, busy, 0},
		{"and then those before count again", rotation{deadline: at(30), spans: 4, busy: 2}, group{least: 16, kept: 8, aside: 2, fresh: 1}, busy, 0},
		{"of a fixed number, whatever the time", rotation{fixed: 50}, group{least: 50, kept: 8, fresh: 2}, busy, 2},
		{"and for good", rotation{fixed: 50, spans: 4, busy: 2}, group{least: 50, kept: 8, aside: 2, fresh: 2}, busy, 2},
	} {
		g := tt.g
		tt.r.groups, tt.r.watched = []*group{&g}, at(9)
		tt.r.judge(tt.d, 10, at(10))
		if want := tt.g.kept + tt.g.fresh + tt.g.aside - tt.aside; g.aside != tt.aside || g.kept != want || g.fresh != 0 {
			t.Errorf("%s: got %d rounds set aside, %d kept and %d fresh; want %d, %d and none", tt.name, g.aside, g.kept, g.fresh, tt.aside, want)
		}
	}
}

// A size of which a span has few rounds must not lose more of them than others.
func TestEveryGroupKeepsItsRounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rotation{began: time.Unix(0, 0), deadline: time.Unix(30, 0), watched: time.Unix(0, 0)}
		share := rapid.Float64Range(0, 1).Draw(t, "disturbed share")
		fast, slow := groupOf(record.Closed, 1, 100*time.Millisecond), groupOf(record.Closed, 7, 900*time.Millisecond)
		fast.least, slow.least = 16, 16
		r.groups = []*group{fast, slow}
		now, round := r.began, 0
		for next := r.next(now); len(next) > 0; next = r.next(now) {
			for _, g := range next {
				g.fresh++
				g.cells[0].Samples = append(g.cells[0].Samples, record.Sample{Round: round})
			}
			now, round = now.Add(costOf(next)), round+1
			if now.Sub(r.watched) >= time.Second {
				d := calm
				if rapid.Float64Range(0, 1).Draw(t, "luck") < share {
					d = busy
				}
				r.judge(d, round, now)
			}
		}
		r.judge(calm, round, now)
		r.lack()
		for i, g := range r.groups {
			all, aside := len(g.cells[0].Samples), 0
			for _, s := range g.cells[0].Samples {
				if s.Repeated {
					aside++
				}
			}
			if aside != g.aside || g.kept+aside != all {
				t.Errorf("group %d: %d of %d samples are set aside; it counts %d and %d kept", i, aside, all, g.aside, g.kept)
			}
			if float64(aside) > maxRepeats*float64(max(all, g.least)) || aside > 0 && g.kept < minRounds {
				t.Errorf("group %d: %d of %d rounds are set aside", i, aside, all)
			}
			if aside > 0 && r.usual() {
				t.Errorf("group %d: %d rounds are set aside where disturbance is usual", i, aside)
			}
		}
	})
}

func TestTooFewRoundsCountAllTheSame(t *testing.T) {
	g := groupOf(record.Closed, 1, time.Second)
	g.kept, g.aside = 5, 1
	g.cells[0].Samples = []record.Sample{{Round: 0, Repeated: true}, {Round: 1}}
	r := rotation{groups: []*group{g}}
	b := &bench{run: new(record.Run)}
	b.end(&r)
	if len(b.run.Notes) > 0 {
		t.Errorf("got notes %q, want none", b.run.Notes)
	}
	if g.kept != 6 || g.aside != 0 || g.cells[0].Samples[0].Repeated {
		t.Errorf("got %d rounds kept and %d set aside, want 6 and none", g.kept, g.aside)
	}
	r.fixed, g.kept, g.aside = 5, 5, 1
	if b.end(&r); g.kept != 5 {
		t.Errorf("of a fixed number that was measured again, %d are kept, want 5", g.kept)
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
