package steady

import "time"

// patience is how long the load may be held up for a reading of the target's
// CPU time. A target that is frozen must not freeze its load.
const patience = 100 * time.Millisecond

// gauge reads the target's CPU time step by step. It is used by one goroutine;
// what reads is never run twice at the same time.
type gauge struct {
	read    func() *int64 // ns so far; nil when the target does not tell
	pending chan *int64   // of a reading under way; nil: there is none
	last    *int64
}

// step returns what the target spent since the step before, in ns; nil when
// either end of the step is not known.
func (g *gauge) step() *int64 {
	before := g.last
	g.last = g.now()
	if before == nil || g.last == nil {
		return nil
	}
	spent := *g.last - *before
	return &spent
}

func (g *gauge) now() *int64 {
	if g.pending != nil {
		select {
		case <-g.pending: // of a step that has passed
		default:
			return nil
		}
	}
	pending := make(chan *int64, 1)
	go func() { pending <- g.read() }()
	timeout := time.NewTimer(patience)
	defer timeout.Stop()
	select {
	case ns := <-pending:
		g.pending = nil
		return ns
	case <-timeout.C:
		g.pending = pending
		return nil
	}
}

// close waits for a reading that is under way.
func (g *gauge) close() {
	if g.pending != nil {
		<-g.pending
	}
}
