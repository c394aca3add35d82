package verdict

import (
	"fmt"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/stats"
)

// A cell is void when the p99 of its lateness, or the median, exceeds both a
// floor and a share of response time.
const (
	// LatenessFloor is what a generator may always be late by at p99, and
	// LatenessMedian in the median: on an idle core 99 of 100 images are
	// late by less than 1 ms.
	LatenessFloor  = 5 * time.Millisecond
	LatenessMedian = time.Millisecond
	// LatenessShare is the share of the response time's percentile that may be
	// the generator's own lateness.
	LatenessShare = 0.20
)

// tooLate returns the most that a generator may be late at a percentile in a
// cell with that percentile of response time.
//
// Lateness is the one part of response time that is the generator's doing, so
// it is judged by the figure that it spoils: a hundredth of the images sent
// late shows in p99, less does not. A share alone would void a fast target,
// whose p99 of 1 ms no timer of a busy machine can pace to 0.2 ms; an absolute
// bound alone would void an overloaded one, whose p99 of 20 s is right to
// within a tenth of a second. So it takes both: a lateness too large for a
// timer's, and too large beside what was measured.
func tooLate(response, floor time.Duration) time.Duration {
	return max(floor, time.Duration(LatenessShare*float64(response)))
}

// late is the rule that the generator sent images when they were due.
func late(c record.Cell) (Evidence, bool) {
	e, bad := sentLate(c)
	e.Text += "; use fewer clients or a lower rate, give the generator more cores, use --sender prepared or stop other programs"
	return e, bad
}

// sentLate is late without what to do about it.
func sentLate(c record.Cell) (Evidence, bool) {
	lateness := merged(c, func(s record.Sample) record.Histogram { return s.Lateness })
	response := merged(c, func(s record.Sample) record.Histogram { return s.Response })
	q, name := tail(lateness)
	metric, value, limit := name, quantile(lateness, q), tooLate(quantile(response, q), LatenessFloor)
	if value <= limit {
		metric, value, limit = "p50", quantile(lateness, 0.50), tooLate(quantile(response, 0.50), LatenessMedian)
	}
	if value <= limit {
		return Evidence{}, false
	}
	text := fmt.Sprintf("the generator sent images late, by %s at p50 and %s at %s, where response time has %s and %s",
		milliseconds(quantile(lateness, 0.50)), milliseconds(quantile(lateness, q)), name,
		milliseconds(quantile(response, 0.50)), milliseconds(quantile(response, q)))
	return Evidence{
		Metric: "lateness_" + metric + "_us", Value: microseconds(value), Limit: microseconds(limit), Text: text,
	}, true
}

// tail returns the highest percentile that there are enough samples for, p99
// or p90, and its name; with even fewer the maximum.
func tail(h *hdrhistogram.Histogram) (q float64, name string) {
	switch n := h.TotalCount(); {
	case n >= stats.SamplesNeeded(0.99):
		return 0.99, "p99"
	case n >= stats.SamplesNeeded(0.90):
		return 0.90, "p90"
	}
	return 1, "max"
}

func quantile(h *hdrhistogram.Histogram, q float64) time.Duration {
	return time.Duration(h.ValueAtQuantile(100 * q))
}

// merged returns one histogram of all the cell's samples that enter estimates.
func merged(c record.Cell, of func(record.Sample) record.Histogram) *hdrhistogram.Histogram {
	sum := record.NewHistogram()
	for _, s := range c.Samples {
		if s.Repeated {
			continue
		}
		h, err := of(s).Decode()
		if err != nil {
			continue // a record.Histogram can't be made of what does not decode
		}
		sum.Merge(h)
	}
	return sum
}

func milliseconds(d time.Duration) string  { return fmt.Sprintf("%.1f ms", d.Seconds()*1e3) }
func microseconds(d time.Duration) float64 { return float64(d) / 1e3 }
