package reports

import (
	"cmp"
	"slices"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/search"
	"github.com/wsimg/wsimg/loadgen/stats"
	"github.com/wsimg/wsimg/loadgen/verdict"
)

// Probe is one probe of the search.
type Probe struct {
	Round        int      `json:"round"`
	Mode         string   `json:"mode"`
	Phase        string   `json:"phase"`
	Load         float64  `json:"load"` // images/s or clients, by Capacity.Find
	Seconds      float64  `json:"seconds"`
	Images       uint64   `json:"images"`
	AchievedPerS *float64 `json:"achieved_per_s"`
	Response     Latency  `json:"response_us"`
	Errors       uint64   `json:"errors"` // images and connections that failed
	Verdict      string   `json:"verdict"`
	Decided      string   `json:"decided,omitempty"`
	Stopped      bool     `json:"stopped,omitempty"`
	Disturbed    bool     `json:"disturbed,omitempty"`
}

// TriedLoad is what was measured of one mode at one load, in all its probes:
// totals, and histograms merged.
type TriedLoad struct {
	Mode         string   `json:"mode"`
	Load         float64  `json:"load"` // images/s or clients, by Capacity.Find
	Probes       int      `json:"probes"`
	Passed       int      `json:"passed"`
	Failed       int      `json:"failed"` // the rest of Probes was inconclusive
	AchievedPerS *float64 `json:"achieved_per_s"`
	Samples      uint64   `json:"samples"` // response times
	Response     Latency  `json:"response_us"`
}

// probe is a recorded probe and what was measured in it.
type probe struct {
	record.Probe
	cell  *measurement
	block block
}

// probes are those of a search, or some of them, in the order they were made.
type probes []probe

// probed returns the probes whose samples ms hold.
func probed(run *record.Run, ms []*measurement) probes {
	var all probes
	for _, p := range run.Capacity.Probes {
		_, sample := run.Probed(p)
		for _, m := range ms {
			if i := slices.IndexFunc(m.blocks, func(b block) bool { return b.Sample == sample }); i >= 0 {
				all = append(all, probe{p, m, m.blocks[i]})
			}
		}
	}
	return all
}

// where returns those of which is holds.
func (ps probes) where(is func(probe) bool) probes {
	return slices.DeleteFunc(slices.Clone(ps), func(p probe) bool { return !is(p) })
}

func (ps probes) of(mode string) probes {
	return ps.where(func(p probe) bool { return p.Mode == mode })
}

// searched are the probes as a search takes them.
func (ps probes) searched() []search.Probe {
	var ss []search.Probe
	for _, p := range ps {
		if p.Decided != record.Disturbed {
			ss = append(ss, search.Probe{Step: search.Step{Load: p.Load, Phase: p.Phase}, Verdict: p.Verdict})
		}
	}
	return ss
}

// confirmed returns those that were confirmed and passed; where there are none,
// those that passed at the highest load that did.
func (ps probes) confirmed() probes {
	passed := ps.where(func(p probe) bool { return p.Verdict == record.Pass })
	confirmed := passed.where(func(p probe) bool { return p.Phase == record.Confirm })
	if len(confirmed) > 0 || len(passed) == 0 {
		return confirmed
	}
	highest := slices.MaxFunc(passed, byLoad).Load
	return passed.where(func(p probe) bool { return p.Load == highest })
}

// decided returns what most of the probes were failed by that confirmed the
// edge; where there are none, those at the lowest load that failed.
func (ps probes) decided() string {
	failed := ps.where(func(p probe) bool { return p.Verdict == record.Fail })
	if len(failed) == 0 {
		return ""
	}
	at := failed.where(func(p probe) bool { return p.Phase == record.Confirm })
	if len(at) == 0 {
		lowest := slices.MinFunc(failed, byLoad).Load
		at = failed.where(func(p probe) bool { return p.Load == lowest })
	}
	times := map[string]int{}
	most := at[0].Decided // of as many, the first
	for _, p := range at {
		if times[p.Decided]++; times[p.Decided] > times[most] {
			most = p.Decided
		}
	}
	return most
}

// loads returns what was measured of a mode at each load, ascending.
func (ps probes) loads(mode string) []TriedLoad {
	var loads []TriedLoad
	for _, p := range slices.SortedStableFunc(slices.Values(ps), byLoad) {
		if n := len(loads); n > 0 && loads[n-1].Load == significant(p.Load) {
			continue
		}
		at := ps.where(func(o probe) bool { return o.Load == p.Load })
		t := TriedLoad{
			Mode: mode, Load: significant(p.Load), Probes: len(at),
			AchievedPerS: quotient(at.together().total(imagesPerSecond)), Response: at.response(),
		}
		for _, o := range at {
			t.Samples += o.block.Images + o.block.Censored
			switch o.Verdict {
			case record.Pass:
				t.Passed++
			case record.Fail:
				t.Failed++
			}
		}
		loads = append(loads, t)
	}
	return loads
}

func byLoad(a, b probe) int { return cmp.Compare(a.Load, b.Load) }

// together returns what the probes measured as if in one cell.
func (ps probes) together() *measurement {
	m := &measurement{}
	for _, p := range ps {
		m.blocks = append(m.blocks, p.block)
	}
	return m
}

// response is response time over all probes, those given up included.
func (ps probes) response() Latency {
	m := ps.together()
	l := latency(m.merged(func(b block) stats.Distribution { return b.response }))
	l.LowerBoundFrom = microseconds(censoredFrom(slices.Collect(m.estimates)))
	return l
}

// perClient is images over seconds of a client.
func (ps probes) perClient() stats.Total {
	var sum stats.Total
	for _, p := range ps {
		if p.block.Seconds > 0 {
			sum.Amount += p.block.Credit
			sum.Over += p.block.Seconds * float64(p.cell.Clients)
		}
	}
	return sum
}

func (p probe) reported() Probe {
	alone := probes{p}
	return Probe{
		Round: p.Round, Mode: p.Mode, Phase: p.Phase, Load: significant(p.Load),
		Seconds: significant(p.block.Seconds), Images: p.block.Images,
		AchievedPerS: quotient(alone.together().total(imagesPerSecond)), Response: alone.response(),
		Errors: total(p.block.Errors), Verdict: p.Verdict, Decided: p.Decided, Stopped: p.Stopped,
		Disturbed: verdict.Disturbed(p.block.Disturbance),
	}
}
