package reports_test

import (
	"testing"

	"github.com/wsimg/wsimg/loadgen/record"
)

// second is one step of a series at 300/s of 300 bytes, every image taking as
// long as response says.
func second(at int, response, lateness record.Histogram) record.Point {
	target := int64(500 * ms)
	return record.Point{
		AtSeconds: float64(at), Seconds: 1, Scheduled: 300, Images: 300, Bytes: 90_000,
		Errors:   map[string]uint64{"late": 1},
		Response: response, Lateness: lateness,
		GeneratorCPUNs: int64(250 * ms), TargetCPUNs: &target,
	}
}

// lasting is `wsimg run` of that many seconds, images taking 2 ms but in the
// second that stalls, where they take 2 s.
func lasting(t *testing.T, seconds, stalls int) *record.Run {
	t.Helper()
	s := planned(t, 0, times{2 * ms: 1000})
	calm, stall, lateness := times{2 * ms: 300}.histogram(t), times{2000 * ms: 300}.histogram(t), times{ms: 300}.histogram(t)
	for i := range seconds {
		response := calm
		if i == stalls {
			response = stall
		}
		s.Series = append(s.Series, second(i+1, response, lateness))
	}
	r := run(open("text", s))
	r.Settings.Command = "run"
	return r
}

const never = -1

func TestSeries(t *testing.T) {
	r := analyze(t, lasting(t, 5, never))
	if len(r.Series) != 5 || len(r.Steps) != 5 {
		t.Fatalf("%d points and %d steps, want 5 of each", len(r.Series), len(r.Steps))
	}
	p := r.Series[4]
	for _, f := range []struct {
		name string
		got  *float64
		want float64
	}{
		{"scheduled", p.ScheduledPerS, 300},
		{"images", p.ImagesPerS, 300},
		{"goodput", p.GoodputBytesPerS, 90_000},
		{"the generator's share of a core", p.GeneratorCPUShare, 0.25},
		{"the target's", p.TargetCPUShare, 0.5},
	} {
		if !is(f.got, f.want) {
			t.Errorf("%s: got %v, want %v", f.name, show(f.got), f.want)
		}
	}
	if p.AtSeconds != 5 || p.ErrorCount != 1 || p.Response.P99 == nil || p.Lateness.P99 == nil || p.Response.P999 != nil {
		t.Errorf("got %+v, want second 5, one error, p99 of 300 samples and no p99.9", p)
	}
}

func TestStepsAreMergedEvenly(t *testing.T) {
	for _, c := range []struct{ seconds, steps, each int }{
		{1, 1, 1}, {20, 20, 1}, {21, 11, 2}, {41, 14, 3},
	} {
		r := analyze(t, lasting(t, c.seconds, never))
		if len(r.Series) != c.seconds || len(r.Steps) != c.steps || r.Steps[0].Seconds != float64(c.each) {
			t.Errorf("%d seconds: %d points in %d steps of %v s, want %d of %d", c.seconds, len(r.Series), len(r.Steps), r.Steps[0].Seconds, c.steps, c.each)
		}
		if last := r.Steps[len(r.Steps)-1]; last.AtSeconds != float64(c.seconds) {
			t.Errorf("%d seconds: the last step ends at %v", c.seconds, last.AtSeconds)
		}
	}
}

func TestMergedStepsKeepTheTail(t *testing.T) {
	// A stall in one second of three is in p99 of the step, as an average of
	// percentiles would not have it.
	r := analyze(t, lasting(t, 60, 2))
	first, next := r.Steps[0], r.Steps[1]
	if first.Response.P99 == nil || *first.Response.P99 < 1.99e6 || *next.Response.P99 > 2010 {
		t.Errorf("p99 %v and then %v µs, want 2 s and then 2 ms", show(first.Response.P99), show(next.Response.P99))
	}
	if !is(first.ImagesPerS, 300) || !is(first.TargetCPUShare, 0.5) || first.ErrorCount != 3 || first.Response.P999 != nil {
		t.Errorf("got %+v, want 300/s, half a core, 3 errors, no p99.9 of 900", first)
	}
}

func TestAStepWithoutTheTargetsCPUHasNone(t *testing.T) {
	rec := lasting(t, 40, never)
	rec.Cells[0].Samples[0].Series[2].TargetCPUNs = nil
	steps := analyze(t, rec).Steps
	if steps[1].TargetCPUShare != nil || steps[0].TargetCPUShare == nil {
		t.Errorf("shares %v and %v, want one and none", show(steps[0].TargetCPUShare), show(steps[1].TargetCPUShare))
	}
}

func TestARunComparesNothing(t *testing.T) {
	r := analyze(t, lasting(t, 1, never))
	if r.Compares() || len(r.Overhead) > 0 {
		t.Errorf("compares: %v, with %d overheads", r.Compares(), len(r.Overhead))
	}
	bench := run(closed("binary", block(0, 10)))
	bench.Settings.Command = "bench"
	if r := analyze(t, bench); !r.Compares() || r.Series != nil {
		t.Error("a bench compares nothing or has a series")
	}
}
