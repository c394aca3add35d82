package proof

import (
	"cmp"
	"slices"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/stats"
	"github.com/wsimg/wsimg/reports"
)

// estimate is what one run says of one metric: mode / baseline.
type estimate struct {
	stats.Estimate
	rounds int
}

// halfWidth returns half the width of the interval, relative to the ratio.
func (e estimate) halfWidth() float64 {
	return (e.Interval.High - e.Interval.Low) / 2 / e.Ratio
}

// series is what all the runs say of one metric, in the order of the runs.
type series struct {
	metric    string // as reports.Overhead has it
	load      string
	name      string      // as people read it
	estimates []*estimate // nil where a run gave no interval
}

// gather returns the metrics for which any of the runs gave an interval at
// that image size, in the order of a report.
func gather(runs []*reports.Report, sizeBytes int64) []series {
	var all []series
	for i, r := range runs {
		for _, o := range r.Overhead {
			if o.SizeBytes != sizeBytes || o.Ratio == nil || o.Low == nil {
				continue
			}
			k := slices.IndexFunc(all, func(s series) bool { return s.metric == o.Metric && s.load == o.Load })
			if k < 0 {
				k = len(all)
				all = append(all, series{
					metric: o.Metric, load: o.Load, name: name(o),
					estimates: make([]*estimate, len(runs)),
				})
			}
			e := &estimate{Estimate: stats.Estimate{Ratio: *o.Ratio, Interval: &stats.Interval{Low: *o.Low, High: *o.High}}, rounds: o.Rounds}
			if o.Detectable != nil {
				e.Detectable = *o.Detectable
			}
			all[k].estimates[i] = e
		}
	}
	// A metric may be missing from the first run.
	loads := []string{record.Closed, record.Single, record.Open}
	slices.SortStableFunc(all, func(a, b series) int {
		return cmp.Compare(slices.Index(loads, a.load), slices.Index(loads, b.load))
	})
	return all
}

// name tells an open load by itself and not by its rate, which differs from
// run to run.
func name(o reports.Overhead) string {
	if o.Load != record.Open {
		return o.Name()
	}
	o.Load = record.Closed
	switch o.Metric {
	case reports.ResponseP50:
		return "p50 at equal load"
	case reports.ResponseP99:
		return "p99 at equal load"
	}
	return o.Name() + " at equal load"
}

// find returns the series of one metric, empty if no run has it.
func find(all []series, metric string) series {
	for _, s := range all {
		if s.metric == metric {
			return s
		}
	}
	return series{metric: metric, name: metric}
}

// intervals counts the runs that gave one.
func (s series) intervals() int { return s.count(func(int, *estimate) bool { return true }) }

// contain counts the intervals that hold the truth, which is truth(i) for run
// i.
func (s series) contain(truth func(run int) float64) int {
	return s.count(func(i int, e *estimate) bool { return e.Interval.Contains(truth(i)) })
}

// significant counts the intervals that leave out 1, no difference.
func (s series) significant() int {
	return s.count(func(_ int, e *estimate) bool { return e.Significant() })
}

func (s series) count(f func(run int, e *estimate) bool) int {
	n := 0
	for i, e := range s.estimates {
		if e != nil && f(i, e) {
			n++
		}
	}
	return n
}

// values returns one figure of every run that gave an interval.
func (s series) values(of func(*estimate) float64) []float64 {
	var xs []float64
	for _, e := range s.estimates {
		if e != nil {
			xs = append(xs, of(e))
		}
	}
	return xs
}

// others returns the median of the ratios that all the runs but one found.
func (s series) others(run int) float64 {
	var xs []float64
	for i, e := range s.estimates {
		if e != nil && i != run {
			xs = append(xs, e.Ratio)
		}
	}
	if len(xs) == 0 {
		return 0
	}
	return stats.Median(xs)
}

// always is the same truth for every run.
func always(truth float64) func(int) float64 { return func(int) float64 { return truth } }
