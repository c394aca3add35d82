package capacity

import (
	"errors"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"time"

	"github.com/wsimg/wsimg/loadgen"
	"github.com/wsimg/wsimg/loadgen/objective"
	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/schedule"
	"github.com/wsimg/wsimg/loadgen/site"
)

// Defaults of Settings.
const (
	DefaultClients = 100
	DefaultWarmup  = time.Second
	// DefaultPrecision is the half-width of the ratios' intervals, relative to the
	// ratio, at which the probes may end.
	DefaultPrecision = 0.03
	// DefaultTimeBudget is when they must. With everything around it a default
	// run ends in under three minutes.
	DefaultTimeBudget = 172 * time.Second
	// DefaultLeast is the lowest load that is tried: 1 image/s, or 1 client.
	DefaultLeast = 1
)

// Settings say what to find, with what, and against which target.
type Settings struct {
	URL        string // of the target, ws:// or wss://
	Source     *payload.Source
	Modes      []payload.Mode
	Baseline   payload.Mode // one of Modes
	Objectives []objective.Objective

	// Find is what is varied: record.FindRate or FindClients; empty: FindRate.
	Find string
	// Clients is the number of connections, where the rate is varied; 0:
	// DefaultClients.
	Clients int
	// PerClient is the pace of a client in images/s, where clients are varied, and
	// Think the time from a verified reply to its next image: one of the two.
	PerClient float64
	Think     time.Duration
	// Least and Most bound what is tried, in images/s or clients. 0: DefaultLeast,
	// and as many as can be asked for: schedule.MaxRate, or the clients that the
	// machine and the target allow.
	Least, Most float64

	// Precision is the half-width of the ratios' intervals, relative to the ratio,
	// at which the probes may end: 0.03 is 3 %. 0: DefaultPrecision.
	Precision float64
	// TimeBudget bounds everything from the warm-up on; 0: DefaultTimeBudget.
	TimeBudget time.Duration
	Warmup     time.Duration // over all modes; 0: DefaultWarmup
	Timeout    time.Duration // of one image; 0: loadgen.DefaultTimeout

	Sender   string // loadgen.Live or Prepared; empty: Prepared
	Rcvbuf   int    // bytes; 0: the kernel's default
	InFlight int    // images a client may have unanswered; 0: 1
	Reply    string // record.Echo or Ack; empty: Echo
	Arrivals string // schedule.Poisson or Constant; empty: Poisson
	Seed     uint64 // of Poisson arrivals

	// ConnectRate bounds how many connections are begun a second; 0: as many as
	// the target takes without refusing any.
	ConnectRate float64
	LocalAddrs  []netip.Addr // source addresses, taken in turn; none: the system's choice

	Access site.Access // what the target wants to see; never recorded
	// Audit compares what was verified with what the target says it saved.
	Audit bool

	// Recorded, and used to tell what the run takes.
	Bundled bool   // the target was started for this run
	Store   string // of the bundled target

	// Only recorded.
	Version       string      // of wsimg
	Distinct      int         // images that were asked for
	Images        []string    // files and folders, when not synthetic
	TargetCPUs    record.CPUs // processors the bundled target is kept to; none: all
	GeneratorCPUs record.CPUs // likewise the generator

	// Progress is told before each probe how far the run is; may be nil.
	Progress func(Progress)

	// Shorter in tests; 0: searchLength and so on.
	searching, confirming, patience time.Duration
}

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
	if len(s.Modes) == 0 {
		fault("no modes: give binary, text or both")
	} else if !slices.Contains(s.Modes, s.Baseline) {
		fault("baseline %s is not among the modes: name one of them", s.Baseline)
	}
	if len(s.Objectives) == 0 {
		fault("no objectives: give one such as response_p99<150ms")
	}
	faults = append(faults, s.findFaults()...)
	if !(s.Precision > 0 && s.Precision < 1) {
		fault("precision of %g: ask for more than 0 and less than 1", s.Precision)
	}
	for _, d := range []struct {
		name string
		d    time.Duration
	}{{"time budget", s.TimeBudget}, {"warm-up", s.Warmup}} {
		if d.d <= 0 {
			fault("%s of %v: ask for a positive duration", d.name, d.d)
		}
	}
	if s.Reply != record.Echo && s.Reply != record.Ack {
		fault("reply %q: ask for %s or %s", s.Reply, record.Echo, record.Ack)
	}
	if s.Sender != loadgen.Live && s.Sender != loadgen.Prepared {
		fault("sender %q: ask for %s or %s", s.Sender, loadgen.Live, loadgen.Prepared)
	}
	return errors.Join(append(faults, s.fleet(payload.Mode{}, s.Clients).Validate(), schedule.ParseArrivals(s.Arrivals))...)
}

