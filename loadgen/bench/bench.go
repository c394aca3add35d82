package bench

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/wsimg/wsimg/loadgen"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/site"
	"github.com/wsimg/wsimg/loadgen/verdict"
)

// maxBarren is how many blocks in a row may verify nothing before their cell
// is given up.
const maxBarren = 3

// maxRepeats is the share of the rounds that may be repeated because the
// machine was disturbed.
const maxRepeats = 0.2

// bench is a comparison being carried out.
type bench struct {
	settings Settings
	run      *record.Run
	groups   [][]*group // by source
	fleets   map[line]*loadgen.Fleet
	site     *site.Site
	errors   uint64
	started  time.Time
}

// Run carries out the comparison and returns what was measured. When it ends
// early — ctx is done, or the target is gone — the run is marked incomplete and
// comes back together with the error that says why. Without a run nothing was
// measured at all.
func Run(ctx context.Context, settings Settings) (*record.Run, error) {
	if err := settings.Validate(); err != nil {
		return nil, err
	}
	settings = settings.withDefaults()
	if err := site.Allows(settings.connections(), settings.Bundled); err != nil {
		return nil, err
	}
	b := &bench{
		settings: settings,
		run: &record.Run{
			Schema:   record.Schema,
			Started:  time.Now().UTC(),
			Settings: settings.record(),
		},
		fleets:  make(map[line]*loadgen.Fleet),
		started: time.Now(),
	}
	b.site = site.Survey(ctx, settings.URL, settings.Version)
	b.run.Environment = b.site.Environment
	defer b.close()
	var err error
	if b.groups, err = newGroups(settings, b.run); err != nil {
		return nil, err
	}
	b.noteSources()
	if err := b.connect(ctx); err != nil {
		return nil, err
	}
	err = b.measure(ctx)
	b.finish(err)
	return b.run, err
}

// noteSources tells what the images themselves keep from being found out.
func (b *bench) noteSources() {
	for _, src := range b.settings.Sources {
		if n := src.Duplicates(); n > 0 {
			b.note("%s: %d files were left out because another holds the same bytes.", src.Name(), n)
		}
		if src.Len() == 1 {
			b.note("%s is a single image: a reply that is doubled, or another client's, can't be told by what it holds, and shows only when a block ends.", src.Name())
		}
	}
}

// connect dials one fleet for each line the cells need.
func (b *bench) connect(ctx context.Context) error {
	b.report(Progress{Phase: "connecting"})
	for _, bySource := range b.groups {
		for _, g := range bySource {
			for _, c := range g.cells {
				if b.fleets[c.line] != nil {
					continue
				}
				f, err := loadgen.Dial(ctx, loadgen.Settings{
					URL:     c.line.address(b.settings.URL),
					Clients: c.line.clients,
					Timeout: b.settings.Timeout,
					Rcvbuf:  b.settings.Rcvbuf,
				})
				if err != nil {
					return err
				}
				b.fleets[c.line] = f
			}
		}
	}
	return nil
}

// measure warms up and goes through the rounds.
func (b *bench) measure(ctx context.Context) error {
	began := time.Now()
	if err := b.warmUp(ctx); err != nil {
		return err
	}
	// What a slow server took longer to warm up, the rounds do without.
	budget := max(b.settings.Budget-max(0, time.Since(began)-b.settings.Warmup), b.settings.Budget/4)
	n := b.plan(budget)
	if n == 0 {
		return errors.New("no image was verified in any mode; the first failures say why")
	}
	began = time.Now()
	var (
		deadline = began.Add(budget + budget/8)
		planned  = n
		repeats  = 0
		span     = 0 // first round of the span that is being watched
	)
	b.site.Begin(ctx)
	for round := 0; round < planned; round++ {
		if b.settings.Rounds == 0 && round > 0 && time.Now().After(deadline) {
			b.note("the rounds took longer than the warm-up had promised: %d of %d were measured in the time there was", round, planned)
			break
		}
		b.report(Progress{
			Phase: "measuring", Done: float64(round) / float64(planned), Round: round + 1, Rounds: planned,
			Remaining: remaining(time.Since(began), round, planned),
		})
		if err := b.round(ctx, round); err != nil {
			return err
		}
		if b.site.Long() || round == planned-1 {
			d := b.site.End(ctx)
			again := verdict.Disturbed(d) && repeats+round+1-span <= int(maxRepeats*float64(n))
			b.mark(span, round, d, again)
			if again {
				repeats += round + 1 - span
				planned += round + 1 - span
			}
			span = round + 1
			b.site.Begin(ctx)
		}
	}
	b.report(Progress{Phase: "measuring", Done: 1, Round: planned, Rounds: planned})
	return nil
}

