package calibrate

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/stats"
)

// ceiling is measured slot by slot and tells in the end what it found.
type ceiling interface {
	slots() []slot
	// record is false when nothing was measured.
	record() (record.Ceiling, bool)
}

var (
	_ ceiling = (*sized)(nil)
	_ ceiling = (*connects)(nil)
	_ ceiling = (*timer)(nil)
)

// What a slot gets of the time. Work on one core without a system call repeats
// well; an echo has to get going first, and drains at the end.
const (
	codecWeight   = 1
	storeWeight   = 3
	echoWeight    = 12
	timerWeight   = 18
	connectWeight = 6
)

// sized is a ceiling that depends on the size of images.
type sized struct {
	about  record.Ceiling
	weight int
	images []*images
	// rate measures for about d how many of these images a second there could
	// be; 0 when there was too little time to tell.
	rate func(ctx context.Context, of *images, d time.Duration) (float64, error)

	readings map[int64][]float64 // by size
}

func (c *sized) slots() []slot {
	c.readings = make(map[int64][]float64)
	var all []slot
	for _, of := range c.images {
		all = append(all, slot{c.weight, func(ctx context.Context, d time.Duration) error {
			rate, err := c.rate(ctx, of, d)
			if err != nil {
				return fmt.Errorf("measure %s at %s: %w", c.about.Name, payload.FormatSize(of.size), err)
			}
			if rate > 0 {
				c.readings[of.size] = append(c.readings[of.size], rate)
			}
			return nil
		}})
	}
	return all
}

func (c *sized) record() (record.Ceiling, bool) {
	found := c.about
	for _, of := range c.images {
		rates := c.readings[of.size]
		if len(rates) == 0 {
			continue
		}
		median := stats.Median(rates)
		found.Allows = append(found.Allows, record.Allowance{
			SizeBytes:   of.size,
			ImagesPerS:  median,
			BytesPerS:   median * float64(of.size),
			Repetitions: len(rates),
			Low:         slices.Min(rates),
			High:        slices.Max(rates),
		})
	}
	return found, len(found.Allows) > 0
}

// figure sums up the readings of as many repetitions.
func figure(name, unit string, value *float64, readings []float64) record.Figure {
	return record.Figure{
		Name:        name,
		Unit:        unit,
		Value:       value,
		Repetitions: len(readings),
		Low:         slices.Min(readings),
		High:        slices.Max(readings),
	}
}
