package bench

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/loadgen/record"
)

// measuredGroup returns a closed group of binary and text whose rounds have
// these ratios, in images/s, and half as much of them in the target's CPU.
func measuredGroup(sideChannel bool, ratios ...float64) *group {
	g := &group{load: record.Closed, kept: len(ratios)}
	for _, mode := range []payload.Mode{{Kind: payload.Binary}, {Kind: payload.Text}} {
		c := &cell{Cell: &record.Cell{Mode: mode.String(), Load: record.Closed}, mode: mode}
		for round, ratio := range ratios {
			if mode.Kind == payload.Binary {
				ratio = 1
			}
			s := record.Sample{Round: round, Seconds: 2, Credit: 200 * ratio, BlockImages: 10}
			if cpu := int64(1e6 * math.Sqrt(ratio)); sideChannel {
				s.TargetCPUNs = &cpu
			}
			c.Samples = append(c.Samples, s)
		}
		g.cells = append(g.cells, c)
	}
	return g
}

func TestPrimaries(t *testing.T) {
	for _, tt := range []struct {
		name   string
		group  *group
		change func(g *group)
		want   []int // rounds of each primary
	}{
		{"images/s and the target's CPU", measuredGroup(true, 0.7, 0.8, 0.9), nil, []int{3, 3}},
		{"images/s alone without a side channel", measuredGroup(false, 0.7, 0.8, 0.9), nil, []int{3}},
		{"a repeated round is left out", measuredGroup(false, 0.7, 0.8, 0.9), func(g *group) { g.cells[0].Samples[1].Repeated = true }, []int{2}},
		{"a round that one mode lacks, too", measuredGroup(false, 0.7, 0.8, 0.9), func(g *group) { g.cells[1].Samples = g.cells[1].Samples[1:] }, []int{2}},
		{"a window that never opened, too", measuredGroup(false, 0.7, 0.8, 0.9), func(g *group) { g.cells[0].Samples[2].Seconds = 0 }, []int{2}},
		{"a block without an image, too", measuredGroup(true, 0.7, 0.8, 0.9), func(g *group) { g.cells[1].Samples[0].Credit, g.cells[1].Samples[0].BlockImages = 0, 0 }, []int{2, 2}},
		{"nothing without the baseline", measuredGroup(true, 0.7, 0.8, 0.9), func(g *group) { g.cells[0].Failed = "gone" }, nil},
		{"nothing of a mode by itself", measuredGroup(true, 0.7, 0.8, 0.9), func(g *group) { g.cells = g.cells[:1] }, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.change != nil {
				tt.change(tt.group)
			}
			all := tt.group.primaries(payload.Mode{})
			if len(all) != len(tt.want) {
				t.Fatalf("got %d primaries, want %d", len(all), len(tt.want))
			}
			for i, logs := range all {
				if len(logs) != tt.want[i] {
					t.Errorf("primary %d: got %d rounds, want %d", i, len(logs), tt.want[i])
				}
			}
		})
	}
	all := measuredGroup(true, 0.64).primaries(payload.Mode{})
	if got, want := all[0][0], math.Log(0.64); math.Abs(got-want) > 1e-9 {
		t.Errorf("images/s: got a log ratio of %v, want %v", got, want)
	}
	if got, want := all[1][0], math.Log(0.8); math.Abs(got-want) > 1e-6 {
		t.Errorf("the target's CPU per image: got a log ratio of %v, want %v", got, want)
	}
}

func TestGroupRestsWhenItIsPrecise(t *testing.T) {
	ratios := func(n int, spread float64) []float64 {
		all := make([]float64, n)
		for i := range all {
			all[i] = 0.75 * (1 + spread*float64(i%3-1))
		}
		return all
	}
	for _, tt := range []struct {
		name    string
		group   *group
		resting bool
		needed  int // at most 1.5 times that many, and at least two thirds
	}{
		{"calm rounds", measuredGroup(true, ratios(20, 0.01)...), true, 16},
		{"wild ones", measuredGroup(true, ratios(20, 0.06)...), false, 80},
		{"too few", measuredGroup(true, ratios(8, 0.01)...), false, 16},
		{"an odd number, of which the last is not looked at", measuredGroup(true, ratios(21, 0.01)...), true, 16},
		{"nothing to compare", &group{load: record.Closed}, false, 0},
	} {
		tt.group.look(payload.Mode{}, 0.03)
		if tt.group.resting != tt.resting {
			t.Errorf("%s: rests: got %v, want %v", tt.name, tt.group.resting, tt.resting)
		}
		if n, want := tt.group.quota, (tt.group.kept+1)&^1; tt.resting && n != want {
			t.Errorf("%s: got rest after %d rounds, want %d", tt.name, n, want)
		}
		if n := tt.group.needed; 3*n < 2*tt.needed || 2*n > 3*tt.needed {
			t.Errorf("%s: got %d rounds needed, want about %d", tt.name, n, tt.needed)
		}
	}
}

func TestRestingGroupsEndEvenly(t *testing.T) {
	single := func(kept int) *group { return &group{load: record.Single, quota: 60, kept: kept} }
	for _, tt := range []struct {
		name   string
		closed int // rounds kept of the last group to be precise
		single *group
		want   []int // quotas
	}{
		{"an odd number is made even", 17, single(4), []int{18, 12}},
		{"an even one stays", 20, single(4), []int{20, 12}},
		{"single loads that have had more", 20, single(15), []int{20, 16}},
		{"single loads that never get as many", 20, &group{load: record.Single, quota: 6}, []int{20, 6}},
	} {
		ratios := make([]float64, tt.closed)
		for i := range ratios {
			ratios[i] = 0.75 * (1 + 0.002*float64(i%3))
		}
		g := measuredGroup(true, ratios...)
		g.quota, g.kept, g.fresh = math.MaxInt, tt.closed-1, 1
		r := rotation{groups: []*group{g, tt.single}, deadline: time.Unix(100, 0)}
		r.judge(record.Disturbance{}, tt.closed, time.Unix(10, 0))
		r.rest(payload.Mode{}, 0.03)
		if got := []int{g.quota, tt.single.quota}; !slices.Equal(got, tt.want) || !g.resting {
			t.Errorf("%s: rests: %v, got quotas %v, want rest and %v", tt.name, g.resting, got, tt.want)
		}
	}
}
