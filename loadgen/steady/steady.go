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
	site     *site.Site
	auditor  *audit.Auditor // nil: nobody asked
	started  time.Time
}

// Run carries out the load and returns what was measured. When it ends early —
// ctx is done, or no image is answered as it should be — the run is marked
// incomplete and comes back together with the error that says why, audited all
// the same. Without a run nothing was measured at all. An error that wraps
// site.ErrLimit says that the machine allows fewer clients, one that wraps
// site.ErrAudit that the target can't be audited.
func Run(ctx context.Context, settings Settings) (*record.Run, error) {
	if err := settings.Validate(); err != nil {
		return nil, err
	}
	settings = settings.withDefaults()
	if err := site.Allows(settings.Clients, settings.Bundled); err != nil {
		return nil, err
	}
	traffic, err := loadgen.NewTraffic(settings.Source, settings.Mode, settings.Sender, settings.Reply, settings.Clients)
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
	if settings.Audit {
		if s.auditor, err = audit.Begin(ctx, s.site.Audit); err != nil {
			return nil, err
		}
		traffic.Audit(s.auditor.Book(settings.Source))
	}
	s.report(Connecting, nil)
	if s.fleet, err = loadgen.Dial(ctx, settings.fleet()); err != nil {
		return nil, err
	}
	if err = s.warmUp(ctx); err == nil {
		err = s.measure(ctx)
	}
	s.finish(ctx, err)
	return s.run, err
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

// measure drives the load, which is one block.
func (s *steady) measure(ctx context.Context) error {
	s.report(Measuring, nil)
	s.traffic.Start(0) // the same images, however many the warm-up got to
	block := s.settings.block(s.traffic)
	block.Every = s.settings.every
	cpu := &gauge{read: func() *int64 { return s.site.Stats(ctx).CPUNs }}
	block.Watch = func(p *record.Point) {
		p.TargetCPUNs = cpu.step()
		shown := *p
		s.report(Measuring, &shown)
	}

	s.site.Begin(ctx)
	before := s.site.Stats(ctx)
	cpu.last = before.CPUNs
	sample, examples, err := s.fleet.Run(ctx, block)
	cpu.close()
	s.site.Stats(ctx).Since(before, s.settings.Mode, &sample)
	sample.Disturbance = s.site.End(ctx)
	s.cell.Samples = []record.Sample{sample}
	s.cell.Keep(examples, 0)
	if err == nil && sample.BlockImages == 0 && len(sample.Errors) > 0 {
		s.cell.Fail("in the whole run")
	}
	return err
}

// finish closes the record. Failures that come to light now belong to the
// block, or to the warm-up when there was none.
func (s *steady) finish(ctx context.Context, err error) {
	counts, examples := s.fleet.Close()
	if len(s.cell.Samples) > 0 {
		record.AddErrors(&s.cell.Samples[0].Errors, counts)
		s.cell.Keep(examples, 0)
	} else {
		record.AddErrors(&s.cell.WarmupErrors, counts)
		s.cell.Keep(examples, -1)
	}
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

func (s *steady) report(phase string, point *record.Point) {
	if s.settings.Progress != nil {
		s.settings.Progress(Progress{Phase: phase, Point: point})
	}
}
