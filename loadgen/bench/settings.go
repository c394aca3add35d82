package bench

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/wsimg/wsimg/loadgen"
	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/loadgen/record"
)

// Defaults of Settings.
const (
	DefaultClients = 16
	DefaultWarmup  = 2 * time.Second
	// DefaultBudget is the time the rounds share when their number is not
	// given. With everything around it a default run ends in under a minute.
	DefaultBudget = 44 * time.Second
)

// Settings say what to compare, and against which target.
type Settings struct {
	URL      string // of the target, ws:// or wss://
	Sources  []*payload.Source
	Modes    []payload.Mode
	Baseline payload.Mode // one of Modes
	Clients  int          // of the closed load; 0: DefaultClients
	Rounds   int          // 0: as many as Budget allows, at most MaxRounds
	Block    time.Duration
	Warmup   time.Duration // over all cells; 0: DefaultWarmup
	Budget   time.Duration // 0: DefaultBudget
	Timeout  time.Duration // of one image; 0: loadgen.DefaultTimeout
	Seed     uint64
	Sender   string // loadgen.Live or Prepared; empty: Live
	Rcvbuf   int    // bytes; 0: the kernel's default

	// Only recorded.
	Version  string   // of wsimg
	Bundled  bool     // the target was started for this run
	Store    string   // of the bundled target
	Distinct int      // images a size that were asked for
	Images   []string // files and folders, when not synthetic

	// Progress is told between blocks how far the run is; may be nil.
	Progress func(Progress)
}

// Progress is how far a run is.
type Progress struct {
	Phase     string        // "connecting", "warming up" or "measuring"
	Done      float64       // 0 to 1, of the phase
	Round     int           // being measured, from 1
	Rounds    int           // planned
	Remaining time.Duration // estimated
	Errors    uint64        // so far
}

// Validate reports everything that is wrong with s in one error.
func (s Settings) Validate() error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if u, err := url.Parse(s.URL); err != nil || (u.Scheme != "ws" && u.Scheme != "wss") || u.Host == "" || u.User != nil {
		fault("url %q: ask for ws://host:port/path or wss://host:port/path, without a user", s.URL)
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
	for _, d := range []struct {
		name string
		d    time.Duration
	}{{"block", s.Block}, {"warmup", s.Warmup}, {"budget", s.Budget}, {"timeout", s.Timeout}} {
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
	def(&s.Budget, DefaultBudget)
	def(&s.Timeout, loadgen.DefaultTimeout)
	if s.Clients == 0 {
		s.Clients = DefaultClients
	}
	if s.Sender == "" {
		s.Sender = loadgen.Live
	}
	return s
}

// record returns what of the settings is saved with the run.
func (s Settings) record() record.Settings {
	r := record.Settings{
		Command:        "bench",
		URL:            redacted(s.URL),
		Bundled:        s.Bundled,
		Images:         s.Images,
		Baseline:       s.Baseline.String(),
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

// connections is how many are open at once: each codec has fleets of its own.
func (s Settings) connections() int {
	codecs := make(map[payload.CodecKind]bool)
	for _, m := range s.Modes {
		codecs[m.Codec] = true
	}
	return len(codecs) * (s.Clients + 1)
}

// redacted returns the URL without what may be secret in it.
func redacted(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	u.User = nil
	if u.RawQuery != "" {
		u.RawQuery = "redacted"
	}
	return u.String()
}
