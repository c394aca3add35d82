package steady

import (
	"errors"
	"fmt"

	"github.com/wsimg/wsimg/loadgen"
	"github.com/wsimg/wsimg/loadgen/churn"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/site"
)

// Validate reports everything that is wrong with s in one error.
func (s Settings) Validate() error {
	s = s.withDefaults()
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if err := site.Check(s.URL); err != nil {
		fault("%w", err)
	}
	if s.Source == nil {
		fault("no images: give a size or files")
	}
	if s.Active < 0 || s.Active > max(s.Clients, 0) {
		fault("%d of %d clients active: ask for at least 1 and at most all of them", s.Active, s.Clients)
		s.Active = 0
	}
	faults = append(faults, s.fleet().Validate(), s.block(new(loadgen.Traffic)).Validate())
	if s.Load.Open() && s.Duration != 0 {
		fault("a duration of %v beside a plan: the plan says how long it lasts; leave one of them out", s.Duration)
	}
	if s.Warmup < 0 {
		fault("warm-up of %v: ask for a positive duration", s.Warmup)
	}
	if s.Reply != record.Echo && s.Reply != record.Ack {
		fault("reply %q: ask for %s or %s", s.Reply, record.Echo, record.Ack)
	}
	if s.Sender != loadgen.Live && s.Sender != loadgen.Prepared {
		fault("sender %q: ask for %s or %s", s.Sender, loadgen.Live, loadgen.Prepared)
	}
	return errors.Join(append(faults, s.contradictions()...)...)
}

// contradictions returns what can't be asked for together, about the coming and
// going of connections.
func (s Settings) contradictions() (faults []error) {
	backoff := s.Backoff != (churn.Backoff{})
	for _, c := range []struct {
		asked bool
		says  string
	}{
		{s.Ramp > 0 && s.staged(), "a ramp of clients beside stages: what came of more clients and what of another rate could not be told apart; leave one of them out"},
		{s.Ramp > 0 && s.Storm, "a ramp of clients beside a storm: they come evenly or all at once; leave one of them out"},
		{s.Ramp > 0 && s.ConnectRate > 0, "a ramp of clients beside a rate of connecting: the ramp is the rate; leave one of them out"},
		{s.Storm && (backoff || s.Forsake), "a storm beside a way to reconnect: in a storm every client tries again at once; leave one of them out"},
		{s.Forsake && backoff, "a back-off of clients that do not come back: leave one of them out"},
		{s.Forsake && s.Lifetime.Limited(), "a lifetime of connections that no other takes the place of: leave it out, or let clients reconnect"},
		{s.Forsake && len(s.Cuts) > 0, "a cut that no client comes back from: leave it out, or let clients reconnect"},
	} {
		if c.asked {
			faults = append(faults, errors.New(c.says))
		}
	}
	return faults
}
