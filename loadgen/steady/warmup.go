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
	// warmSlack is what a warm-up may take beside its own length and the time
	// that two images may take.
	warmSlack = 1200 * time.Millisecond
)

// warmUp sends back to back until every image was sent and the clients have
// had a few round trips each, so that caches, windows and heaps are as the
// load will find them. Before an open load each client sends one image: more
// would be a load nobody asked for. Before a ramp the first client does so
// alone, and need not send them all: with several clients each may have its own.
//
// It ends in time whatever the target does. Every image has its timeout; what
// else may last, such as clients that lost their connections and get no other,
// is broken off.
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
	// No deadline: an attempt to connect would then count as one that timed out.
	warming, cancel := context.WithCancel(ctx)
	defer cancel()
	defer time.AfterFunc(s.settings.Warmup+2*s.settings.Timeout+warmSlack, cancel).Stop()
	var verified uint64
	for began := time.Now(); ; {
		sample, err := s.outside(warming, block)
		verified += sample.BlockImages
		late := warming.Err() != nil && ctx.Err() == nil
		if err != nil && !late {
			return err
		}
		if verified == 0 {
			s.cell.Fail("in the warm-up")
			return fmt.Errorf("%s: see whether the server answers every message with %s", s.cell.Failed, s.settings.Reply)
		}
		warm := (ramped || s.traffic.Unsent() == 0) && verified >= uint64(warmTrips*s.wanted)
		if warm || open || late || time.Since(began) >= s.settings.Warmup {
			break
		}
	}
	s.noteLost(s.cell.Connecting, "in the warm-up")
	if n := s.traffic.Unsent(); n > 0 && !open && !ramped {
		s.note("%d of %d images had not been sent when the warm-up ended.", n, s.cell.Distinct)
	}
	return nil
}