// findFaults returns what is wrong with what is to be found.
func (s Settings) findFaults() (faults []error) {
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	switch s.Find {
	case record.FindRate:
		if s.PerClient != 0 || s.Think != 0 {
			fault("a pace of clients where a rate is to be found: find clients, or leave it out")
		}
	case record.FindClients:
		if s.PerClient == 0 && s.Think == 0 || s.PerClient != 0 && s.Think != 0 {
			fault("clients without one pace: give what each sends, such as 1/30s, or how long it thinks")
		}
		if s.Least != math.Trunc(s.Least) || s.Most != math.Trunc(s.Most) {
			fault("%g to %g clients: ask for whole numbers", s.Least, s.Most)
		}
	default:
		fault("find %q: ask for %s or %s", s.Find, record.FindRate, record.FindClients)
	}
	if !(s.PerClient >= 0 && s.PerClient <= schedule.MaxRate) || s.Think < 0 {
		fault("a pace of %g images/s or a think time of %v: ask for a positive one", s.PerClient, s.Think)
	}
	if !(s.Least > 0) || s.Most != 0 && !(s.Most >= s.Least) || s.Most > schedule.MaxRate {
		fault("loads from %g to %g: ask for more than 0, at most %g, and the lower first", s.Least, s.Most, float64(schedule.MaxRate))
	}
	for _, o := range s.Objectives {
		if err := o.Check(s.measured(true)); err != nil {
			faults = append(faults, err)
		}
	}
	return faults
}

// measured is what the objectives are judged by.
func (s Settings) measured(sideChannel bool) objective.Setting {
	return objective.Setting{Open: s.open(), SideChannel: sideChannel, Connects: true}
}

// withDefaults fills in what was left out.
func (s Settings) withDefaults() Settings {
	def(&s.Find, record.FindRate)
	def(&s.Clients, DefaultClients)
	def(&s.Least, DefaultLeast)
	def(&s.Precision, DefaultPrecision)
	def(&s.TimeBudget, DefaultTimeBudget)
	def(&s.Warmup, DefaultWarmup)
	def(&s.Timeout, loadgen.DefaultTimeout)
	def(&s.Sender, loadgen.Prepared)
	def(&s.InFlight, 1)
	def(&s.Reply, record.Echo)
	def(&s.Arrivals, schedule.Poisson)
	def(&s.searching, searchLength)
	def(&s.confirming, confirmLength)
	def(&s.patience, connectPatience)
	return s
}

// def fills in a field that was left out.
func def[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// fleet is how so many clients connect that send in a mode.
func (s Settings) fleet(mode payload.Mode, clients int) loadgen.Settings {
	return loadgen.Settings{
		URL:         site.Address(s.URL, mode, s.Audit),
		Clients:     clients,
		Timeout:     s.Timeout,
		Rcvbuf:      s.Rcvbuf,
		InFlight:    s.InFlight,
		Deflate:     mode.Deflate.On,
		UserAgent:   fmt.Sprintf("wsimg/%s (%s)", s.Version, mode),
		Token:       s.Access.Token,
		TLS:         s.Access.TLS,
		ConnectRate: s.ConnectRate,
		LocalAddrs:  s.LocalAddrs,
	}
}

// record returns what of the settings is saved with the run.
func (s Settings) record() record.Settings {
	r := record.Settings{
		Command:           "capacity",
		URL:               site.Redacted(s.URL),
		Bundled:           s.Bundled,
		Images:            s.Images,
		Baseline:          s.Baseline.String(),
		Clients:           s.mostClients(),
		Precision:         s.Precision,
		TimeBudgetSeconds: s.TimeBudget.Seconds(),
		WarmupSeconds:     s.Warmup.Seconds(),
		TimeoutSeconds:    s.Timeout.Seconds(),
		Distinct:          s.Distinct,
		Seed:              s.Seed,
		Store:             s.Store,
		Sender:            s.Sender,
		RcvbufBytes:       s.Rcvbuf,
		InFlight:          s.InFlight,
		ThinkSeconds:      s.Think.Seconds(),
		Reply:             s.Reply,
		ConnectRatePerS:   s.ConnectRate,
		TargetCPUs:        s.TargetCPUs,
		GeneratorCPUs:     s.GeneratorCPUs,
	}
	if s.Think == 0 {
		r.Arrivals = s.Arrivals
	}
	for _, m := range s.Modes {
		r.Modes = append(r.Modes, m.String())
	}
	if len(s.Images) == 0 {
		r.SizesBytes = []int64{s.Source.SizeBytes()}
	}
	for _, addr := range s.LocalAddrs {
		r.LocalAddrs = append(r.LocalAddrs, addr.String())
	}
	return r
}

// Compresses reports whether a mode asks for permessage-deflate, which a server
// must agree to.
func (s Settings) Compresses() bool {
	return slices.ContainsFunc(s.Modes, func(m payload.Mode) bool { return m.Deflate.On })
}
