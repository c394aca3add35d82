package verdict

import (
	"fmt"

	"github.com/wsimg/wsimg/loadgen/record"
)

// DisturbanceLimit is the share of the machine's CPU time that may go to
// others: to the hypervisor, to throttling or to other processes.
const DisturbanceLimit = 0.05

// minSpan is the shortest span, in seconds, over which a disturbance can be
// judged: the system counts in ticks of 10 ms.
const minSpan = 1.0

// Disturbed reports whether anything took more than [DisturbanceLimit] of the
// machine while d was measured. A span under a second is too short to tell and
// never disturbed.
func Disturbed(d record.Disturbance) bool {
	return d.SpanSeconds >= minSpan && max(d.Steal, d.Throttled, d.Foreign) > DisturbanceLimit
}

// cause is a way a machine's CPU time goes elsewhere.
type cause struct {
	metric string
	share  func(record.Disturbance) float64
	text   string // with the share in per cent
}

var causes = [...]cause{
	{
		"foreign_cpu_share", func(d record.Disturbance) float64 { return d.Foreign },
		"other processes used %.0f %% of the machine; stop them and measure again",
	},
	{
		"steal_share", func(d record.Disturbance) float64 { return d.Steal },
		"the hypervisor gave %.0f %% of the machine to others; use a dedicated machine or measure again later",
	},
	{
		"throttled_share", func(d record.Disturbance) float64 { return d.Throttled },
		"a CPU quota held the run back for %.0f %% of the machine's time; raise the container's CPU limit",
	},
}

// disturbance returns an entry for each cause that took too much of the
// machine over all cells together: their blocks may be short and take turns.
func disturbance(cells []record.Cell) []Evidence {
	var found []Evidence
	for _, c := range causes {
		if e, bad := c.judge(cells...); bad {
			found = append(found, e)
		}
	}
	return found
}

// judge returns the mean share over the estimates' samples, weighted by their
// seconds, and whether it is above the limit.
func (c cause) judge(cells ...record.Cell) (Evidence, bool) {
	var sum, seconds float64
	for _, cell := range cells {
		for _, s := range cell.Samples {
			if !s.Repeated && s.Disturbance.SpanSeconds >= minSpan {
				sum += s.Seconds * c.share(s.Disturbance)
				seconds += s.Seconds
			}
		}
	}
	mean := sum / max(seconds, 1e-9)
	return Evidence{
		Metric: c.metric, Value: mean, Limit: DisturbanceLimit,
		Text: fmt.Sprintf(c.text, 100*mean),
	}, mean > DisturbanceLimit
}
