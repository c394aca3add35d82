//go:build unix && !linux

package steps

import (
	"time"

	"github.com/wsimg/wsimg/loadgen/machine"
)

// stopwatch measures the CPU time of the process, so that a step that loses its
// core to others takes no longer for it. Reading it has microsecond steps and
// costs about one.
type stopwatch time.Duration

func start() stopwatch { return stopwatch(used()) }

func (s stopwatch) elapsed() time.Duration { return used() - time.Duration(s) }

// used never fails on Unix.
func used() time.Duration {
	cpu, _ := machine.CPUTime()
	return cpu
}
