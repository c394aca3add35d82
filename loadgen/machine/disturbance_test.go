package machine

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/wsimg/wsimg/loadgen/record"
)

func TestBetween(t *testing.T) {
	start := time.Now()
	base := Snapshot{at: start, stat: stat{cores: 2, tasks: 1000, interrupts: 100, steal: 50}, throttled: time.Second}
	// later is base after d, with what change does to it.
	later := func(d time.Duration, change func(*Snapshot)) Snapshot {
		s := base
		s.at = start.Add(d)
		change(&s)
		return s
	}
	for name, c := range map[string]struct {
		a, b Snapshot
		own  time.Duration
		want record.Disturbance
	}{
		"an idle machine": {
			base, later(time.Second, func(*Snapshot) {}), 0,
			record.Disturbance{SpanSeconds: 1},
		},
		"all of it our own": {
			base, later(time.Second, func(s *Snapshot) { s.stat.tasks += 150 }), 1500 * time.Millisecond,
			record.Disturbance{SpanSeconds: 1},
		},
		"half a core is somebody else's": {
			base, later(2*time.Second, func(s *Snapshot) { s.stat.tasks += 300 }), 2 * time.Second,
			record.Disturbance{SpanSeconds: 2, Foreign: 0.25},
		},
		"interrupts that our own CPU time includes": {
			base, later(time.Second, func(s *Snapshot) { s.stat.tasks += 120; s.stat.interrupts += 40 }), 1500 * time.Millisecond,
			record.Disturbance{SpanSeconds: 1, Foreign: 0.05},
		},
		"interrupts that our own CPU time leaves out": {
			base, later(time.Second, func(s *Snapshot) {
				s.stat.tasks += 120
				s.stat.interrupts += 40
				s.interruptsApart = true
			}), 1200 * time.Millisecond,
			record.Disturbance{SpanSeconds: 1},
		},
		"more of our own than the ticks show": {
			base, later(time.Second, func(s *Snapshot) { s.stat.tasks += 100 }), 1100 * time.Millisecond,
			record.Disturbance{SpanSeconds: 1},
		},
		"stolen and throttled": {
			base, later(time.Second, func(s *Snapshot) { s.stat.steal += 20; s.throttled += 500 * time.Millisecond }), 0,
			record.Disturbance{SpanSeconds: 1, Steal: 0.1, Throttled: 0.25},
		},
		"counters that went back": {
			base, later(time.Second, func(s *Snapshot) { s.stat = stat{cores: 2}; s.throttled = 0 }), 0,
			record.Disturbance{SpanSeconds: 1},
		},
		"never above the whole machine": {
			base, later(time.Second, func(s *Snapshot) { s.stat.tasks += 900; s.stat.steal += 900 }), 0,
			record.Disturbance{SpanSeconds: 1, Steal: 1, Foreign: 1},
		},
		"no first snapshot":  {Snapshot{at: start}, later(time.Second, func(*Snapshot) {}), 0, record.Disturbance{}},
		"no second snapshot": {base, Snapshot{at: start.Add(time.Second)}, 0, record.Disturbance{}},
		"the same instant":   {base, base, 0, record.Disturbance{}},
		"the wrong way":      {later(time.Second, func(*Snapshot) {}), base, 0, record.Disturbance{}},
	} {
		got := Between(c.a, c.b, c.own)
		if diff := cmp.Diff(c.want, got, cmpopts.EquateApprox(0, 1e-9)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
