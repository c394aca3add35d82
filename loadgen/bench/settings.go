package bench

import (
	"errors"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/wsimg/wsimg/loadgen"
	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/schedule"
	"github.com/wsimg/wsimg/loadgen/site"
)

// Defaults of Settings.
const (
	DefaultClients = 16
	DefaultWarmup  = 2 * time.Second
	// DefaultPrecision is the half-width of the primaries' intervals, relative
	// to the ratio, at which the rounds may end.
	DefaultPrecision = 0.03
	// DefaultTimeBudget is when they must. With everything around it a default
	// run ends in under a minute.
	DefaultTimeBudget = 52 * time.Second
)

// loads are all there are, in the order they are measured.
var loads = [...]string{record.Closed, record.Single, record.Open}

// Settings say what to compare, and against which target.
type Settings struct {
	URL      string // of the target, ws:// or wss://
	Sources  []*payload.Source
	Modes    []payload.Mode
	Baseline payload.Mode // one of Modes
	Clients  int          // of the closed and open loads; 0: DefaultClients
	Loads    []string     // record.Closed, Single, Open; empty: all
	// Rounds is exactly how many there are; 0: until Precision or TimeBudget
	// ends them. Neither goes together with Rounds.
	Rounds int
	// Precision is the half-width of the primaries' intervals, relative to the
	// ratio, at which the rounds may end: 0.03 is 3 %. 0: DefaultPrecision.
	Precision float64
	// TimeBudget bounds the measuring, that of the open load included and the
	// warm-up apart. 0: DefaultTimeBudget.
	TimeBudget time.Duration

	Block    time.Duration // length of one; 0: by the design's rules
	Warmup   time.Duration // over all cells; 0: DefaultWarmup
	Timeout  time.Duration // of one image; 0: loadgen.DefaultTimeout
	Seed     uint64        // of the order of sources, and of Poisson arrivals
	Sender   string        // loadgen.Live or Prepared; empty: Live
	Rcvbuf   int           // bytes; 0: the kernel's default
	InFlight int           // images a client may have unanswered, but for the single load; 0: 1
	Reply    string        // record.Echo or Ack; empty: Echo

	// ConnectRate bounds how many connections are begun a second; 0: as many as
	// the target takes without refusing any.
	ConnectRate float64
	LocalAddrs  []netip.Addr // source addresses, taken in turn; none: the system's choice

	Think    time.Duration // of the closed load
	Rate     float64       // of the open load, images/s; 0: half of what the slower mode reached closed
	Arrivals string        // of the open load: schedule.Poisson or Constant; empty: Poisson

	Access site.Access // what the target wants to see; never recorded
	// Audit compares what was verified with what the target says it saved. It
	// costs the target a hash of every image. Without a target that keeps a
	// book the run ends before it begins, with site.ErrAudit.
	Audit bool

	// Recorded, and used to tell what the run takes.
	Bundled bool   // the target was started for this run
	Store   string // of the bundled target

	// Only recorded.
	Version  string   // of wsimg
	Distinct int      // images a size that were asked for
	Images   []string // files and folders, when not synthetic

	TargetCPUs    record.CPUs // that the bundled target was kept to; none: all
	GeneratorCPUs record.CPUs // that this process was kept to; none: all

	// Progress is told between blocks how far the run is; may be nil.
	Progress func(Progress)
}

// Progress is how far a run is.
type Progress struct {
	Phase     string        // "connecting", "warming up", "measuring" or "at equal load"
	Done      float64       // 0 to 1, of the phase
	Round     int           // being measured, from 1
	Rounds    int           // planned; 0 while precision or time is to end them
	Remaining time.Duration // of the phase, estimated
	Errors    uint64        // so far
}