// plan sets the length of every group's blocks and returns the number of
// rounds that fit the budget; 0 when there is nothing to measure.
func (b *bench) plan(budget time.Duration) int {
	var lengths, trips []time.Duration
	for _, bySource := range b.groups {
		for _, g := range bySource {
			var slowest time.Duration
			for _, c := range g.alive() {
				slowest = max(slowest, c.trip)
				trips = append(trips, c.trip)
			}
			g.length = blockLength(slowest)
			if b.settings.Block > 0 {
				g.length = b.settings.Block
			}
			for range g.alive() {
				lengths = append(lengths, g.length)
			}
		}
	}
	if len(trips) == 0 {
		return 0
	}
	n, shrink := rounds(budget, lengths, trips, b.settings.Block > 0)
	if b.settings.Rounds > 0 {
		return b.settings.Rounds
	}
	if b.settings.Block > 0 && n < minRounds {
		b.note("only %d rounds of blocks of %v fit into the time there was: ask for shorter blocks, fewer sizes, or more --rounds", n, b.settings.Block)
	}
	if shrink < 1 {
		b.note("the server is slow: blocks were shortened to %.0f %% of their usual length to fit %d rounds into the time there was", 100*shrink, n)
		for _, bySource := range b.groups {
			for _, g := range bySource {
				g.length = time.Duration(shrink * float64(g.length))
			}
		}
	}
	return n
}

// round measures one block of every cell.
func (b *bench) round(ctx context.Context, round int) error {
	for _, i := range shuffled(len(b.groups), round, b.settings.Seed) {
		for _, g := range b.groups[i] {
			alive := g.alive()
			for order, k := range turn(len(alive), round) {
				if err := b.block(ctx, alive[k], g.length, round, order); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// block measures one block of one cell.
func (b *bench) block(ctx context.Context, c *cell, length time.Duration, round, order int) error {
	c.traffic.Start(round)
	before := b.site.Stats(ctx)
	sample, examples, err := b.fleets[c.line].Run(ctx, loadgen.Block{Traffic: c.traffic, Length: length})
	b.site.Stats(ctx).Since(before, c.mode, &sample)
	sample.Round, sample.Order = round, order
	c.Samples = append(c.Samples, sample)
	c.keep(examples, round)
	b.count(sample.Errors)
	if err != nil {
		return err
	}
	c.barren++
	if sample.BlockImages > 0 {
		c.barren = 0
	}
	if c.barren == maxBarren {
		c.fail(fmt.Sprintf("in %d blocks in a row", maxBarren))
	}
	return nil
}

// mark notes the disturbance of a span of rounds, and whether they count.
func (b *bench) mark(from, to int, d record.Disturbance, repeated bool) {
	for i := range b.run.Cells {
		samples := b.run.Cells[i].Samples
		for j := len(samples) - 1; j >= 0 && samples[j].Round >= from; j-- {
			if samples[j].Round <= to {
				samples[j].Disturbance, samples[j].Repeated = d, repeated
			}
		}
	}
}

// finish closes the record.
func (b *bench) finish(err error) {
	for l, f := range b.fleets {
		counts, examples := f.Close()
		delete(b.fleets, l)
		b.late(l, counts, examples)
	}
	b.run.Seconds = time.Since(b.started).Seconds()
	switch {
	case errors.Is(err, context.Canceled):
		b.run.Incomplete = "interrupted"
	case err != nil:
		b.run.Incomplete = err.Error()
	}
}

// late counts failures that came after a fleet's last block with the cell that
// ran last on it.
func (b *bench) late(l line, counts map[string]uint64, examples map[string]record.Example) {
	if len(counts) == 0 {
		return
	}
	var last *cell
	for _, bySource := range b.groups {
		for _, g := range bySource {
			for _, c := range g.cells {
				if n := len(c.Samples); c.line == l && n > 0 && (last == nil || c.Samples[n-1].Round >= last.Samples[len(last.Samples)-1].Round) {
					last = c
				}
			}
		}
	}
	if last == nil {
		return
	}
	s := &last.Samples[len(last.Samples)-1]
	if s.Errors == nil {
		s.Errors = make(map[string]uint64)
	}
	for kind, n := range counts {
		s.Errors[kind] += n
	}
	last.keep(examples, s.Round)
}

func (b *bench) close() {
	for _, f := range b.fleets {
		f.Close()
	}
	b.site.Close()
}

func (b *bench) count(errors map[string]uint64) {
	for _, n := range errors {
		b.errors += n
	}
}

func (b *bench) note(format string, args ...any) {
	b.run.Notes = append(b.run.Notes, fmt.Sprintf(format, args...))
}

func (b *bench) report(p Progress) {
	if b.settings.Progress != nil {
		p.Errors = b.errors
		b.settings.Progress(p)
	}
}

// remaining estimates the time to go from the time gone.
func remaining(gone time.Duration, done, planned int) time.Duration {
	if done == 0 {
		return 0
	}
	return gone / time.Duration(done) * time.Duration(planned-done)
}
