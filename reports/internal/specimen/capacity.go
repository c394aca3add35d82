package specimen

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/search"
)

// SearchPlan is what the specimen of a search for capacity is made from.
type SearchPlan struct {
	Find          string
	PerClientPerS float64
	Carries       []float64 // by mode: where its response time has no end
	Start         float64
	Least, Most   float64
	Probes        int  // of all modes, after which it was interrupted; 0: it was not
	Confirmations int  // of each mode
	Late          bool // the generator was the limit
}

// RateSearch is `wsimg capacity` of 200 KB without flags.
func RateSearch() SearchPlan {
	return SearchPlan{
		Find: record.FindRate, Carries: []float64{2780, 2040}, Start: 50, Least: 1, Most: 100_000, Confirmations: 12,
	}
}

// Search found the rate that each mode carries.
func Search() *record.Run { return RateSearch().Run() }

// ClientSearch found how many clients of an image in 30 s each mode carries.
func ClientSearch() *record.Run {
	p := RateSearch()
	p.Find, p.PerClientPerS, p.Carries, p.Start, p.Most = record.FindClients, 1.0/30, []float64{1880, 1330}, 100, 15_000
	return p.Run()
}

// UnmetSearch found that text misses the objective at any rate.
func UnmetSearch() *record.Run {
	p := RateSearch()
	p.Carries, p.Start = []float64{2780, 0.9}, 8
	return p.Run()
}

// UnboundedSearch found no rate that is too much for binary.
func UnboundedSearch() *record.Run {
	p := RateSearch()
	p.Carries, p.Most = []float64{28_000, 2040}, 6400
	return p.Run()
}

// InterruptedSearch was ended by its user while the edges were sought.
func InterruptedSearch() *record.Run {
	p := RateSearch()
	p.Probes = 15
	return p.Run()
}

// OutpacedSearch found what its generator carries.
func OutpacedSearch() *record.Run {
	p := RateSearch()
	p.Late = true
	return p.Run()
}

// Run makes the record.
func (p SearchPlan) Run() *record.Run {
	usual := Default()
	usual.Sizes, usual.Rounds, usual.OpenRounds = nil, 0, 0
	r := usual.Run()
	r.Ended, r.Settings.Precision, r.Settings.TimeBudgetSeconds = "", 0, 0
	s := &r.Settings
	s.Command, s.SizesBytes, s.Arrivals, s.Sender, s.Clients = "capacity", []int64{200_000}, record.Poisson, "prepared", 64
	r.Capacity = &record.Capacity{
		Find: p.Find, PerClientPerS: p.PerClientPerS, Objectives: []string{"response_p99<150ms", "errors<0.1%"},
		Least: p.Least, Most: p.Most,
		Memory: &record.Footprint{Connections: 1000, BaseBytes: 21_400_000, WithBytes: 34_900_000},
	}
	draw := rand.New(rand.NewPCG(usual.Seed, 5))
	searches, confirmed := make([]*search.Search, len(s.Modes)), make([]int, len(s.Modes))
	for i := range searches {
		searches[i] = search.New(search.Settings{Start: p.Start, Least: p.Least, Most: p.Most, Whole: p.Find == record.FindClients})
	}
	for more := true; more; {
		more = false
		for i, of := range searches {
			step, ok := of.Next()
			if !ok || confirmed[i] == p.Confirmations || p.Probes > 0 && len(r.Capacity.Probes) == p.Probes {
				continue
			}
			if step.Phase == record.Confirm {
				confirmed[i]++
			}
			of.Observe(p.probe(draw, usual, r, s.Modes[i], p.Carries[i], step))
			more = true
		}
	}
	for _, probe := range r.Capacity.Probes {
		c, sample := r.Probed(probe)
		s.Clients = max(s.Clients, c.Clients)
		r.Seconds += sample.Seconds
	}
	if p.Probes > 0 {
		r.Incomplete = "interrupted"
	}
	return r
}

// probe makes the probe of a step, the mode carrying so much, and returns the
// verdict. Response time grows as that of a queue, 8 ms ÷ (1 − load ÷ carries);
// what is more than the mode carries is given up.
func (p SearchPlan) probe(draw *rand.Rand, of Plan, r *record.Run, mode string, carries float64, step search.Step) string {
	c := searchedCell(r, mode, step.Load)
	carries *= math.Exp(0.004 * draw.NormFloat64())
	probe := record.Probe{Round: len(r.Capacity.Probes), Mode: mode, Load: step.Load, Phase: step.Phase, Verdict: record.Pass}
	length := 5.0
	if step.Phase == record.Confirm {
		length = 10
	}
	full := step.Load / carries
	if full > 1.3 {
		probe.Stopped, length = true, 3
	}
	s := of.openSample(draw, c, length)
	s.Round = probe.Round
	median := 8e6 / max(1-full, 0.02)
	if over := full - 1; over > 0 {
		s.Censored = uint64(math.Round(float64(s.Scheduled) * over / full))
		s.Images -= s.Censored
		share := float64(s.Images) / float64(s.Scheduled)
		s.Credit, s.CreditBytes, s.CensoredFromNs = s.Credit*share, s.CreditBytes*share, int64(1e9*length*over/full)
		s.Errors = map[string]uint64{"unsent": s.Censored}
		c.Examples = map[string]record.Example{"unsent": {Client: 17, Round: probe.Round, Detail: "due 1.2 s before the end, behind 12 others"}}
		median = max(1e9*length*over/full, median)
	}
	s.Response = histogram(draw, float64(s.Scheduled), median)
	switch {
	case probe.Stopped:
		probe.Verdict, probe.Decided = record.Fail, "backlog"
	case 1.75*median > 150e6:
		probe.Verdict, probe.Decided = record.Fail, "response_p99"
	}
	if p.Late && full > 0.9 {
		s.Lateness = histogram(draw, float64(s.Scheduled), 60e6)
	}
	if probe.Round == 3 {
		s.Disturbance.Foreign = 0.08
	}
	for i := range 10 {
		s.Series = append(s.Series, record.Point{
			AtSeconds: length / 10 * float64(i+1), Seconds: length / 10, Scheduled: s.Scheduled / 10, Images: s.Images / 10, Response: s.Response,
		})
	}
	resident := uint64(21_400_000 + 13_500*float64(c.Clients) + 9e6*min(full, 1.5))
	probe.TargetResidentBytes = &resident
	c.Samples = append(c.Samples, s)
	r.Capacity.Probes = append(r.Capacity.Probes, probe)
	return probe.Verdict
}

// searchedCell returns the cell of a mode and a load, which it adds where there
// is none.
func searchedCell(r *record.Run, mode string, load float64) *record.Cell {
	c := record.Cell{
		SizeBytes: 200_000, Source: "synthetic", Distinct: 64, Mode: mode, Load: record.Open, Clients: r.Settings.Clients, RatePerS: load,
	}
	if r.Capacity.Find == record.FindClients {
		c.Clients, c.RatePerS = int(load), load*r.Capacity.PerClientPerS
	}
	i := slices.IndexFunc(r.Cells, func(o record.Cell) bool {
		return cmp.Compare(o.RatePerS, c.RatePerS) == 0 && o.Mode == mode && o.Clients == c.Clients
	})
	if i < 0 {
		r.Cells = append(r.Cells, c)
		i = len(r.Cells) - 1
	}
	return &r.Cells[i]
}
