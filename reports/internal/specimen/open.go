package specimen

import (
	"math"
	"math/rand/v2"
	"time"

	"github.com/wsimg/wsimg/loadgen/record"
)

// Overloaded is a bench whose server can't keep up with text at 1 MB at equal
// load: part of its images were given up.
func Overloaded() *record.Run {
	p := Default()
	p.Sizes, p.Rounds = p.Sizes[1:], 6
	r := p.Run()
	c := Cell(r, 1_000_000, "text", record.Open)
	draw := rand.New(rand.NewPCG(p.Seed, 3))
	for i := range c.Samples {
		censor(&c.Samples[i], draw)
	}
	c.Examples = map[string]record.Example{
		"unsent":     {Client: 3, Round: 0, Detail: "due 2.1 s before the end, behind 41 others"},
		"unanswered": {Client: 7, Round: 0, Detail: "no reply within 5 s"},
	}
	return r
}

// censor makes of s a block at twice capacity: half of what was due was
// verified, and the rest given up after two seconds and more.
func censor(s *record.Sample, draw *rand.Rand) {
	due := float64(s.Scheduled)
	s.Images, s.BlockImages = s.Images/2, s.BlockImages/2
	s.BlockBytes, s.WireSentBytes, s.WireReceivedBytes = s.BlockBytes/2, s.WireSentBytes/2, s.WireReceivedBytes/2
	s.Credit, s.CreditBytes = s.Credit/2, s.CreditBytes/2
	s.GeneratorCPUNs, s.PacerCPUNs, s.EncodeNs = s.GeneratorCPUNs/2, s.PacerCPUNs/2, s.EncodeNs/2
	if s.TargetCPUNs != nil {
		*s.TargetCPUNs /= 2
	}
	s.Censored = s.Scheduled - s.Images
	s.CensoredFromNs = int64(2 * time.Second)
	s.Errors = map[string]uint64{"unanswered": s.Censored / 10, "unsent": s.Censored - s.Censored/10}
	response := record.NewHistogram()
	for i := range s.Scheduled {
		waited := 5 * time.Second.Seconds() * float64(i) / due // the backlog grows
		if i >= s.Images {
			waited = 2 + 3*(due-float64(i))/due*2
		}
		if err := response.RecordValue(int64(waited*1e9) + int64(time.Millisecond)); err != nil {
			panic(err) // all are under six seconds
		}
	}
	s.Response = encode(response)
	s.Wait = histogram(draw, float64(s.Images), 1.2e9)
}

// addOpen adds the cells of latency at equal load: half the slower mode's rate
// in its closed cells.
func (p Plan) addOpen(r *record.Run) {
	draw := rand.New(rand.NewPCG(p.Seed, 2))
	for _, size := range p.Sizes {
		rate := math.Inf(1)
		for _, mode := range p.Modes {
			first := Cell(r, size, mode, record.Closed).Samples[0]
			rate = min(rate, math.Round(first.Credit/first.Seconds/2))
		}
		for order, mode := range p.Modes {
			closed := Cell(r, size, mode, record.Closed)
			c := record.Cell{
				SizeBytes: size, Source: closed.Source, Distinct: closed.Distinct,
				Mode: mode, Load: record.Open, Clients: closed.Clients, RatePerS: rate,
			}
			for round := range p.OpenRounds {
				s := p.openSample(draw, &c, 5)
				s.Round, s.Order = round, (order+round)%len(p.Modes)
				c.Samples = append(c.Samples, s)
			}
			r.Cells = append(r.Cells, c)
		}
	}
}

// openSample makes one calm block of c, of that many seconds.
func (p Plan) openSample(draw *rand.Rand, c *record.Cell, seconds float64) record.Sample {
	single := record.Cell{SizeBytes: c.SizeBytes, Mode: c.Mode, Load: record.Single, Clients: 1}
	alone := p.sample(draw, &single, 1) // tenth of a second, unloaded
	each := func(total float64) float64 { return total / float64(alone.BlockImages) }
	due := math.Round(c.RatePerS * seconds)
	block := due * 1.05 // with the ramp-in
	service := 1.6e9 / (alone.Credit / alone.Seconds)
	s := record.Sample{
		Seconds: seconds, Images: uint64(due), Scheduled: uint64(due),
		Credit: due - draw.Float64()*3, CreditBytes: due * float64(c.SizeBytes),
		BlockImages: uint64(block), BlockBytes: uint64(block) * uint64(c.SizeBytes),
		WireSentBytes:     uint64(block * each(float64(alone.WireSentBytes))),
		WireReceivedBytes: uint64(block * each(float64(alone.WireReceivedBytes))),
		GeneratorCPUNs:    int64(block * each(float64(alone.GeneratorCPUNs))),
		PacerCPUNs:        int64(block * 4_000),
		EncodeNs:          int64(block * 0.03 * float64(c.SizeBytes)),
		Disturbance:       record.Disturbance{SpanSeconds: seconds, Foreign: 0.012, Steal: 0.003},
		Service:           histogram(draw, due, service),
		Wait:              histogram(draw, due, 0.1*service),
		Lateness:          histogram(draw, due, 70_000),
		Response:          histogram(draw, due, 1.15*service+70_000),
	}
	if alone.TargetCPUNs != nil {
		target := int64(block * each(float64(*alone.TargetCPUNs)))
		s.TargetCPUNs = &target
	}
	return s
}
