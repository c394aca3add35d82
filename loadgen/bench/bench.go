package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/wsimg/wsimg/loadgen"
	"github.com/wsimg/wsimg/loadgen/audit"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/site"
)

// maxBarren is how many blocks in a row may verify nothing before their cell
// is given up.
const maxBarren = 3

// bench is a comparison being carried out.
type bench struct {
	settings Settings
	run      *record.Run
	groups   [][]*group // by source
	fleets   map[line]*loadgen.Fleet
	site     *site.Site
	auditor  *audit.Auditor  // nil: nobody asked
	owed     map[line]failed // since the fleet's last block
	errors   uint64
	blocks   int // measured so far
	started  time.Time
}

// Run carries out the comparison and returns what was measured. When it ends
// early — ctx is done, or the target is gone — the run is marked incomplete and
// comes back together with the error that says why, audited all the same.
// Without a run nothing was measured at all. An error that wraps site.ErrLimit
// says that this machine or the target allows less than was asked for, one that
// wraps site.ErrAudit that the target can't be audited, and one that wraps
// loadgen.ErrVacant that some of the clients got no connection.
func Run(ctx context.Context, settings Settings) (*record.Run, error) {
	if err := settings.Validate(); err != nil {
		return nil, err
	}
	settings = settings.withDefaults()
	demand := settings.demand()
	if err := site.Allows(ctx, settings.URL, demand); err != nil {
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
		owed:    make(map[line]failed),
		started: time.Now(),
	}
	b.site = site.Survey(ctx, settings.URL, settings.Version, settings.Access)
	b.run.Environment = b.site.Environment
	defer b.close()
	if err := b.site.Answers(settings.URL, settings.Reply); err != nil {
		return nil, err
	}
	if err := b.site.Admits(ctx, demand); err != nil {
		return nil, err
	}
	var err error
	if settings.Audit {
		if b.auditor, err = audit.Begin(ctx, b.site.Audit); err != nil {
			return nil, err
		}
	}
	if b.groups, err = newGroups(settings, b.run, b.auditor); err != nil {
		return nil, err
	}
	b.noteSources()
	if err := b.connect(ctx); err != nil {
		return nil, err
	}
	err = b.measure(ctx)
	b.finish(ctx, err)
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

// measure warms up, goes through the rounds, and then those at equal load.
func (b *bench) measure(ctx context.Context) error {
	began := time.Now()
	if err := b.warmUp(ctx); err != nil {
		return err
	}
	// What a slow server took longer to warm up, the rounds do without.
	budget := max(b.settings.TimeBudget-max(0, time.Since(began)-b.settings.Warmup), b.settings.TimeBudget/4)
	if b.settings.openAlone() {
		return b.equalLoad(ctx, budget)
	}
	began = time.Now()
	open := b.openTime(budget)
	if err := b.rounds(ctx, budget-open); err != nil {
		return err
	}
	if open == 0 {
		return nil
	}
	return b.equalLoad(ctx, max(open, budget-time.Since(began)))
}

// block measures one block of one cell.
func (b *bench) block(ctx context.Context, c *cell, block loadgen.Block, round, order int) error {
	c.traffic.Start(round)
	block.Traffic = c.traffic
	b.blocks++
	c.ran = b.blocks
	before := b.site.Stats(ctx)
	sample, examples, err := b.fleets[c.line].Run(ctx, block)
	b.site.Stats(ctx).Since(before, c.mode, &sample)
	sample.Round, sample.Order = round, order
	c.Samples = append(c.Samples, sample)
	c.timed(sample)
	c.Keep(examples, round)
	b.count(sample.Errors)
	b.settled(c)
	if err != nil {
		return err
	}
	c.barren++
	if sample.BlockImages > 0 {
		c.barren = 0
	}
	if c.barren == maxBarren {
		c.Fail(fmt.Sprintf("in %d blocks in a row", maxBarren))
	}
	return nil
}

// finish closes the record.
func (b *bench) finish(ctx context.Context, err error) {
	var dialed uint64
	for l, f := range b.fleets {
		b.late(l, b.owed[l].counts, b.owed[l].examples)
		counts, examples := f.Close()
		delete(b.fleets, l)
		b.late(l, counts, examples)
		dialed += f.Dialed()
	}
	if b.auditor != nil {
		b.run.Audit = b.auditor.End(ctx, dialed)
	}
	// Open cells that nobody got to were not measured, and nothing went wrong.
	b.run.Cells = slices.DeleteFunc(b.run.Cells, func(c record.Cell) bool {
		return c.Load == record.Open && len(c.Samples) == 0 && c.Failed == "" && len(c.WarmupErrors) == 0
	})
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
	for _, c := range b.cells() {
		if c.line == l && len(c.Samples) > 0 && (last == nil || c.ran > last.ran) {
			last = c
		}
	}
	if last == nil {
		return
	}
	s := &last.Samples[len(last.Samples)-1]
	record.AddErrors(&s.Errors, counts)
	last.Keep(examples, s.Round)
}

// cells returns all cells, in the order they are measured.
func (b *bench) cells() []*cell {
	var all []*cell
	for _, g := range slices.Concat(b.groups...) {
		all = append(all, g.cells...)
	}
	return all
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
