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
)

// warmUp sends back to back until every image was sent and the clients have
// had a few round trips each, so that caches, windows and heaps are as the
// load will find them. It ends early rather than late: a server that can't
// take this much at once is not to be tested on it.
func (s *steady) warmUp(ctx context.Context) error {
	s.report(WarmingUp, nil)
	var verified uint64
	for began := time.Now(); ; {
		sample, examples, err := s.fleet.Run(ctx, loadgen.Block{Traffic: s.traffic, Length: warmBlock})
		s.keep(examples, -1)
		addTo(&s.cell.WarmupErrors, sample.Errors)
		verified += sample.BlockImages
		if err != nil {
			return err
		}
		if verified == 0 {
			return fmt.Errorf("%w: see whether the server answers every message with %s",
				s.fail("in the warm-up"), s.settings.Reply)
		}
		warm := s.traffic.Unsent() == 0 && verified >= uint64(warmTrips*s.settings.Clients)
		if warm || time.Since(began) >= s.settings.Warmup {
			break
		}
	}
	if n := s.traffic.Unsent(); n > 0 {
		s.note("%d of %d images had not been sent when the warm-up ended.", n, s.cell.Distinct)
	}
	return nil
}
