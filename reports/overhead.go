package reports

import (
	"math"
	"slices"
	"strings"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/stats"
	"github.com/wsimg/wsimg/loadgen/verdict"
)

// The metrics that modes are compared in. The first of the rates and costs,
// images/s and the target's CPU, are the primaries: declared beforehand, and
// what the conclusion rests on beside bytes.
const (
	WireBytes    = "wire_bytes_per_image"
	ImagesRate   = "images_per_s"
	TargetCPU    = "target_cpu_us_per_image"
	GeneratorCPU = "generator_cpu_us_per_image"
	ResponseP50  = "response_p50_us"
	ResponseP99  = "response_p99_us"
)

var metricNames = map[string]string{
	WireBytes:    "wire bytes per image",
	ImagesRate:   "images/s",
	TargetCPU:    "target CPU per image",
	GeneratorCPU: "generator CPU per image",
	ResponseP50:  "unloaded p50",
	ResponseP99:  "unloaded p99",
}

// atRateNames are what depends on the rate is called under an open load.
var atRateNames = map[string]string{
	TargetCPU:   "target CPU",
	ResponseP50: "p50",
	ResponseP99: "p99",
}

// Name returns how reports print o's metric: "unloaded p50", "p50 at 350/s".
func (o Overhead) Name() string {
	if name, ok := atRateNames[o.Metric]; ok && o.Load == record.Open {
		return name + " at " + FormatRate(o.RatePerS)
	}
	if name, ok := metricNames[o.Metric]; ok {
		return name
	}
	return o.Metric
}

// Overhead is one mode against the baseline in one metric: mode / baseline as
// a ratio, so 1.33 is +33 %. Ratio is nil when either was not measured, Low
// and High when there are too few rounds or, for bytes, nothing to estimate.
type Overhead struct {
	SizeBytes   int64    `json:"size_bytes"`
	Source      string   `json:"source"`
	Mode        string   `json:"mode"`
	Baseline    string   `json:"baseline"`
	Load        string   `json:"load"`
	RatePerS    float64  `json:"rate_per_s,omitempty"` // of an open load, both modes the same
	Metric      string   `json:"metric"`
	Ratio       *float64 `json:"ratio"`
	Low         *float64 `json:"low"` // of the 95 % interval
	High        *float64 `json:"high"`
	Significant bool     `json:"significant"` // the interval leaves out 1; for bytes: they differ
	Rounds      int      `json:"rounds"`      // paired rounds behind Ratio, or, of a percentile without one, that there are

	// Floor is what arithmetic alone makes of the bytes; nil for the rest.
	Floor *float64 `json:"floor,omitempty"`
	// LowerBound tells that a percentile of either mode is only a lower bound,
	// and that there is no Ratio for it.
	LowerBound bool `json:"lower_bound,omitempty"`
	// Detectable is the smallest relative difference the rounds would have
	// shown with 80 % power: 0.02 is 2 %.
	Detectable *float64 `json:"detectable,omitempty"`

	// The ratio of totals with its bootstrap interval.
	TotalsRatio *float64 `json:"totals_ratio,omitempty"`
	TotalsLow   *float64 `json:"totals_low,omitempty"`
	TotalsHigh  *float64 `json:"totals_high,omitempty"`

	// Where rounds were disturbed: the same estimate with every measurement
	// there is, and with the undisturbed alone.
	DisturbedRounds  int      `json:"disturbed_rounds,omitempty"`
	WithDisturbed    *float64 `json:"with_disturbed,omitempty"`
	WithoutDisturbed *float64 `json:"without_disturbed,omitempty"`
}

// compare returns the overhead of every mode against the baseline, in the
// order of ms, leaving out a load that is void beside others.
func compare(ms []*measurement, settings record.Settings, v verdict.Verdict) []Overhead {
	var rows []Overhead
	for _, m := range ms {
		if m.Mode == settings.Baseline || v.Kind != verdict.Void && v.Voids(m.Load) {
			continue
		}
		for _, b := range ms {
			if b.Mode != settings.Baseline || !b.sameImages(m) || b.Load != m.Load || b.RatePerS != m.RatePerS {
				continue
			}
			p := pairUp(m, b)
			if m.Load == record.Open && !slices.ContainsFunc(ms, m.hasClosedTwin) {
				rows = append(rows, p.bytes()) // else they are told of the closed load
			}
			rows = append(rows, p.overhead(settings.Seed)...)
		}
	}
	return rows
}

// sameImages reports whether two cells sent the same images.
func (m *measurement) sameImages(o *measurement) bool {
	return m.SizeBytes == o.SizeBytes && m.Source == o.Source
}

// hasClosedTwin reports whether o is m under a closed load.
func (m *measurement) hasClosedTwin(o *measurement) bool {
	return o.Mode == m.Mode && o.Load == record.Closed && o.sameImages(m)
}

