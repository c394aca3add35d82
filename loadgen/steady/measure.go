package steady

import (
	"context"

	"github.com/wsimg/wsimg/loadgen"
	"github.com/wsimg/wsimg/loadgen/record"
)

// measure drives the load, which is one block.
func (s *steady) measure(ctx context.Context) error {
	s.begin(Measuring, s.settings.Clients)
	sample, examples, err := s.drive(ctx, Measuring, s.settings.block(s.traffic))
	s.cell.Samples = []record.Sample{sample}
	s.cell.Keep(examples, 0)
	if err == nil && sample.BlockImages == 0 && len(sample.Errors) > 0 {
		s.cell.Fail("in the whole run")
	}
	return err
}

// drive has the fleet carry out a block, step by step, and returns what it
// measured with what that cost the target.
func (s *steady) drive(ctx context.Context, phase string, block loadgen.Block) (record.Sample, map[string]record.Example, error) {
	s.traffic.Start(0) // the same images, however many were sent before
	s.site.Begin(ctx)
	before := s.site.Stats(ctx)
	cpu := s.site.Gauge(ctx, s.settings.Mode, before)
	block.Every = s.settings.every
	block.Watch = func(p *record.Point) {
		p.AtSeconds = max(0, p.AtSeconds) // one that was interrupted may not have begun
		p.TargetCPUNs = cpu.Step()
		shown := *p
		s.report(phase, &shown)
	}
	sample, examples, err := s.fleet.Run(ctx, block)
	cpu.Close()
	s.site.Stats(ctx).Since(before, s.settings.Mode, &sample)
	sample.Disturbance = s.site.End(ctx)
	return sample, examples, err
}
