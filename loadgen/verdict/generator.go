package verdict

import (
	"fmt"

	"github.com/wsimg/wsimg/loadgen/record"
)

// GeneratorLimit is the share of the generator's own cores that it may use:
// above it, what it sends next waits for a core and not for the target.
const GeneratorLimit = 0.80

// ownCores returns how many cores were the generator's alone; ok is false where
// the target could use some of them. On one machine they are its own when each
// end was kept to processors that the other was not.
func ownCores(run *record.Run) (n int, ok bool) {
	s := run.Settings
	switch {
	case !run.Environment.Shared:
		return run.Environment.Cores, true
	case s.GeneratorCPUs.Apart(s.TargetCPUs):
		return len(s.GeneratorCPUs), true
	default:
		return 0, false
	}
}

// generator is the rule that the generator, with that many cores of its own,
// was not the limit itself.
func generator(n int) rule {
	return func(c record.Cell) (Evidence, bool) {
		share := busy(c, n)
		return Evidence{
			Metric: "generator_cpu_share", Value: share, Limit: GeneratorLimit,
			Text: fmt.Sprintf("the generator used %.0f %% of its %s and was the limit itself; "+
				"give it more cores or use fewer clients", 100*share, cores(n)),
		}, share > GeneratorLimit
	}
}

// busy returns the share of the generator's cores that cell c used. CPU is
// read over whole blocks and time over windows, so CPU counts by the share of
// the block's images that the window was credited with. What the pacer spends
// waiting for an instant is left out: it gives way to any image.
func busy(c record.Cell, cores int) float64 {
	var cpu, wall float64
	for _, s := range c.Samples {
		if s.Repeated || s.Seconds <= 0 || s.BlockImages == 0 {
			continue
		}
		cpu += float64(s.GeneratorCPUNs) / 1e9 * s.Credit / float64(s.BlockImages)
		wall += s.Seconds
	}
	if wall == 0 {
		return 0
	}
	return cpu / wall / float64(max(cores, 1))
}
