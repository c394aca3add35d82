package capacity

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/wsimg/wsimg/loadgen"
	"github.com/wsimg/wsimg/loadgen/objective"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/search"
	"github.com/wsimg/wsimg/loadgen/verdict"
)

// unconnected is what a verdict rests on where not every client got a connection.
const unconnected = "connections"

// probe puts one load on the target and tells the search what came of it. One that
// failed while the machine was disturbed is no evidence, of whatever load, and is
// made once more. The error is of a target that is gone, or of ctx: then there is
// no verdict.
func (c *capacity) probe(ctx context.Context, h *hunt, step search.Step, turn, place int) error {
	c.report(step.Phase)
	began := time.Now()
	defer func() { h.took = time.Since(began) }()
	round := len(c.found.Probes)
	sample, examples, stopped, resident, err := c.drive(ctx, h, step, turn)
	vacant := errors.Is(err, loadgen.ErrVacant) || c.reached && strings.HasPrefix(loadgen.Kind(err), loadgen.Handshake)
	sample.Round, sample.Order = round, place
	cell := c.cell(h.mode.String(), step.Load)
	cell.Samples = append(cell.Samples, sample)
	cell.Keep(examples, round)
	h.settle(cell)
	c.count(sample.Errors)
	if err != nil && !vacant {
		return err
	}
	outcome := objective.Outcome{Verdict: record.Fail, Decided: unconnected}
	if !vacant {
		if outcome, err = objective.Judge(c.settings.Objectives, &sample); err != nil {
			return err
		}
	}
	again := outcome.Verdict == record.Fail && verdict.Disturbed(sample.Disturbance) && !h.disturbed
	if h.disturbed = again; again {
		outcome = objective.Outcome{Verdict: record.Inconclusive, Decided: record.Disturbed}
	}
	c.found.Probes = append(c.found.Probes, record.Probe{
		Round: round, Mode: h.mode.String(), Load: step.Load, Phase: step.Phase,
		Verdict: outcome.Verdict, Decided: outcome.Decided, Stopped: stopped, TargetResidentBytes: resident,
	})
	if again {
		return c.probe(ctx, h, step, turn, place)
	}
	h.probes = append(h.probes, search.Probe{Step: step, Verdict: outcome.Verdict})
	h.search.Observe(outcome.Verdict)
	return nil
}

// drive connects the clients of a probe, has them carry its load and lets them
// go. Stopped is whether it was ended early, resident the target's memory before
// the clients left.
func (c *capacity) drive(ctx context.Context, h *hunt, step search.Step, turn int) (sample record.Sample, examples map[string]record.Example, stopped bool, resident *uint64, err error) {
	s, clients := c.settings, c.settings.clients(step.Load)
	length := s.length(step)
	fleet, err := loadgen.New(s.fleet(h.mode, clients))
	if err != nil {
		return sample, nil, false, nil, err
	}
	defer c.leave(fleet, h)
	block := s.block(step, turn, length)
	var came record.Connections
	if block.Ramp == 0 {
		if came, err = c.connect(ctx, h, fleet, clients); err != nil {
			sample.Connections = &came
			return sample, nil, false, nil, err
		}
	}
	backlog := objective.NewBacklog(s.Objectives)
	h.traffic.Start(turn)
	c.site.Begin(ctx)
	before := c.site.Stats(ctx)
	cpu := c.site.Gauge(ctx, h.mode, before)
	block.Traffic = h.traffic
	block.Watch = func(p *record.Point) { p.TargetCPUNs = cpu.Step() }
	block.Enough = func(p *record.Point) bool {
		stopped = stopped || s.open() && backlog.Add(*p)
		return stopped
	}
	sample, examples, err = fleet.Run(ctx, block)
	cpu.Close()
	after := c.site.Stats(ctx)
	after.Since(before, h.mode, &sample)
	sample.Disturbance = c.site.End(ctx)
	return sample, examples, stopped, after.Resident, errors.Join(err, sample.Connections.Add(came))
}

const (
	// gentleClients is how many clients send an image before a load begins.
	gentleClients = 256
	// connectPatience is how long it is waited for another client to get a
	// connection: a target that refuses some refuses them for good.
	connectPatience = 2 * time.Second
)

// connect has the clients of a probe connect, and the first of them send an
// image each, so that connections are as they will be.
func (c *capacity) connect(ctx context.Context, h *hunt, fleet *loadgen.Fleet, clients int) (record.Connections, error) {
	err := c.grow(ctx, fleet, clients)
	came, told := fleet.Connecting()
	if err = cmp.Or(err, told); err != nil {
		return came, err
	}
	sample, examples, err := fleet.Run(ctx, loadgen.Block{Traffic: h.traffic, Length: time.Millisecond, Active: min(gentleClients, clients)})
	c.count(sample.Errors)
	h.owe(sample.Errors, examples)
	return came, err
}

// grow connects clients for as long as more of them come. Where only some did, the
// error wraps loadgen.ErrVacant.
func (c *capacity) grow(ctx context.Context, fleet *loadgen.Fleet, clients int) error {
	growing, stop := context.WithCancel(ctx)
	defer stop()
	patience := c.settings.patience
	if rate := c.settings.ConnectRate; rate > 0 {
		patience += time.Duration(float64(time.Second) / rate)
	}
	done := make(chan error, 1)
	go func() { done <- fleet.Grow(growing, clients) }()
	looks := time.NewTicker(patience)
	defer looks.Stop()
	for before := 0; ; {
		select {
		case err := <-done:
			if growing.Err() != nil && ctx.Err() == nil {
				return fmt.Errorf("%w: %d of %d are connected, and no more came for %v", loadgen.ErrVacant, fleet.Connected(), clients, patience)
			}
			return err
		case <-looks.C:
			if now := fleet.Connected(); now > before || now == 0 { // of a server that is not there, Grow tells
				before = now
				continue
			}
			stop()
		}
	}
}
