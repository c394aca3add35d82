package steady

import (
	"cmp"
	"fmt"
	"net/netip"
	"time"

	"github.com/wsimg/wsimg/loadgen"
	"github.com/wsimg/wsimg/loadgen/churn"
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
	// Active is how many of the clients send; the others stay connected and
	// answer pings. 0: all.
	Active int

	// Load says when images are due. With a plan that is how long the run
	// lasts; a closed loop lasts for Duration, 0: DefaultDuration.
	Load     loadgen.Load
	Duration time.Duration

	// ConnectRate bounds how many connections are begun a second; 0: as many as
	// the target takes without refusing any.
	ConnectRate float64
	LocalAddrs  []netip.Addr // source addresses, taken in turn; none: the system's choice
	// Ramp has the clients come evenly over so long, before the load is at its
	// height: its duration is not part of the load's.
	Ramp time.Duration

	Lifetime churn.Lifetime  // of a connection; the zero value: no limit
	Backoff  churn.Backoff   // of a client without one; the zero value: churn.DefaultBackoff
	Forsake  bool            // clients that lose their connection do not come back
	Storm    bool            // clients dial all at the same instant, whenever they have to
	Cuts     []time.Duration // instants of the load at which all connections are cut

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

	// Recorded, and used to tell what the run takes.
	Bundled bool   // the target was started for this run
	Store   string // of the bundled target

	// Only recorded.
	Distinct int      // images that were asked for
	Seed     uint64   // of the images
	Images   []string // files and folders, when not synthetic

	TargetCPUs    record.CPUs // that the bundled target was kept to; none: all
	GeneratorCPUs record.CPUs // that this process was kept to; none: all

	// Progress is told how far the run is; may be nil. It is called by the
	// goroutine that drives the load, and must not hold it up.
	Progress func(Progress)

	every time.Duration // between points, in tests; 0: second
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
	if s.Active == s.Clients {
		s.Active = 0
	}
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

// active is how many clients send, idle how many do not.
func (s Settings) active() int { return cmp.Or(s.Active, s.Clients) }
func (s Settings) idle() int   { return s.Clients - s.active() }

// pioneers is how many clients are connected before the warm-up. Of a ramp
// that is the first, unless the active are to be measured alone.
func (s Settings) pioneers() int {
	if s.Ramp > 0 && s.Active == 0 {
		return 1
	}
	return s.active()
}

// staged reports whether the rate changes while the load lasts.
func (s Settings) staged() bool {
	plan := s.Load.Plan
	return len(plan) > 1 || len(plan) == 1 && plan[0].From != plan[0].To
}

// fleet is how clients connect.
func (s Settings) fleet() loadgen.Settings {
	return loadgen.Settings{
		URL:         site.Address(s.URL, s.Mode, s.Audit),
		Clients:     s.Clients,
		Timeout:     s.Timeout,
		Rcvbuf:      s.Rcvbuf,
		InFlight:    s.InFlight,
		Deflate:     s.Mode.Deflate.On,
		UserAgent:   fmt.Sprintf("wsimg/%s (%s)", s.Version, s.Mode),
		Token:       s.Access.Token,
		TLS:         s.Access.TLS,
		ConnectRate: s.ConnectRate,
		LocalAddrs:  s.LocalAddrs,
		Backoff:     s.Backoff,
		Forsake:     s.Forsake,
		Storm:       s.Storm,
	}
}

// block is what they do.
func (s Settings) block(traffic *loadgen.Traffic) loadgen.Block {
	return loadgen.Block{
		Traffic: traffic, Load: s.Load, Length: s.Duration, Redial: true,
		Active: s.Active, Ramp: s.Ramp, Lifetime: s.Lifetime, Cuts: s.Cuts,
	}
}

// alone is the same load on the active by themselves, for so long. It has no
// stages, and no cuts, which belong to instants of the load.
func (s Settings) alone(traffic *loadgen.Traffic, length time.Duration) loadgen.Block {
	b := loadgen.Block{Traffic: traffic, Load: s.Load, Length: length, Redial: true, Lifetime: s.Lifetime}
	if s.Load.Open() {
		b.Load.Plan, b.Length = schedule.Steady(s.Load.Plan.Mean(), length), 0
	}
	return b
}
