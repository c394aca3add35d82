package site

import (
	"testing"
	"time"

	"github.com/wsimg/wsimg/loadgen/machine"
)

// Foreign is what is left of the machine's work when that of both ends is
// taken off, so it can be told only where both are known. The generator here
// seems to have given back an hour of CPU time, so what is told is 1.
func TestWatchTellsForeignWorkWhereBothEndsAreKnown(t *testing.T) {
	const hour = int64(time.Hour)
	used := func(n int64) Stats { return Stats{Schema: statsSchema, Instance: "first", CPUNs: &n} }
	second := used(3 * hour)
	second.Instance = "second"
	for name, c := range map[string]struct {
		remote        bool
		before, after Stats // of the target
		want          float64
	}{
		"both ends here":                              {false, used(5), used(6), 1},
		"the target here, and it used more":           {false, used(5), used(2 * hour), 0},
		"the target elsewhere, silent":                {true, Stats{}, Stats{}, 1},
		"the target elsewhere, whatever it used":      {true, used(5), used(2 * hour), 1},
		"the target here, silent":                     {false, Stats{}, Stats{}, 0},
		"the target here, silent at first":            {false, Stats{}, used(5), 0},
		"the target here, silent in the end":          {false, used(5), Stats{}, 0},
		"the target here, another process in the end": {false, used(2 * hour), used(hour), 0},
		"the target here, started anew":               {false, used(5), second, 0},
	} {
		w := watch{monitor: machine.NewMonitor(), remote: c.remote}
		w.begin(c.before)
		w.own += time.Hour
		got := w.end(c.after)
		w.monitor.Close()
		if got.SpanSeconds == 0 {
			t.Skip("this system tells nothing of other processes")
		}
		if got.Foreign != c.want {
			t.Errorf("%s: got %v, want %v", name, got.Foreign, c.want)
		}
	}
}

func TestWatchLongAfterTheShortestSpan(t *testing.T) {
	w := watch{began: time.Now().Add(-machine.MinSpan)}
	if !w.long() {
		t.Errorf("after %v: got false", machine.MinSpan)
	}
	if w.began = time.Now().Add(time.Hour); w.long() {
		t.Error("before it began: got true")
	}
}
