package objective

import (
	"slices"
	"testing"
	"time"

	"github.com/wsimg/wsimg/loadgen/record"
)

// TestOverload: a load beyond the capacity fails whatever else is asked, even an
// objective that any load would meet.
func TestOverload(t *testing.T) {
	for _, tt := range []struct {
		name    string
		q       queue
		asked   string
		stopped bool // early
	}{
		{"1.1 times", queue{rate: 1100}, "errors<50%", false},
		{"1.03 times, which no image has suffered from as yet", queue{rate: 1030}, "errors<50%", false},
		{"1.1 times, which is as yet allowed", queue{rate: 1100}, "response_p50<500ms", false},
		{"1.5 times", queue{rate: 1500}, "errors<50%", true},
		{"3 times", queue{rate: 3000}, "errors<50%", true},
		{"3 times, Poisson", queue{rate: 3000, poisson: true, random: true}, "errors<50%", true},
		{"1.5 times, what is allowed is not reached", queue{rate: 1500}, "response_p99<500ms", false},
		{"3 times, what is allowed is", queue{rate: 3000}, "wait_p99<300ms", true},
		{"1.1 times at 100/s", queue{rate: 110, work: 10 * ms}, "errors<50%", false},
		{"3 times, and slow sub-windows", queue{rate: 3000, every: 250 * ms}, "errors<50%", true},
		{"a server that stops for good", queue{rate: 500, stalls: []stall{{time.Second, time.Minute}}}, "errors<50%", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			q := tt.q
			q.bare, q.cut, q.objectives = true, true, parsed(t, tt.asked)
			if q.work == 0 {
				q.work = ms
			}
			s, stopped := q.probe(t)
			if stopped != tt.stopped {
				t.Errorf("stopped early is %v, want %v", stopped, tt.stopped)
			}
			w, err := window(s)
			if err != nil {
				t.Fatal(err)
			}
			if !w.backlogged(q.objectives) {
				t.Error("got no backlog, want one")
			}
			if q.objectives[0].Metric == "errors" && judged(t, s, tt.asked) != (Outcome{record.Fail, Backlogged}) {
				t.Errorf("got %+v, want a backlog to decide", judged(t, s, tt.asked))
			}
		})
	}
}

// TestNoBacklog: what is no growth without end.
func TestNoBacklog(t *testing.T) {
	for _, tt := range []struct {
		name    string
		q       queue
		allowed string
	}{
		{"half the capacity", queue{rate: 500}, ""},
		{"half a per cent too much, which no probe can tell", queue{rate: 1005}, ""},
		{"a little too much, and not for long enough to matter", queue{rate: 1030}, "response_p50<500ms"},
		{"a pipe being filled for most of the time", queue{rate: 500, delay: 480 * ms, rampIn: ms, every: 50 * ms, length: 900 * ms}, ""},
		{"a stall of 300 ms that is worked off", queue{rate: 800, stalls: []stall{{500 * ms, 300 * ms}}}, ""},
		{"one that is not quite", queue{rate: 800, stalls: []stall{{1500 * ms, 300 * ms}}}, ""},
		{"one at the end", queue{rate: 800, stalls: []stall{{1900 * ms, 300 * ms}}}, ""},
		{"one at the beginning", queue{rate: 800, stalls: []stall{{200 * ms, 300 * ms}}}, ""},
		{"a pipe of 400 ms being filled", queue{rate: 800, delay: 400 * ms, rampIn: ms}, ""},
		{"images that fail", queue{rate: 800, fails: share(2)}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			q := tt.q
			q.work, q.bare, q.cut = ms, true, true
			var asked []Objective
			if tt.allowed != "" {
				asked = parsed(t, tt.allowed)
			}
			s, stopped := q.probe(t)
			w, err := window(s)
			if err != nil {
				t.Fatal(err)
			}
			if stopped || w.backlogged(asked) {
				t.Errorf("stopped is %v and backlogged %v, want neither", stopped, w.backlogged(asked))
			}
		})
	}
}

