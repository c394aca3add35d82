package steady

import (
	"context"
	"errors"
	"time"

	"github.com/wsimg/wsimg/loadgen"
	"github.com/wsimg/wsimg/loadgen/record"
)

// glance is how often it is told how many have connected.
const glance = 100 * time.Millisecond

// connect has the clients numbered below n connected, and records how that
// went. Where some can't be, the run goes on without them.
func (s *steady) connect(ctx context.Context, n int) error {
	s.begin(Connecting, n)
	done := make(chan error, 1)
	go func() { done <- s.fleet.Grow(ctx, n) }()
	glances := time.NewTicker(glance)
	defer glances.Stop()
	for {
		select {
		case <-glances.C:
			s.report(Connecting, nil)
		case err := <-done:
			if told := s.connected(); err == nil {
				err = told
			}
			if errors.Is(err, loadgen.ErrVacant) {
				s.note("%v. The others were tried again while the load lasted.", err)
				return nil
			}
			return err
		}
	}
}

// addFailed adds to sum what failed of the connections of a block beside it. What
// took their place is left out: how fast that came says nothing of connecting.
func addFailed(sum *record.Connections, c record.Connections) {
	sum.Dialed += c.Dialed - min(c.Connected, c.Dialed) // in vain
	sum.Lost += c.Lost
	sum.LostImages += c.LostImages
}

// noteLost says how many connections were lost where no table tells of it.
func (s *steady) noteLost(c *record.Connections, when string) {
	switch {
	case c == nil || c.Lost == 0:
	case c.Lost == 1:
		s.note("1 connection was lost %s.", when)
	default:
		s.note("%d connections were lost %s.", c.Lost, when)
	}
}

// connected adds to the record how connections came to be.
func (s *steady) connected() error {
	c, err := s.fleet.Connecting()
	if err != nil {
		return err
	}
	if s.cell.Connecting == nil {
		s.cell.Connecting = new(record.Connections)
	}
	return s.cell.Connecting.Add(c)
}
