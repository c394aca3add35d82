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

	began    time.Time
	from     machine.Snapshot
	own      time.Duration
	targetNs int64
	known    bool // both ends' CPU is
}

// begin starts a span.
func (w *watch) begin(target *int64) {
	w.began = time.Now()
	w.from = w.monitor.Snapshot()
	w.own, w.known = machine.CPUTime()
	w.targetNs = 0
	switch {
	case target != nil:
		w.targetNs = *target
	case !w.remote:
		w.known = false
	}
}

// long reports whether the span is long enough to be judged.
func (w *watch) long() bool { return time.Since(w.began) >= machine.MinSpan }

// end closes the span. Where the CPU of one end is unknown, nothing can be
// called foreign.
func (w *watch) end(target *int64) record.Disturbance {
	if target != nil && *target < w.targetNs { // another process than at first
		target = nil
	}
	now, _ := machine.CPUTime()
	own := now - w.own
	if target != nil && !w.remote {
		own += time.Duration(*target - w.targetNs)
	}
	d := machine.Between(w.from, w.monitor.Snapshot(), own)
	if !w.known || target == nil && !w.remote { // or it has died meanwhile
		d.Foreign = 0
	}
	return d
}
