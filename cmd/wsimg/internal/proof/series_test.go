package proof

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/reports"
)

// overhead is a row of a report; low and high 0: it has no interval.
func overhead(size int64, load, metric string, low, ratio, high float64) reports.Overhead {
	o := reports.Overhead{SizeBytes: size, Load: load, Metric: metric, Ratio: &ratio, RatePerS: 350}
	if low != 0 {
		o.Low, o.High = &low, &high
	}
	return o
}

func report(rows ...reports.Overhead) *reports.Report { return &reports.Report{Overhead: rows} }

func TestGatherTakesWhatHasAnInterval(t *testing.T) {
	all := gather([]*reports.Report{
		report(
			overhead(10, record.Single, reports.ResponseP50, 0.9, 1, 1.1),
			overhead(10, record.Closed, reports.WireBytes, 0, 1, 0),
			overhead(20, record.Closed, reports.TargetCPU, 0.9, 1, 1.1),
		),
		report(
			overhead(10, record.Closed, reports.ImagesRate, 1.1, 1.2, 1.3),
			overhead(10, record.Single, reports.ResponseP50, 0, 1, 0),
			overhead(10, record.Open, reports.ResponseP50, 0.8, 0.9, 0.95),
			overhead(10, record.Open, reports.TargetCPU, 0.8, 0.9, 0.95),
		),
	}, 10)
	type seen struct {
		Name string
		Runs []bool
	}
	var got []seen
	for _, s := range all {
		var runs []bool
		for _, e := range s.estimates {
			runs = append(runs, e != nil)
		}
		got = append(got, seen{s.name, runs})
	}
	want := []seen{
		{"images/s", []bool{false, true}},
		{"unloaded p50", []bool{true, false}},
		{"p50 at equal load", []bool{false, true}},
		{"target CPU per image at equal load", []bool{false, true}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("gather (-want +got):\n%s", diff)
	}
}

// rates are the intervals that four runs and one without any gave.
func rates() series {
	return find(gather([]*reports.Report{
		report(overhead(10, record.Closed, reports.ImagesRate, 0.97, 1.00, 1.03)),
		report(overhead(10, record.Closed, reports.ImagesRate, 1.01, 1.02, 1.05)),
		report(),
		report(overhead(10, record.Closed, reports.ImagesRate, 0.80, 0.90, 0.99)),
		report(overhead(10, record.Closed, reports.ImagesRate, 1.00, 1.10, 1.20)),
	}, 10), reports.ImagesRate)
}

func TestSeriesCounts(t *testing.T) {
	s := rates()
	for _, c := range []struct {
		what      string
		got, want int
	}{
		{"intervals", s.intervals(), 4},
		{"significant: both sides of 1, its edge not", s.significant(), 2},
		{"contain one truth for all", s.contain(always(1.02)), 3},
		{"contain one at an interval's edge", s.contain(always(0.97)), 2},
		{"contain truths of their own", s.contain(func(run int) float64 {
			return []float64{2, 1.03, 1, 0.95, 1.2}[run]
		}), 3},
		{"contain the median of the others", s.contain(s.others), 2},
		{"intervals of a metric that nobody measured", find(nil, reports.ImagesRate).intervals(), 0},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %d, want %d", c.what, c.got, c.want)
		}
	}
}

func TestHalfWidthIsRelativeToTheRatio(t *testing.T) {
	s := find(gather([]*reports.Report{report(overhead(10, record.Closed, reports.ImagesRate, 1.8, 2, 2.4))}, 10), reports.ImagesRate)
	if got, want := s.values((*estimate).halfWidth)[0], 0.15; got < want-1e-9 || got > want+1e-9 {
		t.Errorf("half-width of 1.8 … 2.4 around 2: got %v, want %v", got, want)
	}
}

func TestOthersLeavesARunOut(t *testing.T) {
	s := rates()
	for run, want := range []float64{1.02, 1.00, 1.01, 1.02, 1.00} {
		if got := s.others(run); got < want-1e-9 || got > want+1e-9 {
			t.Errorf("median without run %d: got %v, want %v", run, got, want)
		}
	}
}

func TestBars(t *testing.T) {
	for _, c := range []struct {
		what      string
		got, want int
	}{
		{"as it stands, at most", mostExcluding.atMost(40), 7},
		{"as it stands, at least", leastContained.atLeast(40), 33},
		{"found, as it stands", leastFound.atLeast(40), 38},
		{"reproduced, as it stands", leastReproduced.atLeast(10), 8},
		{"power, as it stands, at least", leastPower.atLeast(40), 25},
		{"power, as it stands, at most", mostPower.atMost(40), 39},
		{"a trial, at most", mostExcluding.atMost(4), 1},
		{"a trial, at least", leastContained.atLeast(4), 3},
		{"a single run may miss", leastFound.atLeast(1), 0},
		{"of all, rounded down", mostOfAll.share(360), 28},
		{"of a few", mostOfAll.share(10), 1},
		{"no run", mostExcluding.atMost(0), 0},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %d, want %d", c.what, c.got, c.want)
		}
	}
}
