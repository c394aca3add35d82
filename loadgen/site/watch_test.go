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
	ns := func(n int64) *int64 { return &n }
	for name, c := range map[string]struct {
		remote        bool
		before, after *int64 // CPU time of the target
		want          float64
	}{
		"both ends here":                              {false, ns(5), ns(6), 1},
		"the target here, and it used more":           {false, ns(5), ns(2 * hour), 0},
		"the target elsewhere, silent":                {true, nil, nil, 1},
		"the target elsewhere, whatever it used":      {true, ns(5), ns(2 * hour), 1},
		"the target here, silent":                     {false, nil, nil, 0},
		"the target here, silent at first":            {false, nil, ns(5), 0},
		"the target here, silent in the end":          {false, ns(5), nil, 0},
		"the target here, another process in the end": {false, ns(2 * hour), ns(hour), 0},
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
