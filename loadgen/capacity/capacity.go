package capacity

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

// ErrObjective is what Run wraps when an objective can't be judged, of this target
// or in the time there is.
var ErrObjective = errors.New("the search would find nothing")

// capacity is a search being carried out.
type capacity struct {
	settings Settings
	run      *record.Run
	found    *record.Capacity // of run
	hunts    []*hunt          // by mode
	site     *site.Site
	auditor  *audit.Auditor // nil: nobody asked
	dialed   uint64
	reached  bool // somebody got a connection
	errors   uint64
	began    time.Time // the time budget did
}

// Run carries out the search and returns what was measured. When it ends early —
// ctx is done, or the target is gone — the run is marked incomplete and comes
// back together with the error that says why, audited all the same. Without a run
// nothing was measured at all. An error that wraps site.ErrLimit says that this
// machine or the target allows less than was asked for, one that wraps
// site.ErrAudit that the target can't be audited, and one that wraps ErrObjective
// that it does not tell what an objective is about.
//
// That images fail in a probe is no error: it is what the objectives are about.
func Run(ctx context.Context, settings Settings) (*record.Run, error) {
	if err := settings.Validate(); err != nil {
		return nil, err
	}
	settings = settings.withDefaults()
	started := time.Now()
	here := site.Survey(ctx, settings.URL, settings.Version, settings.Access)
	defer here.Close()
	if err := here.Answers(settings.URL, settings.Reply); err != nil {
		return nil, err
	}
	if err := settings.bound(ctx, here); err != nil {
		return nil, err
	}
	for _, o := range settings.Objectives {
		if err := o.Check(settings.measured(here.Environment.Target != nil)); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrObjective, err)
		}
	}
	c := &capacity{settings: settings, site: here, run: &record.Run{
		Schema:      record.Schema,
		Started:     started.UTC(),
		Environment: here.Environment,
		Settings:    settings.record(),
		Capacity: &record.Capacity{
			Find:          settings.Find,
			PerClientPerS: settings.PerClient,
			Least:         settings.Least,
			Most:          settings.Most,
			Probes:        []record.Probe{},
		},
	}}
	c.found = c.run.Capacity
	for _, o := range settings.Objectives {
		c.found.Objectives = append(c.found.Objectives, o.String())
	}
	if settings.Audit {
		var err error
		if c.auditor, err = audit.Begin(ctx, here.Audit); err != nil {
			return nil, err
		}
	}
	if err := c.lay(); err != nil {
		return nil, err
	}
	err := c.carryOut(ctx)
	if !c.reached || errors.Is(err, ErrObjective) {
		return nil, err
	}
	c.finish(ctx, started, err)
	return c.run, err
}

// lay makes the modes' traffic, and notes what the images keep from being found
// out.
func (c *capacity) lay() error {
	src := c.settings.Source
	for _, mode := range c.settings.Modes {
		traffic, err := loadgen.NewTraffic(src, mode, c.settings.Sender, c.settings.Reply, c.settings.mostClients())
		if err != nil {
			return err
		}
		if c.auditor != nil {
			traffic.Audit(c.auditor.Book(src))
		}
		c.hunts = append(c.hunts, &hunt{mode: mode, traffic: traffic})
	}
	if n := src.Duplicates(); n > 0 {
		c.note("%s: %d files were left out because another holds the same bytes.", src.Name(), n)
	}
	if src.Len() == 1 && c.settings.Reply == record.Echo {
		c.note("%s is a single image: a reply that is doubled, or another client's, can't be told by what it holds, and shows only when a block ends.", src.Name())
	}
	return nil
}

// carryOut goes through the phases.
func (c *capacity) carryOut(ctx context.Context) error {
	c.began = time.Now()
	if err := c.weigh(ctx); err != nil {
		return err
	}
	start, err := c.warmUp(ctx)
	if err != nil {
		return err
	}
	if err := c.begin(start); err != nil {
		return err
	}
	return c.probes(ctx)
}

// finish closes the record.
func (c *capacity) finish(ctx context.Context, started time.Time, err error) {
	if c.auditor != nil {
		c.run.Audit = c.auditor.End(ctx, c.dialed)
	}
	c.run.Seconds = time.Since(started).Seconds()
	switch {
	case errors.Is(err, context.Canceled):
		c.run.Incomplete = "interrupted"
	case err != nil:
		c.run.Incomplete = err.Error()
	}
}

// cell returns the cell of a mode and a load, which is made when there is none.
func (c *capacity) cell(mode string, load float64) *record.Cell {
	s := c.settings
	kind, rate := record.Closed, 0.0
	if s.open() {
		kind, rate = record.Open, s.rate(load)
	}
	for i := range c.run.Cells {
		cell := &c.run.Cells[i]
		if cell.Mode == mode && cell.RatePerS == rate && cell.Clients == s.clients(load) {
			return cell
		}
	}
	c.run.Cells = append(c.run.Cells, record.Cell{
		SizeBytes: s.Source.SizeBytes(),
		Source:    s.Source.Name(),
		Distinct:  s.Source.Len(),
		Mode:      mode,
		Load:      kind,
		Clients:   s.clients(load),
		RatePerS:  rate,
	})
	return &c.run.Cells[len(c.run.Cells)-1]
}

// leave ends a fleet, and counts what no sample holds of it.
func (c *capacity) leave(fleet *loadgen.Fleet, h *hunt) {
	c.reached = c.reached || fleet.Connected() > 0
	counts, examples := fleet.Close()
	c.dialed += fleet.Dialed()
	c.count(counts)
	h.owe(counts, examples)
}

func (c *capacity) count(errors map[string]uint64) {
	for _, n := range errors {
		c.errors += n
	}
}

// note adds what the reader must know, once.
func (c *capacity) note(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	for _, told := range c.run.Notes {
		if told == text {
			return
		}
	}
	c.run.Notes = append(c.run.Notes, text)
}
