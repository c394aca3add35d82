package site

import (
	"time"

	"github.com/wsimg/wsimg/loadgen/machine"
	"github.com/wsimg/wsimg/loadgen/record"
)

// watch tells how much the machine was disturbed, span by span.
type watch struct {
	monitor *machine.Monitor
	remote  bool // the target runs on another machine

	began  time.Time
	from   machine.Snapshot
	own    time.Duration
	known  bool  // own is
	target Stats // as it was then
}

// begin starts a span.
func (w *watch) begin(target Stats) {
	w.began = time.Now()
	w.from = w.monitor.Snapshot()
	w.own, w.known = machine.CPUTime()
	w.target = target
}

// long reports whether the span is long enough to be judged.
func (w *watch) long() bool { return time.Since(w.began) >= machine.MinSpan }

// end closes the span. Where the CPU of one end is unknown, nothing can be
// called foreign: it may be of a target that has died meanwhile.
func (w *watch) end(target Stats) record.Disturbance {
	now, _ := machine.CPUTime()
	own, known := now-w.own, w.known
	if !w.remote {
		spent := target.cpuSince(w.target)
		if known = known && spent != nil; known {
			own += time.Duration(*spent)
		}
	}
	d := machine.Between(w.from, w.monitor.Snapshot(), own)
	if !known {
		d.Foreign = 0
	}
	return d
}