// TestBacklogOfQueues: random queues at 90 % of their capacity are taken for
// overloaded in less than 1 % of cases, from 9 images a second to 3,000; at 95 % of
// it in less than 3 %, where there are images enough to tell; and at 1.5
// times it they nearly always are where there are images enough to tell.
func TestBacklogOfQueues(t *testing.T) {
	if raceEnabled {
		t.Skip("it takes long, and has one goroutine")
	}
	const runs = 300
	for _, work := range []time.Duration{ms / 3, ms, 10 * ms, 100 * ms} {
		for _, tt := range []struct {
			load        float64
			least, most int
		}{{0.9, 0, 3}, {0.95, 0, 9}, {1.5, 250, runs}} {
			if work == 100*ms && tt.load > 0.9 {
				continue
			}
			found := 0
			for seed := range uint64(runs) {
				q := queue{rate: tt.load / work.Seconds(), work: work, poisson: true, random: true, bare: true, cut: true, seed: seed}
				s, stopped := q.probe(t)
				if w, err := window(s); err != nil {
					t.Fatal(err)
				} else if w.backlogged(nil) {
					found++
				} else if stopped {
					t.Fatal("a probe that was ended early is not backlogged")
				}
			}
			if t.Logf("%v an image, %v of the capacity: %d of %d", work, tt.load, found, runs); found < tt.least || found > tt.most {
				t.Errorf("%v an image, at %v of the capacity: %d of %d are backlogged, want %d to %d", work, tt.load, found, runs, tt.least, tt.most)
			}
		}
	}
}

// TestBacklogAdd goes point by point: 100 due in each 100 ms.
func TestBacklogAdd(t *testing.T) {
	objectives := parsed(t, "response_p99<400ms")
	waits := parsed(t, "errors<1%", "wait_p50<400ms", "service_p50<5s")
	for _, tt := range []struct {
		name   string
		b      *Backlog
		images []uint64
		failed uint64 // in each
		want   int    // the point that is too much, from 1; 0: none
	}{
		{"half is done", new(Backlog), []uint64{51, 51, 51, 51, 51, 51, 51, 51, 51, 51, 51, 51}, 0, 11},
		{"half is done, and that is allowed", NewBacklog(objectives), []uint64{51, 51, 51, 51, 51, 51, 51, 51, 51, 51, 51, 51, 51, 51, 51, 51, 51}, 0, 17},
		{"half is done, and may wait", NewBacklog(waits), slices.Repeat([]uint64{51}, 17), 0, 17},
		{"half is done, and half fails", new(Backlog), []uint64{50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50}, 50, 0},
		{"nothing is done", new(Backlog), []uint64{0, 0, 0, 0, 0, 0, 0}, 0, 6},
		{"it is interrupted", new(Backlog), []uint64{0, 0, 0, 0, 0, 100, 50, 50, 50, 50}, 0, 10},
		{"a stall", new(Backlog), []uint64{100, 100, 0, 0, 0, 125, 125, 125, 125}, 0, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := 0
			for i, n := range tt.images {
				p := record.Point{AtSeconds: 0.1 * float64(i+1), Seconds: 0.1, Scheduled: 100, Images: n}
				if tt.failed > 0 {
					p.Errors = map[string]uint64{"flipped": tt.failed}
				}
				if tt.b.Add(p) && got == 0 {
					got = i + 1
				}
			}
			if got != tt.want {
				t.Errorf("too much from point %d on, want %d", got, tt.want)
			}
		})
	}
	var few Backlog
	for i := range 16 { // √16 · 4
		if few.Add(record.Point{Seconds: 0.1, Scheduled: 1}) {
			t.Errorf("%d images left of %[1]d: too much, and might be chance", i+1)
		}
	}
	for range 20 {
		if new(Backlog).Add(record.Point{Seconds: 1, Images: 5}) {
			t.Error("a closed loop has a backlog")
		}
	}
}
