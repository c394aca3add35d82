package steady

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/wsimg/wsimg/loadgen"
	"github.com/wsimg/wsimg/loadgen/audit"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/site"
)

// steady is a load being carried out.
type steady struct {
	settings Settings
	run      *record.Run
	cell     *record.Cell
	traffic  *loadgen.Traffic
	fleet    *loadgen.Fleet
	wanted   int // clients that the fleet should have by now
	site     *site.Site
	auditor  *audit.Auditor // nil: nobody asked
	started  time.Time
}

// Run carries out the load and returns what was measured. When it ends early —
// ctx is done, or no image is answered as it should be — the run is marked
// incomplete and comes back together with the error that says why, audited all
// the same. Without a run nothing was measured at all: nobody got a connection,
// or the target would take no image. An error that wraps site.ErrLimit says
// that this machine or the target allows less than was asked for, one that
// wraps site.ErrAudit that the target can't be audited.
//
// Clients that can't be connected at first, while others can, are noted and
// tried again while the load lasts; so are all of them when the target goes
// away in the middle. Neither ends the run.
func Run(ctx context.Context, settings Settings) (*record.Run, error) {
	if err := settings.Validate(); err != nil {
		return nil, err
	}
	settings = settings.withDefaults()
	demand := settings.demand()
	if err := site.Allows(ctx, settings.URL, demand); err != nil {
		return nil, err
	}
	// What an idle client would send is left to the others, so that every image
	// is sent.
	traffic, err := loadgen.NewTraffic(settings.Source, settings.Mode, settings.Sender, settings.Reply, settings.active())
	if err != nil {
		return nil, err
	}
	s := &steady{settings: settings, traffic: traffic, started: time.Now()}
	s.lay()
	s.site = site.Survey(ctx, settings.URL, settings.Version, settings.Access)
	defer s.site.Close()
	s.run.Environment = s.site.Environment
	if err := s.site.Answers(settings.URL, settings.Reply); err != nil {
		return nil, err
	}
	if err := s.site.Admits(ctx, demand); err != nil {
		return nil, err
	}
	if settings.Audit {
		if s.auditor, err = audit.Begin(ctx, s.site.Audit); err != nil {
			return nil, err
		}
		traffic.Audit(s.auditor.Book(settings.Source))
	}
	if s.fleet, err = loadgen.New(settings.fleet()); err != nil {
		return nil, err
	}
	if err = s.connect(ctx, settings.pioneers()); err != nil && (ctx.Err() == nil || s.fleet.Connected() == 0) {
		s.fleet.Close()
		return nil, err
	}
	if err == nil {
		err = s.carryOut(ctx)
	}
	s.finish(ctx, err)
	return s.run, err
}

// carryOut goes through the phases that follow the first connections.
func (s *steady) carryOut(ctx context.Context) error {
	if err := s.warmUp(ctx); err != nil {
		return err
	}
	if s.settings.Active > 0 {
		return s.besideIdle(ctx)
	}
	return s.measure(ctx)
}

// lay makes the record of a run with its one cell.
func (s *steady) lay() {
	src := s.settings.Source
	cell := record.Cell{
		SizeBytes: src.SizeBytes(),
		Source:    src.Name(),
		Distinct:  src.Len(),
		Mode:      s.settings.Mode.String(),
		Load:      record.Closed,
		Clients:   s.settings.Clients,
	}
	if s.settings.Load.Open() {
		cell.Load, cell.RatePerS = record.Open, s.settings.Load.Plan.Mean()
	}
	s.run = &record.Run{
		Schema:   record.Schema,
		Started:  s.started.UTC(),
		Settings: s.settings.record(),
		Cells:    []record.Cell{cell},
	}
	s.cell = &s.run.Cells[0]
	if n := src.Duplicates(); n > 0 {
		s.note("%s: %d files were left out because another holds the same bytes.", src.Name(), n)
	}
	if src.Len() == 1 && s.settings.Reply == record.Echo {
		s.note("%s is a single image: a reply that is doubled, or another client's, can't be told by what it holds, and shows only when a block ends.", src.Name())
	}
}

// outside has the fleet carry out a block that is not the load, and books what
// failed in it, connections that ended included. It returns what was measured.
func (s *steady) outside(ctx context.Context, block loadgen.Block) (record.Sample, error) {
	if block.Watch == nil { // then nothing would be told of connections
		block.Watch, block.Every = func(*record.Point) {}, time.Hour
	}
	sample, examples, err := s.fleet.Run(ctx, block)
	s.bookOutside(sample, examples)
	return sample, err
}

// bookOutside books what failed in a block outside of the load, connections too:
// before it as of connecting, behind it as of the load.
func (s *steady) bookOutside(sample record.Sample, examples map[string]record.Example) {
	s.book(sample.Errors, examples)
	sum := s.cell.Connecting
	if len(s.cell.Samples) > 0 {
		load := &s.cell.Samples[0]
		record.AddErrors(&load.ConnectionErrors, sample.ConnectionErrors)
		sum = load.Connections
	} else if sum != nil && sample.Connections != nil {
		sum.Vacant = sample.Connections.Vacant
	}
	if sum != nil && sample.Connections != nil {
		addFailed(sum, *sample.Connections)
	}
}

// book counts what failed outside of the load: before it as of the warm-up,
// behind it as of the load.
func (s *steady) book(counts map[string]uint64, examples map[string]record.Example) {
	if len(s.cell.Samples) > 0 {
		record.AddErrors(&s.cell.Samples[0].Errors, counts)
		s.cell.Keep(examples, 0)
		return
	}
	record.AddErrors(&s.cell.WarmupErrors, counts)
	s.cell.Keep(examples, -1)
}

// finish closes the record.
func (s *steady) finish(ctx context.Context, err error) {
	s.book(s.fleet.Close())
	if s.auditor != nil {
		s.run.Audit = s.auditor.End(ctx, s.fleet.Dialed())
	}
	s.run.Seconds = time.Since(s.started).Seconds()
	switch {
	case errors.Is(err, context.Canceled):
		s.run.Incomplete = "interrupted"
	case err != nil:
		s.run.Incomplete = err.Error()
	}
}

func (s *steady) note(format string, args ...any) {
	s.run.Notes = append(s.run.Notes, fmt.Sprintf(format, args...))
}
