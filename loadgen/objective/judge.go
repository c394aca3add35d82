package objective

import (
	"fmt"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/stats"
)

// Backlogged is what Outcome.Decided says of a load that more and more was left
// undone of.
const Backlogged = "backlog"

// Outcome is what a block came to.
type Outcome struct {
	Verdict string // record.Pass, Fail or Inconclusive
	Decided string // the objective's metric, or Backlogged; empty where all were met
}

// Judge says whether a block kept to all objectives, across its series. What
// decides is a backlog, else the first objective that was missed, else the first
// that can't be told. The error says why one can't be judged at all by this block.
func Judge(objectives []Objective, s *record.Sample) (Outcome, error) {
	w, err := window(s)
	if err != nil {
		return Outcome{}, err
	}
	outcome := Outcome{Verdict: record.Pass}
	for _, o := range objectives {
		verdict, err := o.judge(w)
		if err != nil {
			return Outcome{}, err
		}
		if worse(verdict, outcome.Verdict) {
			outcome = Outcome{verdict, o.Metric}
		}
	}
	if w.backlogged(objectives) {
		return Outcome{record.Fail, Backlogged}, nil
	}
	return outcome, nil
}

// worse reports whether a verdict replaces that of the objectives before.
func worse(verdict, before string) bool {
	return before == record.Pass && verdict != record.Pass || before == record.Inconclusive && verdict == record.Fail
}

// judge is Judge of one objective.
func (o Objective) judge(w span) (string, error) {
	m, _ := find(o.Metric)
	if err := o.Check(w.setting()); err != nil {
		return "", err
	}
	switch m.of {
	case connect:
		return o.judgeConnect(w, m)
	case errors:
		parts, err := w.failures()
		return o.judgeShare(parts, o.Limit), err
	case achieved:
		slope, bounds, ok := stats.Slope(w.undone())
		return o.compare(1-slope, stats.Interval{Low: 1 - bounds.High, High: 1 - bounds.Low}, ok), nil
	case targetCPU, generatorCPU:
		return o.compare(stats.BatchMeans(w.cpu(m.of))), nil
	}
	if m.q == 1 {
		return o.judgeMost(w, m)
	}
	parts, err := w.slow(m, o.Limit)
	return o.judgeShare(parts, 1-m.q), err
}

// setting is what a block that was measured can tell.
func (w span) setting() Setting {
	s := Setting{Connects: w.sample.Connections != nil, SideChannel: w.sample.TargetCPUNs != nil}
	for _, p := range w.sample.Series {
		s.Open = s.Open || p.Scheduled > 0
		s.SideChannel = s.SideChannel || p.TargetCPUNs != nil
	}
	return s
}

// compare holds what lies between bounds to the limit.
func (o Objective) compare(_ float64, bounds stats.Interval, ok bool) string {
	below, above := bounds.High < o.Limit, bounds.Low > o.Limit
	if o.Above {
		below, above = above, below
	}
	switch {
	case ok && below:
		return record.Pass
	case ok && above:
		return record.Fail
	}
	return record.Inconclusive
}

// judgeShare says whether less than a share of what was counted is over the
// limit. Batch means of few that are tell too little of themselves: where one image
// of 300 was, they claim that it can't be 1 % of all. As many independent ones
// would tell more than these do, so their bounds hold as well.
func (o Objective) judgeShare(parts []stats.Total, limit float64) string {
	var sum stats.Total
	for _, p := range parts {
		sum.Amount += p.Amount
		sum.Over += p.Over
	}
	bounds := stats.ShareBounds(sum.Amount, sum.Over)
	_, batches, ok := stats.BatchMeans(parts)
	if ok {
		bounds = stats.Interval{Low: min(bounds.Low, batches.Low), High: max(bounds.High, batches.High)}
	}
	all := sum.Over > 0 && sum.Amount == sum.Over // then how it is spread is of no account
	switch {
	case ok && bounds.High < limit:
		return record.Pass
	case (ok || all) && bounds.Low > limit:
		return record.Fail
	}
	return record.Inconclusive
}

// judgeConnect is judge of the attempts to connect of a block: those in vain
// took longer than any limit.
func (o Objective) judgeConnect(w span, m metric) (string, error) {
	c := w.sample.Connections
	bars, err := c.Connect.Bars()
	if err != nil {
		return "", err
	}
	over := float64(c.Dialed - min(c.Dialed, c.Connected))
	for value, n := range bars {
		if value >= nanoseconds(o.Limit) {
			over += float64(n)
		}
	}
	bounds := stats.ShareBounds(over, float64(c.Dialed))
	switch {
	case m.q == 1 && over > 0 || bounds.Low > 1-m.q && m.q < 1:
		return record.Fail, nil
	case m.q == 1 && c.Dialed > 0 || bounds.High < 1-m.q:
		return record.Pass, nil
	}
	return record.Inconclusive, nil
}

// judgeMost is judge of the longest time of a block.
func (o Objective) judgeMost(w span, m metric) (string, error) {
	parts, err := w.slow(m, o.Limit)
	if err != nil {
		return "", err
	}
	v, err := Measure(o, w.sample)
	if err != nil {
		return "", fmt.Errorf("%s: %w", o, err)
	}
	var failed float64
	for i := range w.sample.Series {
		failed += w.failed(&w.sample.Series[i])
	}
	switch {
	case v.Known && v.Value >= o.Limit, failed > 0 && m.of != lateness:
		return record.Fail, nil
	case v.Known && len(parts) > 0:
		return record.Pass, nil
	}
	return record.Inconclusive, nil
}
