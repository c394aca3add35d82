package steady

import (
	"context"
	"fmt"
	"time"

	"github.com/wsimg/wsimg/loadgen"
)

const (
	// warmBlock is how long a block of the warm-up is, behind the first reply
	// of every client.
	warmBlock = 50 * time.Millisecond
	// warmTrips is how many round trips a client has had when it is warm.
	warmTrips = 3
	// gentleBlock ends with the first reply of every client that takes part, and
	// gentleClients is how many may: all of thousands at once would be a load
	// that lasts for many seconds, and may break what the run was to measure.
	gentleBlock   = time.Millisecond
	gentleClients = 256
)

// warmUp sends back to back until every image was sent and the clients have
// had a few round trips each, so that caches, windows and heaps are as the
// load will find them. Before an open load each client sends one image: more
// would be a load nobody asked for. Before a ramp the first client does so
// alone, and need not send them all: with several clients each may have its own.
func (s *steady) warmUp(ctx context.Context) error {
	s.begin(WarmingUp, s.wanted)
	block, open := loadgen.Block{Traffic: s.traffic, Length: warmBlock}, s.settings.Load.Open()
	if open {
		block.Length = gentleBlock
		if s.wanted > gentleClients {
			block.Active = gentleClients
		}
	}
	ramped := s.wanted < s.settings.active()
	var verified uint64
	for began := time.Now(); ; {
		sample, examples, err := s.fleet.Run(ctx, block)
		s.book(sample.Errors, examples)
		verified += sample.BlockImages
		if err != nil {
			return err
		}
		if verified == 0 {
			s.cell.Fail("in the warm-up")
			return fmt.Errorf("%s: see whether the server answers every message with %s", s.cell.Failed, s.settings.Reply)
		}
		warm := (ramped || s.traffic.Unsent() == 0) && verified >= uint64(warmTrips*s.wanted)
		if warm || open || time.Since(began) >= s.settings.Warmup {
			break
		}
	}
	if n := s.traffic.Unsent(); n > 0 && !open && !ramped {
		s.note("%d of %d images had not been sent when the warm-up ended.", n, s.cell.Distinct)
	}
	return nil
}
