package proof

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/reports"
)

const ms = time.Millisecond

// journal writes a server's log of one mode.
type journal struct {
	now     time.Duration
	session uint64
	visits  []visit
}

// block opens a connection and appends images that arrive one cycle after the
// other.
func (j *journal) block(cycles ...time.Duration) {
	j.session++
	j.goOn(cycles...)
}

// goOn appends images on the same connection.
func (j *journal) goOn(cycles ...time.Duration) {
	for _, c := range cycles {
		j.visits = append(j.visits, visit{session: j.session, arrived: j.now})
		j.now += c
	}
}

func block(round int, seconds float64, images uint64) record.Sample {
	return record.Sample{Round: round, Seconds: seconds, BlockImages: images}
}

func TestReadCutsTheLogFromItsEnd(t *testing.T) {
	var j journal
	j.block(9*ms, 9*ms, 9*ms, 9*ms, 9*ms) // the warm-up
	j.block(7*ms, 7*ms)                   // settling
	j.goOn(50*ms, 2*ms, 3*ms, 70*ms)      // round 0, closed
	j.block(50*ms, 5*ms, 80*ms)           // round 0, single
	j.block(50*ms, 40*ms, 90*ms)          // round 1, closed, disturbed
	j.block(50*ms, 6*ms, 4*ms)            // round 1, single: round 2 follows at once
	j.block(50*ms, 8*ms, 90*ms)           // round 2, closed
	repeated := block(1, 0.040, 3)
	repeated.Repeated = true
	run := &record.Run{
		Settings: record.Settings{Modes: []string{"binary"}},
		Cells: []record.Cell{
			{Mode: "binary", Load: record.Single, Samples: []record.Sample{block(0, 0.005, 3), block(1, 0.006, 3)}},
			{Mode: "binary", Load: record.Closed, Samples: []record.Sample{block(0, 0.005, 4), repeated, block(2, 0.008, 3)}},
			{Mode: "binary#2", Load: record.Closed, Samples: []record.Sample{block(0, 1, 99)}}, // another's
		},
	}
	got, err := read(run, map[string][]visit{"binary": j.visits})
	if err != nil {
		t.Fatal(err)
	}
	want := recorded{
		{"binary", record.Closed}: {8 * ms, 2 * ms, 3 * ms},
		{"binary", record.Single}: {6 * ms, 5 * ms},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(cell{})); diff != "" {
		t.Errorf("cycles (-want +got):\n%s", diff)
	}
}

func TestReadRefusesWhatDoesNotFit(t *testing.T) {
	for _, c := range []struct {
		name   string
		sample record.Sample
		want   string
	}{
		{"more images than the server saw", block(0, 0.020, 7), "the run has 7 images, and the server saw 6"},
		{"a pause within a block", block(0, 0.004, 5), "don't fit"},
		{"too few images for a cycle", block(0, 0.004, 2), "less than three"},
		{"failures", record.Sample{BlockImages: 3, Errors: map[string]uint64{"timeout": 1}}, "images failed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var j journal
			j.block(4*ms, 4*ms, 60*ms)
			j.block(4*ms, 4*ms, 4*ms)
			_, err := read(&record.Run{
				Settings: record.Settings{Modes: []string{"binary"}},
				Cells:    []record.Cell{{Mode: "binary", Load: record.Closed, Samples: []record.Sample{c.sample}}},
			}, map[string][]visit{"binary": j.visits})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got error %v, want one with %q", err, c.want)
			}
		})
	}
}

func TestTruth(t *testing.T) {
	r := recorded{
		{"binary", record.Closed}:   {4 * ms, 4 * ms},
		{"binary#2", record.Closed}: {4 * ms, 6 * ms},
		{"binary", record.Single}:   {9 * ms, 1 * ms, 2 * ms},
		{"binary#2", record.Single}: {3 * ms, 9 * ms, 3 * ms},
	}
	r.append(recorded{{"binary", record.Closed}: {4 * ms}})
	for _, c := range []struct {
		metric string
		want   float64
		ok     bool
	}{
		{reports.ImagesRate, 0.8, true},  // 4 ms of 5 ms, the means
		{reports.ResponseP50, 1.5, true}, // 3 ms of 2 ms, the medians
		{reports.ResponseP99, 1, true},
		{reports.TargetCPU, 0, false}, // which a server of our own process can't tell
	} {
		got, ok := r.truth(c.metric, "binary#2", "binary")
		if ok != c.ok || got < c.want-1e-9 || got > c.want+1e-9 {
			t.Errorf("truth of %s: got %v, %v, want %v, %v", c.metric, got, ok, c.want, c.ok)
		}
	}
	if got, ok := r.truth(reports.ImagesRate, "text", "binary"); ok {
		t.Errorf("truth of a mode that never ran: got %v, want none", got)
	}
}
