package steady

import (
	"time"

	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/site"
)

// patience is how long the load may be held up for a reading of the target's
// CPU time. A target that is frozen must not freeze its load.
const patience = 100 * time.Millisecond

// gauge reads the target's CPU time step by step. It is used by one goroutine;
// what reads is never run twice at the same time.
type gauge struct {
	read    func() site.Stats // the zero value when the target does not tell
	mode    payload.Mode
	pending chan site.Stats // of a reading under way; nil: there is none
	last    site.Stats
}

// step returns what the target spent since the step before, in ns; nil when
// either end of the step is not known, or belongs to another process: the
// target has been started anew.
func (g *gauge) step() *int64 {
	before := g.last
	g.last = g.now()
	var spent record.Sample
	g.last.Since(before, g.mode, &spent)
	return spent.TargetCPUNs
}

func (g *gauge) now() site.Stats {
	if g.pending != nil {
		select {
		case <-g.pending: // of a step that has passed
		default:
			return site.Stats{}
		}
	}
	pending := make(chan site.Stats, 1)
	go func() { pending <- g.read() }()
	timeout := time.NewTimer(patience)
	defer timeout.Stop()
	select {
	case stats := <-pending:
		g.pending = nil
		return stats
	case <-timeout.C:
		g.pending = pending
		return site.Stats{}
	}
}

// close waits for a reading that is under way.
func (g *gauge) close() {
	if g.pending != nil {
		<-g.pending
	}
}