// overhead returns the rows that the pair's load has. Latency is compared
// where it is unloaded and at equal load: at saturation it is throughput in
// disguise.
func (p pairing) overhead(seed uint64) []Overhead {
	switch p.mode.Load {
	case record.Single:
		return []Overhead{
			p.percentile(ResponseP50, 0.50, seed),
			p.percentile(ResponseP99, 0.99, seed),
		}
	case record.Open:
		return []Overhead{
			p.ratio(TargetCPU, targetCPU, seed),
			p.percentile(ResponseP50, 0.50, seed),
			p.percentile(ResponseP99, 0.99, seed),
		}
	}
	return []Overhead{
		p.bytes(),
		p.ratio(ImagesRate, imagesPerSecond, seed),
		p.ratio(TargetCPU, targetCPU, seed),
		p.ratio(GeneratorCPU, generatorCPU, seed),
	}
}

func (p pairing) row(metric string) Overhead {
	return Overhead{
		SizeBytes: p.mode.SizeBytes, Source: p.mode.Source, Load: p.mode.Load, RatePerS: p.mode.RatePerS,
		Mode: p.mode.Mode, Baseline: p.baseline.Mode, Metric: metric,
	}
}

// bytes compares what is counted and not estimated: wire bytes per raw byte,
// which is per image as long as both modes sent images of one size.
func (p pairing) bytes() Overhead {
	o := p.row(WireBytes)
	o.Rounds = len(p.estimates())
	mode, baseline := quotient(p.mode.total(bytesPerRawByte)), quotient(p.baseline.total(bytesPerRawByte))
	if mode != nil && baseline != nil {
		o.Ratio = number(*mode / *baseline)
	}
	if o.Ratio != nil {
		// A ping more or less is no difference between modes.
		o.Significant = math.Abs(*o.Ratio-1) >= 0.0005
	}
	o.Floor = floor(p.mode.Mode, p.baseline.Mode, p.mode.SizeBytes)
	return o
}

// floor returns what the modes' encodings alone make of an image of n bytes,
// headers left out: 4*ceil(n/3)/n for text against binary. Nil where a suffix
// makes the length depend on the content.
func floor(mode, baseline string, n int64) *float64 {
	m, ok := encodedLen(mode, n)
	b, known := encodedLen(baseline, n)
	if !ok || !known || b == 0 {
		return nil
	}
	return number(float64(m) / float64(b))
}

func encodedLen(mode string, n int64) (int64, bool) {
	mode, _, _ = strings.Cut(mode, "#")
	base, suffixes, _ := strings.Cut(mode, "+")
	for s := range strings.SplitSeq(suffixes, "+") {
		if s != "" && !strings.HasPrefix(s, "codec=") {
			return 0, false
		}
	}
	switch base {
	case "binary":
		return n, true
	case "text":
		return 4 * ((n + 2) / 3), true
	}
	return 0, false
}

// ratio compares a rate or a cost, round by round.
func (p pairing) ratio(metric string, of func(block) (stats.Total, bool), seed uint64) Overhead {
	o := p.row(metric)
	kept := p.estimates()
	e, n, ok := medianOf(kept, of)
	if !ok {
		return o
	}
	o.set(e, n)
	if t, ok := totalsOf(kept, of, seed); ok {
		o.TotalsRatio = number(t.Ratio)
		if t.Interval != nil {
			o.TotalsLow, o.TotalsHigh = number(t.Interval.Low), number(t.Interval.High)
		}
	}
	o.DisturbedRounds = len(p.keep(pairedRound.disturbed))
	if o.DisturbedRounds > 0 {
		if e, _, ok := medianOf(p.rounds, of); ok {
			o.WithDisturbed = number(e.Ratio)
		}
		calm := p.keep(func(r pairedRound) bool { return !r.disturbed() && !r.repeated() })
		if e, _, ok := medianOf(calm, of); ok {
			o.WithoutDisturbed = number(e.Ratio)
		}
	}
	return o
}

// percentile compares a quantile of response time, merged over rounds.
func (p pairing) percentile(metric string, q float64, seed uint64) Overhead {
	o := p.row(metric)
	var mode, baseline side
	for _, r := range p.estimates() {
		mode, baseline = append(mode, r.mode), append(baseline, r.baseline)
	}
	o.Rounds = len(mode)
	e, ok := stats.QuantileRatio(mode.responses(), baseline.responses(), q, seed)
	if !ok {
		return o
	}
	if o.LowerBound = mode.isBound(q) || baseline.isBound(q); o.LowerBound {
		return o
	}
	if mode.mayBeBound(q) || baseline.mayBeBound(q) {
		e.Interval = nil
	}
	o.set(e, len(mode))
	return o
}

func (o *Overhead) set(e stats.Estimate, rounds int) {
	o.Ratio, o.Rounds, o.Significant = number(e.Ratio), rounds, e.Significant()
	if e.Interval != nil {
		o.Low, o.High = number(e.Interval.Low), number(e.Interval.High)
		o.Detectable = number(e.Detectable)
	}
}
