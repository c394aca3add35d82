package verdict

import (
	"fmt"

	"github.com/wsimg/wsimg/loadgen/record"
)

// Disturbed reports whether anything took more than [DisturbanceLimit] of the
// machine while d was measured. A span under a second is too short to tell and
// never disturbed.
func Disturbed(d record.Disturbance) bool {
	return d.SpanSeconds >= minSpan && max(d.Steal, d.Throttled, d.Foreign) > DisturbanceLimit
}

// causes are the ways a machine's CPU time goes elsewhere.
var causes = [...]struct {
	metric string
	share  func(record.Disturbance) float64
	text   string // with the share in per cent
}{
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

// disturbance returns an entry for each cause whose mean over the estimates'
// samples, weighted by their seconds, is above the limit.
func disturbance(run *record.Run) []Evidence {
	var sums [len(causes)]float64
	var seconds float64
	for _, c := range run.Cells {
		for _, s := range c.Samples {
			if s.Repeated || s.Disturbance.SpanSeconds < minSpan {
				continue
			}
			seconds += s.Seconds
			for i, cause := range causes {
				sums[i] += s.Seconds * cause.share(s.Disturbance)
			}
		}
	}
	var found []Evidence
	for i, cause := range causes {
		if mean := sums[i] / max(seconds, 1e-9); mean > DisturbanceLimit {
			found = append(found, Evidence{
				Metric: cause.metric, Value: mean, Limit: DisturbanceLimit,
				Text: fmt.Sprintf(cause.text, 100*mean),
			})
		}
	}
	return found
}
