// Package objective says what a service is asked to keep to, such as
// "response_p99<150ms" or "errors<0.1%", and whether a measured block kept to
// it. It is pure: no clock, no I/O; the same sample always gives the same verdict.
//
// # The words
//
// An objective is a metric, < or >, and a limit; [Metrics] lists them:
//
//	response_p99<150ms   times: {response,service,wait,lateness,connect}_{p50,p90,p99,p999,max}
//	errors<0.1%          images that failed, of those that were due
//	achieved>99%         images verified, of those that were due; open loads alone
//	target_cpu<80%       CPU time, of one core: 150% is one and a half
//
// Times want a unit and shares their %, for 0.1 could be either of two things. <=
// and >= are read as < and >: nothing here is measured so finely that it
// matters. What is at the limit does not meet it. [Parse] and [Objective.String] are
// each other's inverse.
//
// # The verdict
//
// [Judge] looks at a block across the sub-windows of its series, of which it
// wants ten at least, and takes images for independent nowhere: near capacity each
// waits for the one before. For a percentile, response_p99<150ms, it takes from
// each sub-window the share of images that took 150 ms or more. An image that
// failed, or was given up, has taken longer than any limit. The shares are pooled
// by the method of batch means ([stats.BatchMeans]), the bounds no narrower than
// those that as many independent images would have ([stats.ShareBounds]):
//
//	pass          the upper bound of the share is below 1 − 0.99
//	fail          the lower one is above it
//	inconclusive  neither, or there was too little
//
// Each bound is at [stats.OneSided]. One stall that takes up to a fifth of the
// sub-windows can't make it fail, and does not let it pass either.
//
// errors is judged as the percentiles are, CPU by its mean, achieved by what
// is left undone: the slope of that over what was due ([stats.Slope]). A max is that
// of the whole block. connect is of attempts in the block, which are few and taken
// for independent.
//
// A load of which more and more is left undone has failed whatever the
// objectives say ([Backlogged]), or "errors<1%" would be met by any load, for the
// minute that its images may take.
//
// # What is left out
//
// Points that lie before the window, in a ramp or ramp-in, are left out, those
// behind it are taken as part of the last: where the window lies follows from the
// length of the sample and of its drain. Whoever measures an open load should
// leave out a ramp-in of a tenth or so: it fills the pipe.
package objective

import (
	"fmt"
	"slices"
	"strings"

	"github.com/wsimg/wsimg/loadgen/stats"
)

// Objective is a bound on a metric.
type Objective struct {
	Metric string  // such as "response_p99"
	Above  bool    // the metric is to be above the limit; else below
	Limit  float64 // in seconds, or a share: 0.01 is 1 %
}

// Parse reads an objective such as "response_p99<150ms" or "errors<0.1%". Space
// about its parts is of no account. The error says what is accepted.
func Parse(text string) (Objective, error) {
	at := strings.IndexAny(text, "<>")
	if at < 0 {
		return Objective{}, fmt.Errorf("objective %q has neither < nor >: write one such as response_p99<150ms or errors<0.1%%", text)
	}
	name, above := strings.TrimSpace(text[:at]), text[at] == '>'
	limit := strings.TrimSpace(strings.TrimPrefix(text[at+1:], "="))
	m, ok := find(canonical(name))
	switch {
	case !ok:
		return Objective{}, fmt.Errorf("objective %q: there is no metric %q: take one of %s", text, name, names())
	case above != m.Above:
		return Objective{}, fmt.Errorf("objective %q: %s is better the %s: write %s", text, m.Name, m.better(), m.example())
	}
	x, err := m.Unit.parse(limit)
	switch {
	case err != nil:
		return Objective{}, fmt.Errorf("objective %q: %w: write one such as %s", text, err, m.example())
	case !(x > 0 && x <= m.most):
		return Objective{}, fmt.Errorf("objective %q: a limit of %s: want more than 0 and at most %s", text, limit, m.Unit.write(m.most))
	}
	return Objective{Metric: m.Name, Above: above, Limit: x}, nil
}

// String writes it as Parse reads it.
func (o Objective) String() string {
	m, _ := find(o.Metric)
	sign := "<"
	if o.Above {
		sign = ">"
	}
	return o.Metric + sign + m.Unit.write(o.Limit)
}

// Format writes a value of the metric in the unit of the limit, to three digits.
func (o Objective) Format(value float64) string {
	m, _ := find(o.Metric)
	return m.Unit.round(value)
}

// Setting is what is known of a block before it is measured.
type Setting struct {
	Open        bool // its images are due by plan
	SideChannel bool // the target tells its CPU time
	Connects    bool // connections are opened in it
}

// Check returns why the objective can't be judged in such a block; nil: it can.
func (o Objective) Check(s Setting) error {
	m, ok := find(o.Metric)
	switch {
	case !ok:
		return fmt.Errorf("there is no metric %q: take one of %s", o.Metric, names())
	case m.of == achieved && !s.Open:
		return fmt.Errorf("%s can't be judged in a closed loop, in which no more is due than is answered: ask for an open load, or for a response time", o)
	case m.of == targetCPU && !s.SideChannel:
		return fmt.Errorf("%s can't be judged: the target does not tell its CPU time (GET /stats of wsimg target); leave it out", o)
	case m.of == connect && !s.Connects:
		return fmt.Errorf("%s can't be judged: no connections are opened while it is measured; leave it out", o)
	}
	return nil
}

// Needs returns how many images a block must have before the objective can be
// met: with fewer it is inconclusive at best. 0: it does not depend on them.
func (o Objective) Needs() int64 {
	m, _ := find(o.Metric)
	switch {
	case m.of == connect:
		return 0
	case m.of == errors:
		return needed(o.Limit)
	case m.timed() && m.q < 1:
		return needed(1 - m.q)
	}
	return 0
}

// needed is how many images without one that is over show that less than a share
// of them is.
func needed(share float64) int64 {
	return max(1, stats.SamplesNeeded(1-share))
}

// canonical is the name of a metric as Metrics has it.
func canonical(name string) string {
	if stem, ok := strings.CutSuffix(name, "_p99.9"); ok {
		return stem + "_p999"
	}
	return name
}

// find returns the metric of that name.
func find(name string) (metric, bool) {
	all := vocabulary()
	if i := slices.IndexFunc(all, func(m metric) bool { return m.Name == name }); i >= 0 {
		return all[i], true
	}
	return metric{}, false
}