// Validate reports everything that is wrong with s in one error.
func (s Settings) Validate() error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if err := site.Check(s.URL); err != nil {
		fault("%w", err)
	}
	if len(s.Sources) == 0 {
		fault("no images: give sizes or files")
	}
	if len(s.Modes) == 0 {
		fault("no modes: give binary, text or both")
	} else if !slices.Contains(s.Modes, s.Baseline) {
		fault("baseline %s is not among the modes: name one of them", s.Baseline)
	}
	if s.Clients < 0 {
		fault("%d clients: ask for at least 1", s.Clients)
	}
	if s.Rounds < 0 {
		fault("%d rounds: ask for at least 1, or leave it out", s.Rounds)
	}
	if s.Rounds > 0 && (s.Precision != 0 || s.TimeBudget != 0) {
		fault("%d rounds, and a precision or a time budget that would end them: ask for one or the other", s.Rounds)
	}
	if s.Precision < 0 || s.Precision >= 1 {
		fault("precision of %g: ask for more than 0 and less than 1", s.Precision)
	}
	for _, load := range s.Loads {
		if !slices.Contains(loads[:], load) {
			fault("load %q: ask for %s", load, strings.Join(loads[:], ", "))
		}
	}
	if s.measures(record.Open) && !s.measures(record.Closed) && s.Rate == 0 {
		fault("the open load has no rate: give one, or measure the closed load too, which it follows from")
	}
	if s.Rate < 0 || s.Rate > schedule.MaxRate {
		fault("rate of %g images/s: ask for more than 0 and at most %g", s.Rate, float64(schedule.MaxRate))
	}
	if s.Arrivals != "" {
		if err := schedule.ParseArrivals(s.Arrivals); err != nil {
			fault("%w", err)
		}
	}
	if !(s.ConnectRate >= 0) || math.IsInf(s.ConnectRate, 1) {
		fault("%g connections a second: ask for a positive rate, or leave it out", s.ConnectRate)
	}
	if s.InFlight < 0 {
		fault("%d images in flight: ask for at least 1", s.InFlight)
	}
	if s.Reply != "" && s.Reply != record.Echo && s.Reply != record.Ack {
		fault("reply %q: ask for %s or %s", s.Reply, record.Echo, record.Ack)
	}
	for _, d := range []struct {
		name string
		d    time.Duration
	}{{"block", s.Block}, {"warmup", s.Warmup}, {"time budget", s.TimeBudget}, {"timeout", s.Timeout}, {"think time", s.Think}} {
		if d.d < 0 {
			fault("%s of %v: ask for a positive duration", d.name, d.d)
		}
	}
	if s.Sender != "" && s.Sender != loadgen.Live && s.Sender != loadgen.Prepared {
		fault("sender %q: ask for %s or %s", s.Sender, loadgen.Live, loadgen.Prepared)
	}
	return errors.Join(faults...)
}

// withDefaults fills in what was left out.
func (s Settings) withDefaults() Settings {
	def := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	def(&s.Warmup, DefaultWarmup)
	def(&s.TimeBudget, DefaultTimeBudget)
	if s.Precision == 0 {
		s.Precision = DefaultPrecision
	}
	def(&s.Timeout, loadgen.DefaultTimeout)
	if s.Clients == 0 {
		s.Clients = DefaultClients
	}
	if len(s.Loads) == 0 {
		s.Loads = loads[:]
	}
	for _, f := range []struct {
		field *string
		value string
	}{{&s.Sender, loadgen.Live}, {&s.Reply, record.Echo}, {&s.Arrivals, schedule.Poisson}} {
		if *f.field == "" {
			*f.field = f.value
		}
	}
	s.InFlight = max(s.InFlight, 1)
	return s
}

// measures reports whether a load is asked for.
func (s Settings) measures(load string) bool {
	return len(s.Loads) == 0 || slices.Contains(s.Loads, load)
}

// openAlone reports whether the open load is all that is asked for.
func (s Settings) openAlone() bool {
	return !s.measures(record.Closed) && !s.measures(record.Single)
}

// Compresses reports whether a mode asks for permessage-deflate, which a server
// must agree to.
func (s Settings) Compresses() bool {
	return slices.ContainsFunc(s.Modes, func(m payload.Mode) bool { return m.Deflate.On })
}

// record returns what of the settings is saved with the run.
func (s Settings) record() record.Settings {
	r := record.Settings{
		Command:        "bench",
		URL:            site.Redacted(s.URL),
		Bundled:        s.Bundled,
		Images:         s.Images,
		Baseline:       s.Baseline.String(),
		Loads:          s.Loads,
		Clients:        s.Clients,
		Rounds:         s.Rounds,
		BlockSeconds:   s.Block.Seconds(),
		WarmupSeconds:  s.Warmup.Seconds(),
		TimeoutSeconds: s.Timeout.Seconds(),
		Distinct:       s.Distinct,
		Seed:           s.Seed,
		Store:          s.Store,
		Sender:         s.Sender,
		RcvbufBytes:    s.Rcvbuf,
		InFlight:       s.InFlight,
		Reply:          s.Reply,
		ThinkSeconds:   s.Think.Seconds(),
		RatePerS:       s.Rate,

		ConnectRatePerS: s.ConnectRate,

		TargetCPUs:    s.TargetCPUs,
		GeneratorCPUs: s.GeneratorCPUs,
	}
	for _, addr := range s.LocalAddrs {
		r.LocalAddrs = append(r.LocalAddrs, addr.String())
	}
	if s.measures(record.Open) {
		r.Arrivals = s.Arrivals
	}
	if s.Rounds == 0 {
		r.Precision, r.TimeBudgetSeconds = s.Precision, s.TimeBudget.Seconds()
	}
	for _, m := range s.Modes {
		r.Modes = append(r.Modes, m.String())
	}
	if len(s.Images) == 0 {
		for _, src := range s.Sources {
			r.SizesBytes = append(r.SizesBytes, src.SizeBytes())
		}
	}
	return r
}
