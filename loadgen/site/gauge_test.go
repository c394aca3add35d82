package site

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestGaugeWaitsForNoTarget reads a target that freezes now and then.
func TestGaugeWaitsForNoTarget(t *testing.T) {
	const never = -1
	for _, tt := range []struct {
		name  string
		takes []time.Duration // of the readings, one a second
		anew  int             // the reading before which it is started anew; 0: never
		want  []int64         // CPU of the steps between; never: unknown
	}{
		{"a quick target", []time.Duration{0, time.Millisecond, 50 * time.Millisecond}, 0, []int64{10, 10}},
		{"it freezes for a second and a half", []time.Duration{0, 1500 * time.Millisecond, 0, 0, 0}, 0, []int64{never, never, never, 10}},
		{"it freezes for half a second", []time.Duration{0, 500 * time.Millisecond, 0, 0}, 0, []int64{never, never, 10}},
		{"it is started anew", []time.Duration{0, 0, 0, 0}, 2, []int64{10, never, 10}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				reading, pid, spent := 0, 1, int64(0)
				g := Gauge{read: func() Stats {
					time.Sleep(tt.takes[min(reading, len(tt.takes)-1)])
					if reading == tt.anew && reading > 0 {
						pid, spent = 2, 100 // more than before: the process tells it apart
					}
					reading++
					spent += 10
					now := spent
					return Stats{Schema: "wsimg.stats/1", PID: pid, CPUNs: &now}
				}}
				g.Step()
				for i, want := range tt.want {
					time.Sleep(time.Second)
					began := time.Now()
					got := g.Step()
					if held := time.Since(began); held > patience {
						t.Errorf("step %d held the load up for %v, want at most %v", i, held, patience)
					}
					if (got == nil) != (want == never) || got != nil && *got != want {
						t.Errorf("step %d: got %v, want %d", i, got, want)
					}
				}
				g.Close()
			})
		})
	}
}

func TestGaugeOfATargetThatDoesNotTell(t *testing.T) {
	g := Gauge{read: func() Stats { return Stats{} }}
	for range 3 {
		if got := g.Step(); got != nil {
			t.Errorf("got %d, want nothing", *got)
		}
	}
	g.Close()
}
