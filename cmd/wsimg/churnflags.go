package main

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/wsimg/wsimg/loadgen/churn"
)

// churnFlags are the flags that say how many clients there are and send, and
// when their connections begin and end, as typed.
type churnFlags struct {
	clients, active     int
	ramp                time.Duration
	lifetime, reconnect string
	storm               bool
	cuts                []time.Duration
}

// churnAsked is what churnFlags ask for.
type churnAsked struct {
	Clients  int
	Active   int           // that send; 0: all
	Ramp     time.Duration // over which they come; 0: they are there at the start
	Lifetime churn.Lifetime
	Backoff  churn.Backoff // the zero value: nobody asked
	Forsake  bool          // who has lost a connection stays without
	Storm    bool
	Cuts     []time.Duration // in order
}

// noReconnect is what --reconnect may be beside a back-off.
const noReconnect = "off"

// register adds the flags to set.
func (f *churnFlags) register(set *pflag.FlagSet, clients int) {
	set.IntVar(&f.clients, "clients", clients, "connections")
	set.IntVar(&f.active, "active", 0, "`N` of them send, the others stay connected and answer pings (default: all send)")
	set.DurationVar(&f.ramp, "ramp", 0, "clients come evenly over this `duration`, before the load that is measured; each sends once it is there; with --active the idle come so, and who sends is there first")
	set.StringVar(&f.lifetime, "lifetime", "", "a connection ends after so many `IMAGES`, such as 50, or so long, such as 30s, and its client opens another")
	set.StringVar(&f.reconnect, "reconnect", churn.DefaultBackoff().String(), "how long a client that has lost its connection waits before it tries again, evenly at random: `FIRST..MOST` bound the first wait and, doubling, every wait; off: it stays without")
	set.BoolVar(&f.storm, "storm", false, "all clients connect at the same time, at first and after they have lost their connections: no pace, no waiting")
	set.DurationSliceVar(&f.cuts, "cut", nil, "cut all connections at this `time` of the load, as when a network fails; may be repeated")
	set.Lookup("cut").DefValue = "" // and not []
}

// parse returns what the flags of cmd ask for of a load that lasts for length,
// or wrong usage that names each flag at fault and what it accepts.
func (f churnFlags) parse(cmd *cobra.Command, length time.Duration) (churnAsked, error) {
	given := cmd.Flags().Changed
	asked := churnAsked{Clients: f.clients, Ramp: f.ramp, Storm: f.storm, Forsake: f.reconnect == noReconnect}
	faults := f.contradictions(cmd)
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if f.clients < 1 {
		fault("--clients %d: give at least 1", f.clients)
	} else if given("active") && (f.active < 1 || f.active > f.clients) {
		fault("--active %d: give at least 1 and at most all of the %d --clients", f.active, f.clients)
	}
	if f.active < f.clients {
		asked.Active = f.active
	}
	if f.ramp < 0 || f.ramp == 0 && given("ramp") {
		fault("--ramp %v: give a positive duration such as 30s, or leave it out", f.ramp)
	}
	var err error
	if given("lifetime") {
		if asked.Lifetime, err = churn.ParseLifetime(f.lifetime); err != nil {
			fault("--lifetime: %w", err)
		}
	}
	if given("reconnect") && !asked.Forsake {
		if asked.Backoff, err = churn.ParseBackoff(f.reconnect); err != nil {
			fault("--reconnect: %w, or %s", err, noReconnect)
		}
	}
	for _, at := range f.cuts {
		if at <= 0 || at >= length {
			fault("--cut %v: give a time after the start of the load and before its end at %v", at, length)
		}
	}
	asked.Cuts = slices.Compact(slices.Sorted(slices.Values(f.cuts)))
	if len(faults) > 0 {
		return asked, usagef("%w", errors.Join(faults...))
	}
	return asked, nil
}

// contradictions returns what can't be asked for together.
func (f churnFlags) contradictions(cmd *cobra.Command) (faults []error) {
	const stay = "reconnect " + noReconnect
	given := map[string]bool{"storm": f.storm, stay: f.reconnect == noReconnect}
	for _, name := range []string{"ramp", "stages", "connect-rate", "reconnect", "lifetime", "cut"} {
		given[name] = cmd.Flags().Changed(name)
	}
	for _, pair := range []struct{ a, b, why string }{
		{"ramp", "stages", "a ramp leads to a load that is steady, and stages never are"},
		{"ramp", "storm", "clients come one by one, or all at once"},
		{"ramp", "connect-rate", "the ramp says how fast clients connect"},
		{"storm", "connect-rate", "in a storm nothing is paced"},
		{"storm", "reconnect", "in a storm nobody waits"},
		{"lifetime", stay, "a connection whose lifetime is over gives way to another"},
		{"cut", stay, "nobody would be left"},
	} {
		if given[pair.a] && given[pair.b] {
			faults = append(faults, fmt.Errorf("--%s and --%s exclude each other: %s; drop one of the two", pair.a, pair.b, pair.why))
		}
	}
	return faults
}
