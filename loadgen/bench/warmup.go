package bench

import (
	"context"
	"fmt"
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
	longest := max(length, b.settings.Budget/time.Duration(4*cells))
	done := 0
	for _, bySource := range b.groups {
		for _, g := range bySource {
			if g.load == record.Open && b.settings.measures(record.Closed) {
				continue // its connections and its images are warm by now
			}
			block := loadgen.Block{Length: length}
			if g.load == record.Open {
				block.Length = time.Millisecond // one image a client: more would be a load nobody asked for
			}
			for _, c := range g.cells {
				b.report(Progress{Phase: "warming up", Done: float64(done) / float64(cells)})
				done++
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
				if hopeless := b.unanswered(c); hopeless != nil {
					return hopeless
				}
				if n := c.traffic.Unsent(); n > 0 && c.Failed == "" {
					b.note("%s as %s, %s: %d of %d images had not been sent when the rounds began", c.Source, c.Mode, c.Load, n, c.Distinct)
				}
			}
		}
	}
	return nil
}

// unanswered returns an error when until c, the last mode of its source and
// load, no image at all was even answered: the other cells would take as long
// to find out no more. A refusal is an answer, and may be one to a size.
func (b *bench) unanswered(c *cell) error {
	for _, bySource := range b.groups {
		for _, g := range bySource {
			for _, o := range g.cells {
				if o.Failed == "" && o.trip == 0 && o != c {
					continue // not tried yet
				}
				if o.Failed == "" || o.WarmupErrors[loadgen.Unanswered] == 0 {
					return nil
				}
			}
			if g.cells[len(g.cells)-1] == c {
				return fmt.Errorf("%s: see whether the server echoes every message as it came", c.Failed)
			}
		}
	}
	return nil
}
