package reports

import (
	"cmp"
	"math"
	"slices"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/verdict"
)

// What is split into parts.
const (
	// CPUCost is user and system time an image at saturation, of both ends.
	CPUCost = "cpu_us_per_image"
	// LatencyCost is the mean response time of one client: means add up,
	// percentiles don't.
	LatencyCost = "response_mean_us"
)

// The parts that a cost is made of.
const (
	EncodePart  = "encode"  // image → Base64
	MaskPart    = "mask"    // copying and masking, unmasking and copying
	UTF8Part    = "utf8"    // checking that text is valid UTF-8
	DecodePart  = "decode"  // Base64 → image
	SavePart    = "save"    // giving the image to the store
	ComparePart = "compare" // verifying the reply, an extra that the generator affords
	DeflatePart = "deflate" // compressing and decompressing
	// OtherPart is what remains: the kernel, misses of the caches, everything
	// without a name, and what the parts cost beyond being done by themselves.
	OtherPart = "other"
)

// Parts returns the names of all parts in the order of a report.
func Parts() []string {
	return []string{EncodePart, MaskPart, UTF8Part, DecodePart, SavePart, ComparePart, DeflatePart, OtherPart}
}

// Where the work of a part is done.
const (
	GeneratorEnd = "generator"
	TargetEnd    = "target"
	BothEnds     = "both"
)

// Cost is what an image costs in one mode, and what that is made of. Its parts
// add up to it.
type Cost struct {
	SizeBytes int64  `json:"size_bytes"`
	Source    string `json:"source"`
	Mode      string `json:"mode"`
	Metric    string `json:"metric"` // CPUCost or LatencyCost
	Load      string `json:"load"`   // under which the total was measured
	// End tells whose CPU it is: BothEnds, or GeneratorEnd where the target has
	// no side channel. Of a latency it is BothEnds.
	End     string  `json:"end"`
	TotalUs float64 `json:"total_us"`
	// Parts are those that are known of, zero where the mode has no such work;
	// OtherPart is the last. A name stands there once for each end. Nil where
	// they are withheld.
	Parts []Part `json:"parts"`
	// Withheld says why there is no split: what was timed by itself exceeds what
	// it is a part of. Empty where there is one.
	Withheld string `json:"withheld,omitempty"`
	Rest     *Range `json:"other_us_interval"` // of OtherPart; nil for too few rounds
	// StagesLoad is the load under which the target's stages were timed, empty
	// without a side channel.
	StagesLoad string `json:"stages_load,omitempty"`
	// Overhead is the difference from the baseline; nil of the baseline itself,
	// and where that is unknown.
	Overhead *CostOverhead `json:"overhead,omitempty"`
}

// Part is a part of a cost at one end.
type Part struct {
	Name string  `json:"name"`
	End  string  `json:"end"`
	Us   float64 `json:"us"`
}

// Range is a 95 % interval.
type Range struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// CostOverhead is a cost less the baseline's, part by part. Points are per cent
// of the baseline's total: those of the parts add up to the overhead.
type CostOverhead struct {
	Baseline    string         `json:"baseline"`
	Us          float64        `json:"us"`
	UsInterval  *Range         `json:"us_interval"`
	Significant bool           `json:"significant"` // the interval leaves out 0
	Points      float64        `json:"points"`
	Parts       []PartOverhead `json:"parts"` // as in Cost, of the mode's and the baseline's; nil where either is withheld
	RestUs      *Range         `json:"other_us_interval"`
	RestPoints  *Range         `json:"other_points_interval"`
	// Largest names the part that does most in the direction of Us, both ends
	// together; empty when another may do more: when the interval of its lead
	// holds 0, or there are too few rounds for one.
	Largest string `json:"largest"`
	// LargestNamed is the same without OtherPart.
	LargestNamed string `json:"largest_named"`
}

// PartOverhead is the difference in one part at one end.
type PartOverhead struct {
	Part
	Points float64 `json:"points"`
}

// Part returns the part of that name, its ends together; false when nothing is
// known of it.
func (c Cost) Part(name string) (us float64, ok bool) {
	for _, p := range c.Parts {
		if p.Name == name {
			us, ok = us+p.Us, true
		}
	}
	return us, ok
}

// Part returns the difference in the part of that name, its ends together;
// false when nothing is known of it.
func (o *CostOverhead) Part(name string) (d PartOverhead, ok bool) {
	for _, p := range o.Parts {
		if p.Name == name {
			d.Us, d.Points, ok = d.Us+p.Us, d.Points+p.Points, true
		}
	}
	d.Name, d.End = name, BothEnds
	return d, ok
}

// costs splits the costs of all modes, in the order of ms, which has the
// baseline first. A mode whose steps were not measured has none; a load that is
// void beside others is left out.
func costs(ms []*measurement, settings record.Settings, v verdict.Verdict) []Cost {
	all := []Cost{}
	for len(ms) > 0 {
		n := 1
		for n < len(ms) && ms[n].sameImages(ms[0]) {
			n++
		}
		for _, as := range []accounting{cpuAccounting, latencyAccounting} {
			if v.Kind != verdict.Void && v.Voids(as.load) {
				continue
			}
			all = append(all, newLedger(ms[:n], as).costs(settings)...)
		}
		ms = ms[n:]
	}
	return all
}

// costs returns a cost for each account.
func (l *ledger) costs(settings record.Settings) []Cost {
	var (
		all      []Cost
		baseline *account
		base     Cost
	)
	for _, a := range l.accounts {
		c := l.cost(a)
		if c.Withheld == "" {
			c.Rest = l.rest(a, settings.Seed)
		}
		switch {
		case a.Mode == settings.Baseline:
			baseline, base = a, c
		case baseline != nil && a.end == baseline.end && (a.stagesLoad == "") == (baseline.stagesLoad == ""):
			c.Overhead = c.against(base)
			l.intervals(c.Overhead, a, baseline, c.Withheld == "" && base.Withheld == "", settings.Seed)
		}
		all = append(all, c)
	}
	return all
}

