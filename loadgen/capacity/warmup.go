package capacity

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/wsimg/wsimg/loadgen"
)

const (
	// warmClients is how many clients warm up, back to back.
	warmClients = 16
	// firstShare of what the slowest mode reaches back to back is the first load.
	firstShare = 2
)

// warmUp has every mode send back to back, so that caches and heaps are as the
// probes will find them, and returns the load to begin with.
func (c *capacity) warmUp(ctx context.Context) (start float64, err error) {
	c.report("warming up")
	slowest := math.Inf(1)
	for _, h := range c.hunts {
		rate, err := c.warm(ctx, h, c.settings.Warmup/time.Duration(len(c.hunts)))
		if err != nil {
			return 0, err
		}
		slowest = min(slowest, rate)
	}
	return c.settings.loadOf(slowest / firstShare), nil
}

// warm drives one mode and returns how many images a second it reached.
func (c *capacity) warm(ctx context.Context, h *hunt, length time.Duration) (rate float64, err error) {
	clients := min(warmClients, c.settings.mostClients())
	fleet, err := loadgen.New(c.settings.fleet(h.mode, clients))
	if err != nil {
		return 0, err
	}
	defer c.leave(fleet, h)
	if err := c.grow(ctx, fleet, clients); err != nil && !errors.Is(err, loadgen.ErrVacant) {
		return 0, err
	}
	sample, examples, err := fleet.Run(ctx, loadgen.Block{Traffic: h.traffic, Length: length})
	c.count(sample.Errors)
	h.owe(sample.Errors, examples)
	if err != nil {
		return 0, err
	}
	if sample.Credit == 0 || sample.Seconds == 0 {
		cell := c.cell(h.mode.String(), c.settings.Least)
		h.settle(cell)
		cell.Fail("in the warm-up")
		return 0, fmt.Errorf("%s: see whether the server answers every message with %s", cell.Failed, c.settings.Reply)
	}
	return sample.Credit / sample.Seconds, nil
}
