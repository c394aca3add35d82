package loadgen

import (
	"maps"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/schedule"
)

// sum joins the points of a series.
func sum(t *testing.T, points []record.Point) record.Point {
	t.Helper()
	var all record.Point
	for _, p := range points {
		if err := join(&all, p); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// TestSeriesAddsUp holds the points of a block to its sample: nothing that the
// sample counts is in none, and nothing in two.
func TestSeriesAddsUp(t *testing.T) {
	for _, tt := range []struct {
		name   string
		rate   float64
		wrong  bool // some replies are
		length time.Duration
	}{
		{"a server that keeps up", 50, false, 5 * time.Second},
		{"one that errs now and then", 50, true, 5 * time.Second},
		{"one at twice its capacity", 200, false, 5 * time.Second},
		{"a plan that ends within a step", 50, false, 3300 * time.Millisecond},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := newVirtual(t, func(s *session, m message) {
					time.Sleep(10 * time.Millisecond)
					if tt.wrong && m.n%100 == 99 {
						m.data[0] = 'x'
					}
					s.echo(m)
				})
				shown := 0
				got := play(t, v, Settings{Clients: 1, Timeout: 2 * time.Second}, Block{
					Load:  Load{Plan: schedule.Steady(tt.rate, tt.length), Arrivals: schedule.Poisson, Seed: 5},
					Watch: func(*record.Point) { shown++ }, Every: time.Second,
				})
				all := sum(t, got.Series)
				if all.Images != got.BlockImages || all.Bytes != got.BlockBytes || all.Scheduled != got.Scheduled {
					t.Errorf("the points have %d images, %d bytes and %d scheduled; the sample %d, %d and %d",
						all.Images, all.Bytes, all.Scheduled, got.BlockImages, got.BlockBytes, got.Scheduled)
				}
				if diff := cmp.Diff(got.Errors, all.Errors); diff != "" {
					t.Errorf("failures of the sample and the points (-sample +points):\n%s", diff)
				}
				if (len(got.Errors) > 0) != (tt.wrong || tt.rate > 100) {
					t.Errorf("failures: got %v", got.Errors)
				}
				// What was given up was answered in no step.
				response := opened(t, got.Response)
				if n := opened(t, all.Response).TotalCount(); n != response.TotalCount()-int64(got.Censored) {
					t.Errorf("response time: the points have %d values, want the sample's %d but for the %d given up", n, response.TotalCount(), got.Censored)
				}
				pairs := map[string][2]record.Histogram{
					"service time": {all.Service, got.Service}, "wait": {all.Wait, got.Wait}, "lateness": {all.Lateness, got.Lateness},
				}
				if got.Censored == 0 {
					pairs["response time"] = [2]record.Histogram{all.Response, got.Response}
				}
				for name, pair := range pairs {
					if points, sample := opened(t, pair[0]), opened(t, pair[1]); !points.Equals(sample) {
						t.Errorf("%s: the points have %d values, mean %v; the sample %d, mean %v", name,
							points.TotalCount(), mean(points), sample.TotalCount(), mean(sample))
					}
				}
				if n := len(got.Series); n < int(tt.length/time.Second) || n > shown {
					t.Errorf("%d points of %v, of which %d were shown", n, tt.length, shown)
				}
			})
		})
	}
}

// TestScheduledByStep follows a plan in stages: what is due in each step is
// what Λ, the plan's integral, says, whatever the server answers.
func TestScheduledByStep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		plan := schedule.Plan{{From: 0, To: 100, Length: 10 * time.Second}, {From: 100, To: 100, Length: 5 * time.Second}, {From: 40, To: 0, Length: 5 * time.Second}}
		v := newVirtual(t, serial(always(15*time.Millisecond))) // 66 images/s
		got := play(t, v, Settings{Clients: 1, Timeout: time.Minute}, Block{
			Load:  Load{Plan: plan, Arrivals: schedule.Constant},
			Watch: func(*record.Point) {}, Every: time.Second,
		})
		var before, total uint64
		for _, p := range got.Series {
			end := time.Duration(math.Round(p.AtSeconds * float64(time.Second)))
			due := uint64(math.Ceil(plan.Count(end) - 1e-6))
			if want := due - before; p.Scheduled != want {
				t.Errorf("until %v: got %d scheduled in the step, want %d", end, p.Scheduled, want)
			}
			before = due
			total += p.Scheduled
		}
		if want := uint64(1100); total != want || got.Scheduled != want || got.Images != want {
			t.Errorf("got %d scheduled by step, %d by block and %d images; want %d", total, got.Scheduled, got.Images, want)
		}
	})
}

// TestSeriesIsBounded takes ever more steps: there are never more points than
// MaxPoints, never less than half of them once there were, and they add up.
func TestSeriesIsBounded(t *testing.T) {
	var s series
	h := record.NewHistogram()
	_ = h.RecordValue(int64(time.Millisecond))
	response, err := record.Encode(h)
	if err != nil {
		t.Fatal(err)
	}
	const steps = 5*record.MaxPoints + 7
	want := make(map[string]uint64)
	for k := range uint64(steps) {
		p := record.Point{AtSeconds: float64(k + 1), Seconds: 1, Scheduled: k, Images: 2 * k, Bytes: 3 * k, GeneratorCPUNs: int64(k)}
		if k%1000 == 0 {
			p.Response = response
			p.Errors = map[string]uint64{Reset: k, Late: 1}
			want[Reset] += k
			want[Late]++
		}
		if err := s.add(p); err != nil {
			t.Fatal(err)
		}
		if n := len(s.points); n > record.MaxPoints || k > record.MaxPoints && n < record.MaxPoints/2 {
			t.Fatalf("after %d steps: %d points, want %d to %d", k+1, n, record.MaxPoints/2, record.MaxPoints)
		}
	}
	points := s.all()
	if n := len(points); n > record.MaxPoints {
		t.Fatalf("%d points, want at most %d", n, record.MaxPoints)
	}
	for i, p := range points[1:] {
		if began := p.AtSeconds - p.Seconds; began != points[i].AtSeconds {
			t.Fatalf("point %d begins at %v s, the one before ends at %v s", i+1, began, points[i].AtSeconds)
		}
	}
	all := sum(t, points)
	const k = steps * (steps - 1) / 2
	if all.Seconds != steps || all.AtSeconds != steps || all.Scheduled != k || all.Images != 2*k || all.Bytes != 3*k || all.GeneratorCPUNs != k {
		t.Errorf("the points add up to %+v, want %d seconds and %d scheduled", all, steps, k)
	}
	if !maps.Equal(all.Errors, want) {
		t.Errorf("failures: got %v, want %v", all.Errors, want)
	}
	if n := opened(t, all.Response).TotalCount(); n != int64(want[Late]) {
		t.Errorf("%d response times, want %d", n, want[Late])
	}
}
