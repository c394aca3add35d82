package reports

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/stats"
)

// Ending is what the rounds of a comparison ended by, and how precise its
// primaries were by then.
type Ending struct {
	By string `json:"by"` // record.EndedPrecise, EndedTime or EndedRounds
	// Widest is the primary whose interval is the widest beside its ratio, or one
	// that has none; nil when there is no primary.
	Widest *Precision `json:"widest_primary"`
	Text   string     `json:"text"` // the same in words
}

// Precision is how precise one primary is.
type Precision struct {
	SizeBytes int64  `json:"size_bytes"`
	Mode      string `json:"mode"`
	Metric    string `json:"metric"`
	// HalfWidth of the interval, relative to the ratio: 0.03 is 3 %. Nil without
	// an interval.
	HalfWidth *float64 `json:"half_width"`
}

// ending returns nil where the rounds did not end by themselves.
func ending(run *record.Run, rows []Overhead) *Ending {
	if run.Ended == "" {
		return nil
	}
	e := &Ending{By: run.Ended, Widest: widest(rows)}
	switch e.By {
	case record.EndedPrecise:
		e.Text = "precision of " + asked(run.Settings) + " reached"
	case record.EndedTime:
		e.Text = fmt.Sprintf("time budget of %.4g s reached", run.Settings.TimeBudgetSeconds)
	default:
		e.Text = "as many rounds as were asked for"
	}
	if w := e.Widest; w != nil {
		name := metricNames[w.Metric]
		if len(comparedModes(rows)) > 1 {
			name += " of " + w.Mode
		}
		name += " at " + FormatSize(w.SizeBytes)
		if w.HalfWidth == nil {
			e.Text += fmt.Sprintf("; a primary, %s, has no interval", name)
		} else {
			e.Text += fmt.Sprintf("; the widest primary, %s, is ±%s", name, percent(*w.HalfWidth))
			if e.By == record.EndedTime {
				e.Text += fmt.Sprintf(" (%s was asked for)", asked(run.Settings))
			}
		}
	}
	return e
}

// asked is the precision that was asked for, as "±3 %".
func asked(s record.Settings) string { return fmt.Sprintf("±%.3g %%", 100*s.Precision) }

// widest returns the least precise of the primaries, which are declared at
// saturation.
func widest(rows []Overhead) *Precision {
	var all []Precision
	for _, o := range rows {
		if o.Load != record.Closed || o.Ratio == nil || o.Metric != ImagesRate && o.Metric != TargetCPU {
			continue
		}
		p := Precision{SizeBytes: o.SizeBytes, Mode: o.Mode, Metric: o.Metric}
		if o.Low != nil {
			e := stats.Estimate{Ratio: *o.Ratio, Interval: &stats.Interval{Low: *o.Low, High: *o.High}}
			if width, ok := e.HalfWidth(); ok {
				p.HalfWidth = number(width)
			}
		}
		all = append(all, p)
	}
	if len(all) == 0 {
		return nil
	}
	w := slices.MaxFunc(all, func(a, b Precision) int {
		switch {
		case a.HalfWidth == nil && b.HalfWidth == nil:
			return 0
		case a.HalfWidth == nil:
			return 1
		case b.HalfWidth == nil:
			return -1
		}
		return cmp.Compare(*a.HalfWidth, *b.HalfWidth)
	})
	return &w
}
