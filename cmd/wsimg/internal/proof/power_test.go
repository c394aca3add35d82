//go:build slow

package proof

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/wsimg/wsimg/cmd/wsimg/internal/outcome"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/reports"
)

// powerJitter is how much delays vary from image to image: so much that this
// decides what can be detected, and not what the machine is busy with, which
// is another thing in the pilot runs than later.
const powerJitter = 0.25

// TestPower injects a difference as large as the smallest that wsimg says it
// detects, which it must find about as often as it says: in 80 % of runs. As
// many pilot runs without a difference say how large that is, in the median.
func TestPower(t *testing.T) {
	p := newProgram(t)
	n := runs(40)
	first := p.against(t, slices.Repeat([]time.Duration{plainDelay}, n), powerJitter, 1, "--loads", record.Closed)
	rate := find(gather(analyze(t, recordsOf(first)), first[0].run.Cells[0].SizeBytes), reports.ImagesRate)
	detectable := func(e *estimate) float64 { return e.Detectable }
	stated := median(rate.values(detectable))
	if stated == 0 {
		t.Fatalf("the pilot runs state no detectable difference: ask for more -rounds")
	}

	// It is the cycle that must grow by so much, of which the delay is a part.
	cycle := together(first)[cell{plainMode, record.Closed}].mean()
	delay := plainDelay + time.Duration(stated*cycle*float64(time.Second))
	made := p.against(t, slices.Repeat([]time.Duration{delay}, n), powerJitter, 1+len(first), "--loads", record.Closed)
	rate = find(gather(analyze(t, recordsOf(made)), made[0].run.Cells[0].SizeBytes), reports.ImagesRate)
	truth, _ := together(made).truth(reports.ImagesRate, delayedMode, plainMode)

	found, least, most := rate.significant(), leastPower.atLeast(n), mostPower.atMost(n)
	o := &outcome.Outcome{
		Program: "Power",
		Setting: p.Setting(made[0].run.Environment, "%d pilot runs and %d with the difference, of %d rounds, %d at a time", len(first), n, *roundsFlag, *parallelFlag),
		Header:  []string{"metric", "stated detectable", "injected, by the servers", "runs", "found", "at least", "at most", "median half-width"},
		Notes: []string{
			fmt.Sprintf("The runs with the difference state %s themselves. ", percent(median(rate.values(detectable)))) +
				punctuality(slices.Concat(first, made)),
		},
	}
	o.Row(rate.name, reports.FormatDifference(1+stated), reports.FormatDifference(1/truth), n, found, least, most,
		percent(median(rate.values((*estimate).halfWidth))))
	if found < least || found > most {
		o.Missf("the stated detectable difference was found in %d of %d runs", found, n)
	}
	p.Finish(t, o, place)
}
