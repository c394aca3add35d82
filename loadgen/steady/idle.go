package steady

import (
	"context"
	"errors"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/wsimg/wsimg/loadgen/machine"
	"github.com/wsimg/wsimg/loadgen/record"
)

// aloneLength is how long the active are measured by themselves, before the
// idle come and after they have left: enough seconds for an interval over
// them. It is never more than half of the load itself.
const aloneLength = 10 * time.Second

// besideIdle measures the load on the active clients beside those that send
// nothing, and what the idle cost: the same load without them before and after,
// so that a machine that becomes slower or faster meanwhile does not pass for
// it, and the memory of both ends.
func (s *steady) besideIdle(ctx context.Context) error {
	idle := &record.Idle{Clients: s.settings.idle()}
	s.run.Idle = idle
	staged, ramped := s.settings.staged(), s.settings.Ramp > 0
	if staged {
		s.note("What the idle clients slow down was not measured, for in stages no stretch is like another: it takes a load of one rate.")
	} else if err := s.alone(ctx, AloneBefore); err != nil {
		return err
	}
	before := s.memory(ctx)
	idle.Before = before.Memory
	if !ramped {
		if err := s.connect(ctx, s.settings.Clients); err != nil {
			return err
		}
		s.readIdle(ctx, before)
	}
	if err := s.measure(ctx); err != nil {
		return err
	}
	if ramped {
		s.readIdle(ctx, before)
	}
	if staged || s.cell.Failed != "" {
		return nil
	}
	s.fleet.Shrink(s.settings.Active)
	return s.alone(ctx, AloneAfter)
}

// alone measures the load on the active by themselves. A second of it before
// that is discarded, but for its failures and its connections: neither the machine nor the clients
// are then colder than in the load itself. What failed is in the cell's counts
// as well, where everybody looks.
func (s *steady) alone(ctx context.Context, phase string) error {
	s.begin(phase, s.settings.Active)
	length := min(aloneLength, s.settings.length()/2)
	first, err := s.outside(ctx, s.settings.alone(s.traffic, min(second, length)))
	var sample record.Sample
	if err == nil {
		var examples map[string]record.Example
		sample, examples, err = s.drive(ctx, phase, s.settings.alone(s.traffic, length))
		s.bookOutside(sample, examples)
	}
	record.AddErrors(&sample.Errors, first.Errors)
	record.AddErrors(&sample.ConnectionErrors, first.ConnectionErrors)
	both, addErr := together(first.Connections, sample.Connections)
	sample.Connections = both
	sample.Round = len(s.run.Idle.Alone)
	s.run.Idle.Alone = append(s.run.Idle.Alone, sample)
	when := "before the load, while the active were alone"
	if phase == AloneAfter {
		when = "behind the load, while the active were alone again"
	}
	s.noteLost(both, when)
	return errors.Join(err, addErr)
}

// together is what became of connections in two blocks in a row; nil: not told.
func together(first, second *record.Connections) (*record.Connections, error) {
	switch {
	case first == nil:
		return second, nil
	case second == nil:
		return first, nil
	}
	both := *first
	err := both.Add(*second)
	return &both, err
}

// holding is the memory of both ends, and which process the target was.
type holding struct {
	record.Memory
	pid      int
	instance string
}

// sameTarget reports whether two readings are of one process at the target.
func (h holding) sameTarget(o holding) bool { return h.pid == o.pid && h.instance == o.instance }

// memory reads what both ends hold. This one first gives back what it no longer
// needs: two collections empty the pools that messages are made in.
func (s *steady) memory(ctx context.Context) holding {
	runtime.GC()
	runtime.GC()
	debug.FreeOSMemory()
	var h holding
	if bytes, ok := machine.Resident(); ok {
		h.Generator = &bytes
	}
	stats := s.site.Stats(ctx)
	h.Target, h.pid, h.instance = stats.Resident, stats.PID, stats.Instance
	return h
}

// readIdle reads what both ends hold now that the idle are there, and counts
// those that are. What a target holds that was started anew says nothing.
func (s *steady) readIdle(ctx context.Context, before holding) {
	idle, with := s.run.Idle, s.memory(ctx)
	if !with.sameTarget(before) {
		idle.Before.Target, with.Target = nil, nil
	}
	idle.With = with.Memory
	idle.Clients = max(0, s.fleet.Connected()-s.settings.Active)
}
