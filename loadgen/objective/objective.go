// Package objective says what a service is asked to keep to, such as
// "response_p99<150ms", and whether a measured block kept to it.
package objective

import "github.com/wsimg/wsimg/loadgen/record"

// Objective is a bound on a metric.
type Objective struct {
	Metric string  // such as "response_p99"
	Above  bool    // the metric is to be above the limit; else below
	Limit  float64 // in seconds, or a share: 0.01 is 1 %
}

// Backlogged is what Outcome.Decided says of a load that more and more was left
// undone of.
const Backlogged = "backlog"

// Parse reads an objective such as "response_p99<150ms" or "errors<0.1%".
func Parse(text string) (Objective, error) { panic("stub") }

// String writes it as Parse reads it.
func (o Objective) String() string { panic("stub") }

// Outcome is what a block came to.
type Outcome struct {
	Verdict string // record.Pass, Fail or Inconclusive
	Decided string // the objective's metric, or Backlogged; empty where all were met
}

// Judge says whether a block kept to all objectives, across its series.
func Judge(objectives []Objective, s *record.Sample) (Outcome, error) { panic("stub") }

// Backlog tells from the points of an open load, as they come, whether what is
// left undone grows without end. The zero value is ready.
type Backlog struct{}

// Add takes the next point and reports whether the load is certainly too much.
func (b *Backlog) Add(p record.Point) (growing bool) { panic("stub") }

// Judgeable returns why it can't be judged; open is whether images are due by
// plan.
func (o Objective) Judgeable(open bool) error { panic("stub") }

// SamplesNeeded is how many images it takes at least.
func (o Objective) SamplesNeeded() int64 { panic("stub") }
