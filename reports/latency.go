package reports

import "github.com/wsimg/wsimg/loadgen/stats"

// Latency is a distribution of times in microseconds. A percentile is nil
// when there are fewer samples than an upper confidence bound of it needs.
type Latency struct {
	P50  *float64 `json:"p50"`
	P90  *float64 `json:"p90"`
	P99  *float64 `json:"p99"`
	P999 *float64 `json:"p999"`
	Max  *float64 `json:"max"`
	// LowerBoundFrom is the least time of an image that was given up without
	// an answer: its own time would have been longer, so every figure from here
	// on is a lower bound. Nil when every image was answered.
	LowerBoundFrom *float64 `json:"lower_bound_from_us"`
}

// IsLowerBound reports whether us, one of l's figures, is only a lower bound.
func (l Latency) IsLowerBound(us *float64) bool {
	return us != nil && l.LowerBoundFrom != nil && *us >= *l.LowerBoundFrom
}

// lacksOne reports whether there are samples but some percentile is missing.
func (l Latency) lacksOne() bool {
	return l.Max != nil && (l.P50 == nil || l.P90 == nil || l.P99 == nil || l.P999 == nil)
}

func latency(d stats.Distribution) Latency {
	quantile := func(q float64) *float64 {
		ns, ok := d.Quantile(q)
		return microseconds(ns, ok)
	}
	l := Latency{P50: quantile(0.50), P90: quantile(0.90), P99: quantile(0.99), P999: quantile(0.999)}
	l.Max = microseconds(d.Max())
	return l
}

// censoredFrom returns the least time, in nanoseconds, of an image that was
// given up in any of blocks, and false when none was.
func censoredFrom(blocks []block) (ns int64, ok bool) {
	for _, b := range blocks {
		if b.Censored > 0 && (!ok || b.CensoredFromNs < ns) {
			ns, ok = b.CensoredFromNs, true
		}
	}
	return ns, ok
}
