// Package verdict decides what a run's figures may be used for, from its
// record alone:
//
//   - [Valid]: they are the target's.
//   - [Shared]: both ends ran on one machine, so rates are what the two reach
//     together. Comparing modes is sound, for both pay it. A closed loop with
//     both ends on one machine is always this.
//   - [Void]: the generator or something else on its machine was the limit,
//     or nothing was measured. The figures are not the target's.
//
// Only loads without a plan are judged here, closed and single: in them an
// image is due when its connection is free, so lateness cannot grow.
package verdict

import (
	"fmt"

	"github.com/wsimg/wsimg/loadgen/record"
)

// Kind is a verdict in one word.
type Kind string

// The verdicts.
const (
	Valid  Kind = "valid"
	Shared Kind = "shared"
	Void   Kind = "void"
)

// Limits above which a run is void, as shares.
const (
	// GeneratorLimit is the share of the generator's own cores that it may
	// use: above it, what it sends next waits for a core and not for the target.
	GeneratorLimit = 0.80
	// DisturbanceLimit is the share of the machine's CPU time that may go to
	// others: to the hypervisor, to throttling or to other processes.
	DisturbanceLimit = 0.05
)

// minSpan is the shortest span, in seconds, over which a disturbance can be
// judged: the system counts in ticks of 10 ms.
const minSpan = 1.0

// Verdict is what a run's figures may be used for, and why.
type Verdict struct {
	Kind Kind `json:"kind"`
	// Evidence is what the verdict rests on, the deciding entry first; empty
	// when nothing speaks against the run.
	Evidence []Evidence `json:"evidence"`
}

// Evidence is one figure that a verdict rests on.
type Evidence struct {
	Metric string  `json:"metric"`
	Value  float64 `json:"value"`
	Limit  float64 `json:"limit"`
	Text   string  `json:"text"` // a sentence: what was found and what to change
}

// Judge returns the verdict on run. It reads only samples that enter the
// estimates: a disturbed round that was repeated counts for nothing.
func Judge(run *record.Run) Verdict {
	if !measured(run) {
		return Verdict{Void, []Evidence{{
			Metric: "images", Value: 0, Limit: 1,
			Text: "nothing was measured: look at the errors, and whether the target can be reached",
		}}}
	}
	disturbed := disturbance(run)
	if run.Environment.Shared {
		return Verdict{Shared, append([]Evidence{shared(run)}, disturbed...)}
	}
	against := append(saturation(run), disturbed...)
	if len(against) > 0 {
		return Verdict{Void, against}
	}
	return Verdict{Valid, []Evidence{}}
}

func measured(run *record.Run) bool {
	for _, c := range run.Cells {
		for _, s := range c.Samples {
			if s.Images > 0 {
				return true
			}
		}
	}
	return false
}

func shared(run *record.Run) Evidence {
	return Evidence{
		Metric: "machines", Value: 1, Limit: 2,
		Text: fmt.Sprintf("both ends share this machine's %s, so rates are what they reach together; "+
			"run the target on another machine to learn what it reaches alone", cores(run.Environment.Cores)),
	}
}

func cores(n int) string {
	if n == 1 {
		return "one core"
	}
	return fmt.Sprintf("%d cores", n)
}

// saturation finds the cell in which the generator was busiest. A mean over
// cells would let an idle one excuse a saturated one.
func saturation(run *record.Run) []Evidence {
	var worst float64
	var where record.Cell
	for _, c := range run.Cells {
		if b := busy(c, run.Environment.Cores); b > worst {
			worst, where = b, c
		}
	}
	if worst <= GeneratorLimit {
		return nil
	}
	return []Evidence{{
		Metric: "generator_cpu_share", Value: worst, Limit: GeneratorLimit,
		Text: fmt.Sprintf("the generator used %.0f %% of its %s with %s images of %d bytes and was the limit itself; "+
			"give it more cores or use fewer clients", 100*worst, cores(run.Environment.Cores), where.Mode, where.SizeBytes),
	}}
}

// busy returns the share of the generator's cores that cell c used. CPU is
// read over whole blocks and time over windows, so CPU counts by the share of
// the block's images that the window was credited with.
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