// cost splits an account's total.
func (l *ledger) cost(a *account) Cost {
	total, parts, _ := a.balance(l.all())
	c := Cost{
		SizeBytes: a.SizeBytes, Source: a.Source, Mode: a.Mode,
		Metric: l.metric, Load: l.load, End: a.end, StagesLoad: a.stagesLoad,
		TotalUs: significant(total),
	}
	if c.Withheld = a.excess(l.all()); c.Withheld != "" {
		return c
	}
	rest := c.TotalUs
	for i, e := range a.entries {
		us := significant(parts[i])
		c.Parts = append(c.Parts, Part{e.name, e.end, us})
		rest -= us
	}
	c.Parts = append(c.Parts, Part{OtherPart, a.end, significant(rest)})
	return c
}

// rest returns the interval of what remains.
func (l *ledger) rest(a *account, seed uint64) *Range {
	intervals := l.resample(a.least(), seed, func(drawn []int) ([]float64, bool) {
		total, parts, ok := a.balance(drawn)
		return []float64{total - sum(parts)}, ok
	})
	if intervals == nil {
		return nil
	}
	return &intervals[0]
}

// against returns c less the baseline's cost, without intervals.
func (c Cost) against(baseline Cost) *CostOverhead {
	points := func(us float64) float64 { return significant(100 * us / baseline.TotalUs) }
	us := significant(c.TotalUs - baseline.TotalUs)
	o := &CostOverhead{Baseline: baseline.Mode, Us: us, Points: points(us)}
	if c.Withheld != "" || baseline.Withheld != "" {
		return o
	}
	for _, p := range differences(c.Parts, baseline.Parts) {
		p.Us = significant(p.Us)
		o.Parts = append(o.Parts, PartOverhead{p, points(p.Us)})
	}
	return o
}

// intervals completes o, drawing the rounds of both accounts together. The
// totals may be of more rounds than the parts, and where these are withheld not
// split.
func (l *ledger) intervals(o *CostOverhead, a, baseline *account, split bool, seed uint64) {
	totals := l.resample(min(measured(a.total), measured(baseline.total)), seed, func(drawn []int) ([]float64, bool) {
		total, ok := mean(a.total, drawn)
		base, known := mean(baseline.total, drawn)
		return []float64{total - base}, ok && known
	})
	if totals != nil {
		o.UsInterval = &totals[0]
		o.Significant = o.UsInterval.Low > 0 || o.UsInterval.High < 0
	}
	if !split {
		return
	}
	largest, named := o.largest(Parts()), o.largest(Parts()[:len(Parts())-1])
	names := Parts()
	byName := make(map[string]float64, len(names))
	statistics := make([]float64, 0, 2+2*len(names))
	parts := l.resample(min(a.least(), baseline.least()), seed, func(drawn []int) ([]float64, bool) {
		base, ok := mean(baseline.total, drawn)
		known := apart(byName, a, baseline, drawn)
		rest := byName[OtherPart]
		statistics = append(statistics[:0], rest, 100*rest/base)
		for _, leader := range []string{largest, named} {
			for _, name := range names {
				statistics = append(statistics, math.Copysign(1, o.Us)*(byName[leader]-byName[name]))
			}
		}
		return statistics, ok && known && base > 0
	})
	if parts == nil {
		return
	}
	o.RestUs, o.RestPoints = &parts[0], &parts[1]
	leads := func(leader string, names []string, of []Range) bool {
		for i, name := range names {
			if name != leader && of[i].Low <= 0 {
				return false
			}
		}
		return true
	}
	if leads(largest, names, parts[2:]) {
		o.Largest = largest
	}
	if leads(named, names[:len(names)-1], parts[2+len(names):]) {
		o.LargestNamed = named
	}
}

// apart fills byName with the differences between two accounts over the rounds
// drawn, by the parts' names, both ends together.
func apart(byName map[string]float64, a, baseline *account, drawn []int) (ok bool) {
	clear(byName)
	ok = true
	for _, side := range []struct {
		*account
		sign float64
	}{{a, 1}, {baseline, -1}} {
		total, parts, known := side.balance(drawn)
		ok = ok && known
		byName[OtherPart] += side.sign * (total - sum(parts))
		for i, e := range side.entries {
			byName[e.name] += side.sign * parts[i]
		}
	}
	return ok
}

// towards returns what a part does in the direction of the difference, in µs.
func (o *CostOverhead) towards(name string) float64 {
	d, _ := o.Part(name)
	return math.Copysign(d.Us, d.Us*o.Us)
}

// largest returns the one of the parts that does most in the direction of the
// difference.
func (o *CostOverhead) largest(names []string) string {
	return slices.MaxFunc(names, func(a, b string) int { return cmp.Compare(o.towards(a), o.towards(b)) })
}

// differences takes the parts of baseline from those of mode. A part that one
// does not have is nothing there.
func differences(mode, baseline []Part) []Part {
	less := slices.Clone(mode)
	for _, b := range baseline {
		i := slices.IndexFunc(less, func(p Part) bool { return p.Name == b.Name && p.End == b.End })
		if i < 0 {
			i = len(less) - 1 // before what remains
			less = slices.Insert(less, i, Part{Name: b.Name, End: b.End})
		}
		less[i].Us -= b.Us
	}
	return less
}

func sum(xs []float64) float64 {
	var s float64
	for _, x := range xs {
		s += x
	}
	return s
}
