package capacity

import (
	"context"
	"errors"

	"github.com/wsimg/wsimg/loadgen"
	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/site"
)

// weighed is how many idle connections are opened to tell what one takes: at some
// KB each they then take some MB, and what else a process takes or gives back
// meanwhile is about one.
const weighed = 2000

// weigh measures what idle connections cost the target, where it tells. Fewer
// are opened where fewer are allowed.
func (c *capacity) weigh(ctx context.Context) error {
	c.report("connecting")
	before := c.site.Stats(ctx).Resident
	if before == nil {
		return ctx.Err()
	}
	n := weighed
	for n > 0 && (site.Allows(ctx, c.settings.URL, c.settings.demand(n)) != nil || c.site.Admits(ctx, c.settings.demand(n)) != nil) {
		n /= 2
	}
	if n == 0 {
		return ctx.Err()
	}
	fleet, err := loadgen.New(c.settings.fleet(payload.Mode{}, n))
	if err != nil {
		return err
	}
	defer c.leave(fleet, c.hunts[0])
	if err := c.grow(ctx, fleet, n); err != nil && !errors.Is(err, loadgen.ErrVacant) {
		return err
	}
	with := c.site.Stats(ctx).Resident
	if with != nil && *with > *before {
		c.found.Memory = &record.Footprint{Connections: fleet.Connected(), BaseBytes: *before, WithBytes: *with}
	}
	return nil
}
