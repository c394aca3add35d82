package bench

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/wsimg/wsimg/loadgen"
	"github.com/wsimg/wsimg/loadgen/record"
)

// warmUp drives every cell until each of its images was sent, so that caches,
// windows and heaps are as the rounds will find them, and notes how long a
// round trip takes. Many files on a slow server are cut short.
func (b *bench) warmUp(ctx context.Context) error {
	cells := len(b.run.Cells)
	length := b.settings.Warmup / time.Duration(cells)
	longest := max(length, b.settings.TimeBudget/time.Duration(4*cells))
	var tried []*cell
	for _, g := range slices.Concat(b.groups...) {
		if g.load == record.Open && b.settings.measures(record.Closed) {
			continue // its connections and its images are warm by now
		}
		block := loadgen.Block{Length: length}
		if g.load == record.Open {
			block.Length = time.Millisecond // one image a client: more would be a load nobody asked for
		}
		for _, c := range g.alive() {
			b.report(Progress{Phase: "warming up", Done: float64(len(tried)) / float64(cells)})
			tried = append(tried, c)
			if err := b.warm(ctx, c, block, longest); err != nil {
				return err
			}
		}
		if unanswered(tried) {
			return fmt.Errorf("%s: see whether the server echoes every message as it came", tried[len(tried)-1].Failed)
		}
	}
	return nil
}

// warm drives one cell.
func (b *bench) warm(ctx context.Context, c *cell, block loadgen.Block, longest time.Duration) error {
	block.Traffic = c.traffic
	began := time.Now()
	for first := true; first || c.Failed == "" && c.traffic.Unsent() > 0 && time.Since(began) < longest; first = false {
		sample, examples, err := b.fleets[c.line].Run(ctx, block)
		c.Keep(examples, -1)
		c.warmed(sample)
		b.count(sample.Errors)
		if err != nil {
			return err
		}
	}
	if n := c.traffic.Unsent(); n > 0 && c.Failed == "" {
		b.note("%s as %s, %s: %d of %d images had not been sent when the rounds began", c.Source, c.Mode, c.Load, n, c.Distinct)
	}
	return nil
}

// unanswered reports whether none of the cells had a single image even
// answered: the others would take as long to find out no more. A refusal is an
// answer, and may be one to a size.
func unanswered(tried []*cell) bool {
	for _, c := range tried {
		if c.Failed == "" || c.WarmupErrors[loadgen.Unanswered] == 0 {
			return false
		}
	}
	return len(tried) > 0
}
