package site

import (
	"context"
	"time"

	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/loadgen/record"
)

// patience is how long the load may be held up for a reading of the target's
// CPU time. A target that is frozen must not freeze its load.
const patience = 100 * time.Millisecond

// Gauge reads the target's CPU time step by step while a load lasts. It is used by
// one goroutine; what reads is never run twice at the same time. Close it.
type Gauge struct {
	read    func() Stats // the zero value when the target does not tell
	mode    payload.Mode
	pending chan Stats // of a reading under way; nil: there is none
	last    Stats
}

// Gauge returns one that begins with a reading, of a load in a mode.
func (s *Site) Gauge(ctx context.Context, mode payload.Mode, first Stats) *Gauge {
	return &Gauge{read: func() Stats { return s.Stats(ctx) }, mode: mode, last: first}
}

// Step returns what the target spent since the step before, in ns; nil when
// either end of the step is not known, or belongs to another process: the
// target has been started anew.
func (g *Gauge) Step() *int64 {
	before := g.last
	g.last = g.now()
	var spent record.Sample
	g.last.Since(before, g.mode, &spent)
	return spent.TargetCPUNs
}

func (g *Gauge) now() Stats {
	if g.pending != nil {
		select {
		case <-g.pending: // of a step that has passed
		default:
			return Stats{}
		}
	}
	pending := make(chan Stats, 1)
	go func() { pending <- g.read() }()
	timeout := time.NewTimer(patience)
	defer timeout.Stop()
	select {
	case stats := <-pending:
		g.pending = nil
		return stats
	case <-timeout.C:
		g.pending = pending
		return Stats{}
	}
}

// Close waits for a reading that is under way.
func (g *Gauge) Close() {
	if g.pending != nil {
		<-g.pending
	}
}
