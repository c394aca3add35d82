package calibrate

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/target"
)

// The defaults and bounds of Settings.
const (
	DefaultClients = 16
	// DefaultBudget leaves some of 20 s for what a budget can't shorten: the
	// last blocks to drain, processes to end, files to be removed.
	DefaultBudget = 17 * time.Second

	// MaxSize is the largest image: one round trip of 16 clients with a larger
	// one takes as long as there is for a block.
	MaxSize = 10_000_000
	// MaxSizes is how many sizes there is time for.
	MaxSizes = 6
)

// DefaultSizes returns the sizes that are measured unless others are asked
// for, in raw bytes.
func DefaultSizes() []int64 { return []int64{10_000, 100_000, 1_000_000} }

// Settings say what to measure. The zero value is useful.
type Settings struct {
	// Sizes are those of the images, in raw bytes; none: DefaultSizes.
	Sizes []int64
	// Dir is where the stores are measured, in a folder that is made there and
	// removed; empty: where the bundled target would have its own.
	Dir string
	// Clients is how many connections the echoes have; 0: DefaultClients.
	Clients int
	// Budget is how long it all may take; 0: DefaultBudget. Much less gives
	// figures of little use.
	Budget time.Duration
	// Progress is told between blocks how far it is; may be nil.
	Progress func(Progress)

	// Target is what to start as the target; Store is not looked at.
	Target target.ChildSettings
	// Yardstick are the arguments with which this program serves as the
	// yardstick, by ServeChild; none: "calibrate --child".
	Yardstick []string
}

// Progress is how far a calibration is.
type Progress struct {
	Phase     string        // "preparing", "warming up" or "measuring"
	Done      float64       // 0 to 1, of the whole
	Remaining time.Duration // estimated
}

// Validate reports everything that is wrong with s in one error.
func (s Settings) Validate() error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if len(s.Sizes) > MaxSizes {
		fault("%d sizes: there is time for %d", len(s.Sizes), MaxSizes)
	}
	for i, n := range s.Sizes {
		switch {
		case n < payload.SmallestSynthetic || n > MaxSize:
			fault("size %s: choose one from %s to %s", payload.FormatSize(n), payload.FormatSize(payload.SmallestSynthetic), payload.FormatSize(MaxSize))
		case slices.Contains(s.Sizes[:i], n):
			fault("size %s is named twice: a size is measured once", payload.FormatSize(n))
		}
	}
	if s.Clients < 0 {
		fault("%d clients: ask for at least 1", s.Clients)
	}
	if s.Budget < 0 {
		fault("budget of %v: ask for a positive duration", s.Budget)
	}
	return errors.Join(faults...)
}

func (s Settings) withDefaults() Settings {
	if len(s.Sizes) == 0 {
		s.Sizes = DefaultSizes()
	}
	s.Sizes = slices.Sorted(slices.Values(s.Sizes))
	if s.Dir == "" {
		s.Dir = os.TempDir()
	}
	if s.Clients == 0 {
		s.Clients = DefaultClients
	}
	if s.Budget == 0 {
		s.Budget = DefaultBudget
	}
	if s.Progress == nil {
		s.Progress = func(Progress) {}
	}
	if s.Yardstick == nil {
		s.Yardstick = []string{"calibrate", "--child"}
	}
	return s
}

// Run measures the ceilings, within about the budget. It starts two processes
// and makes a folder, and has ended and removed them when it returns.
//
// A calibration that comes with an error is incomplete and holds what was
// measured before; it is nil when that is nothing.
func Run(ctx context.Context, s Settings) (*record.Calibration, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	s = s.withDefaults()
	began := time.Now()
	s.Progress(Progress{Phase: "preparing", Remaining: s.Budget})
	r, err := newRig(ctx, s)
	if err != nil {
		return nil, err
	}
	if err = measure(ctx, r, s, began.Add(s.Budget)); err != nil && ctx.Err() == nil {
		err = r.blame(err)
	}
	if closing := r.close(); err == nil {
		err = closing // else it says the same again
	}

	found := &record.Calibration{
		Cores:   runtime.GOMAXPROCS(0),
		Clients: s.Clients,
		// A name of its own would only puzzle: it is gone by now.
		Folder:     filepath.Dir(r.dir),
		FileSystem: r.fileSystem,
		Ceilings:   []record.Ceiling{},
	}
	for _, c := range r.ceilings {
		if one, ok := c.record(); ok {
			found.Ceilings = append(found.Ceilings, one)
		}
	}
	found.Seconds = time.Since(began).Seconds()
	if err == nil {
		return found, nil
	}
	if len(found.Ceilings) == 0 {
		return nil, err
	}
	found.Incomplete = err.Error()
	return found, err
}

// measure warms up and has all ceilings measured until the deadline.
func measure(ctx context.Context, r *rig, s Settings, deadline time.Time) error {
	began := deadline.Add(-s.Budget)
	tell := func(phase string) {
		left := max(0, time.Until(deadline))
		done := time.Since(began).Seconds() / s.Budget.Seconds()
		s.Progress(Progress{Phase: phase, Done: min(1, done), Remaining: left})
	}
	tell("warming up")
	if err := r.warmUp(ctx, time.Duration(float64(time.Until(deadline))*warmupShare)); err != nil {
		return fmt.Errorf("warm up: %w", err)
	}
	var slots []slot
	for _, c := range r.ceilings {
		slots = append(slots, c.slots()...)
	}
	plan := schedule{slots: slots, repetitions: repetitions, now: time.Now, tell: func() { tell("measuring") }}
	return plan.run(ctx, deadline)
}
