package steady

import (
	"errors"
	"fmt"
	"time"

	"github.com/wsimg/wsimg/loadgen"
	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/schedule"
	"github.com/wsimg/wsimg/loadgen/site"
)

// Defaults of Settings.
const (
	DefaultClients  = 16
	DefaultDuration = 30 * time.Second
	DefaultWarmup   = time.Second
)

// second is how often a point is added to the series.
const second = time.Second

// Settings say what to send, how, and to which target.
type Settings struct {
	URL     string // of the target, ws:// or wss://
	Source  *payload.Source
	Mode    payload.Mode
	Clients int // 0: DefaultClients

	// Load says when images are due. With a plan that is how long the run
	// lasts; a closed loop lasts for Duration, 0: DefaultDuration.
	Load     loadgen.Load
	Duration time.Duration

	InFlight int           // images a client may have unanswered; 0: 1
	Reply    string        // record.Echo or Ack; empty: Echo
	Timeout  time.Duration // of one image; 0: loadgen.DefaultTimeout
	Warmup   time.Duration // the most there is; 0: DefaultWarmup
	Sender   string        // loadgen.Live or Prepared; empty: Live
	Rcvbuf   int           // bytes; 0: the kernel's default

	Access site.Access // what the target wants to see; never recorded
	// Audit compares what was verified with what the target says it saved. It
	// costs the target a hash of every image. Without a target that keeps a
	// book the run ends before it begins, with site.ErrAudit.
	Audit bool

	Version string // of wsimg: recorded, and told to the server

	// Only recorded.
	Bundled  bool     // the target was started for this run
	Store    string   // of the bundled target
	Distinct int      // images that were asked for
	Seed     uint64   // of the images
	Images   []string // files and folders, when not synthetic

	// Progress is told how far the run is; may be nil. It is called by the
	// goroutine that drives the load, and must not hold it up.
	Progress func(Progress)

	every time.Duration // between points, in tests; 0: second
}

// The phases of a run, one after the other.
const (
	Connecting = "connecting"
	WarmingUp  = "warming up"
	Measuring  = "measuring"
)

// Progress is how far a run is.
type Progress struct {
	Phase string // Connecting, WarmingUp or Measuring
	// Point is the step of the measurement that has just ended; nil when a
	// phase begins. It is read-only, and safe to keep.
	Point *record.Point
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
	return errors.Join(faults...)
}

// withDefaults fills in what was left out.
func (s Settings) withDefaults() Settings {
	def(&s.Clients, DefaultClients)
	def(&s.InFlight, 1)
	def(&s.Reply, record.Echo)
	def(&s.Timeout, loadgen.DefaultTimeout)
	def(&s.Warmup, DefaultWarmup)
	def(&s.Sender, loadgen.Live)
	def(&s.every, second)
	if s.Load.Open() {
		def(&s.Load.Arrivals, schedule.Poisson)
	} else {
		def(&s.Duration, DefaultDuration)
	}
	return s
}

// def fills in a field that was left out.
func def[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// length is how long the load lasts.
func (s Settings) length() time.Duration { return s.Duration + s.Load.Plan.Length() }

// fleet is how clients connect.
func (s Settings) fleet() loadgen.Settings {
	return loadgen.Settings{
		URL:       site.Address(s.URL, s.Mode, s.Audit),
		Clients:   s.Clients,
		Timeout:   s.Timeout,
		Rcvbuf:    s.Rcvbuf,
		InFlight:  s.InFlight,
		Deflate:   s.Mode.Deflate.On,
		UserAgent: fmt.Sprintf("wsimg/%s (%s)", s.Version, s.Mode),
		Token:     s.Access.Token,
		TLS:       s.Access.TLS,
	}
}

// block is what they do.
func (s Settings) block(traffic *loadgen.Traffic) loadgen.Block {
	return loadgen.Block{Traffic: traffic, Load: s.Load, Length: s.Duration, Redial: true}
}

// record returns what of the settings is saved with the run.
func (s Settings) record() record.Settings {
	r := record.Settings{
		Command:        "run",
		URL:            site.Redacted(s.URL),
		Bundled:        s.Bundled,
		Images:         s.Images,
		Modes:          []string{s.Mode.String()},
		Baseline:       s.Mode.String(),
		Clients:        s.Clients,
		WarmupSeconds:  s.Warmup.Seconds(),
		TimeoutSeconds: s.Timeout.Seconds(),
		Distinct:       s.Distinct,
		Seed:           s.Seed,
		Store:          s.Store,
		Sender:         s.Sender,
		RcvbufBytes:    s.Rcvbuf,
		InFlight:       s.InFlight,
		ThinkSeconds:   s.Load.Think.Seconds(),
		Reply:          s.Reply,
		Arrivals:       s.Load.Arrivals,
		Seconds:        s.length().Seconds(),
	}
	if len(s.Images) == 0 {
		r.SizesBytes = []int64{s.Source.SizeBytes()}
	}
	plan := s.Load.Plan
	if len(plan) == 1 && plan[0].From == plan[0].To {
		r.RatePerS = plan.Mean()
		return r
	}
	for _, stage := range plan {
		r.Stages = append(r.Stages, record.Ramp{FromPerS: stage.From, ToPerS: stage.To, Seconds: stage.Length.Seconds()})
	}
	return r
}
