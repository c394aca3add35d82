package specimen

import (
	"math"
	"math/rand/v2"

	"github.com/wsimg/wsimg/loadgen/record"
)

// Steady is `wsimg run` of text at 200/s for half a minute.
func Steady() *record.Run {
	return oneLoad([]record.Ramp{{FromPerS: 200, ToPerS: 200, Seconds: 30}}, math.Inf(1))
}

// Staged is `wsimg run` up to a rate that the server can't keep up with, and
// down again.
func Staged() *record.Run {
	return oneLoad([]record.Ramp{
		{FromPerS: 0, ToPerS: 500, Seconds: 10},
		{FromPerS: 500, ToPerS: 500, Seconds: 30},
		{FromPerS: 500, ToPerS: 0, Seconds: 5},
	}, 350)
}

// BackToBack is `wsimg run` without a rate: a closed load for ten seconds.
func BackToBack() *record.Run {
	r := oneLoad([]record.Ramp{{FromPerS: 4000, ToPerS: 4000, Seconds: 10}}, math.Inf(1))
	s := &r.Settings
	s.RatePerS, s.Arrivals, s.ThinkSeconds, s.Reply = 0, "", 0.02, record.Ack
	r.Audit = &record.Audit{Verified: 41_208, Unsettled: 2, Saved: 41_209, UnsettledSaved: 1}
	c := &r.Cells[0]
	c.Load, c.RatePerS = record.Closed, 0
	b := &c.Samples[0]
	b.Scheduled, b.PacerCPUNs, b.Wait = 0, 0, record.Histogram{}
	for i := range b.Series {
		b.Series[i].Scheduled = 0
	}
	return r
}

// oneLoad is a run of text at 200 KB against a server that answers no more
// than capacity images a second.
func oneLoad(stages []record.Ramp, capacity float64) *record.Run {
	p := Default()
	p.Sizes, p.Modes, p.Rounds, p.OpenRounds = nil, []string{"text"}, 0, 0
	r := p.Run()
	r.Ended, r.Settings.Precision, r.Settings.TimeBudgetSeconds = "", 0, 0
	r.Settings.Command, r.Settings.SizesBytes, r.Settings.Arrivals = "run", []int64{200_000}, record.Poisson
	r.Settings.Clients, r.Settings.InFlight = 200, 1
	c := record.Cell{
		SizeBytes: 200_000, Source: "synthetic", Distinct: 64, Mode: "text", Load: record.Open, Clients: 200,
	}
	var due float64
	for _, s := range stages {
		r.Settings.Seconds += s.Seconds
		due += (s.FromPerS + s.ToPerS) / 2 * s.Seconds
	}
	r.Seconds = r.Settings.Seconds + 1.3
	c.RatePerS = due / r.Settings.Seconds
	if len(stages) > 1 {
		r.Settings.Stages = stages
	} else {
		r.Settings.RatePerS = c.RatePerS
	}
	draw := rand.New(rand.NewPCG(p.Seed, 4))
	s := p.openSample(draw, &c, r.Settings.Seconds)
	s.Series = p.series(draw, stages, capacity, &s)
	var verified float64
	for _, point := range s.Series {
		verified += float64(point.Images)
	}
	s.Credit, s.CreditBytes = verified, verified*float64(c.SizeBytes)
	if s.Censored = s.Scheduled - uint64(verified); s.Censored > 0 {
		s.Images = uint64(verified)
		s.CensoredFromNs = 3e9
		s.Errors = map[string]uint64{"unsent": s.Censored}
		c.Examples = map[string]record.Example{"unsent": {Client: 17, Detail: "due 3.0 s before the end, behind 12 others"}}
		s.Response = mixed(draw, part{verified, 0.8e9}, part{float64(s.Censored), 12e9})
		s.Wait = mixed(draw, part{verified / 2, 40e3}, part{verified / 2, 1.5e9})
	}
	c.Samples = []record.Sample{s}
	r.Cells = []record.Cell{c}
	return r
}

// series makes the points of s, a second each, a backlog growing where more is
// due than capacity.
func (p Plan) series(draw *rand.Rand, stages []record.Ramp, capacity float64, s *record.Sample) []record.Point {
	lateness := histogram(draw, 200, 70_000) // the same in every second: tests are to be quick
	var points []record.Point
	var at, due, verified float64 // seconds; images so far
	for _, stage := range stages {
		for second := range int(stage.Seconds) {
			middle := (float64(second) + 0.5) / stage.Seconds
			scheduled := math.Round(stage.FromPerS + (stage.ToPerS-stage.FromPerS)*middle)
			due += scheduled
			images := math.Floor(min(capacity, due-verified))
			verified += images
			at++
			share := images / float64(s.BlockImages)
			point := record.Point{
				AtSeconds: at, Seconds: 1, Scheduled: uint64(scheduled), Images: uint64(images), Bytes: uint64(images) * 200_000,
				GeneratorCPUNs: int64(share * float64(s.GeneratorCPUNs)),
				Response:       histogram(draw, images, 0.35e6+1e9*(due-verified)/capacity),
				Lateness:       lateness,
			}
			if s.TargetCPUNs != nil {
				target := int64(share * float64(*s.TargetCPUNs))
				point.TargetCPUNs = &target
			}
			points = append(points, point)
		}
	}
	if lost := uint64(due - verified); lost > 0 {
		points[len(points)-1].Errors = map[string]uint64{"unsent": lost}
	}
	s.Scheduled = uint64(due)
	return points
}

// part is n times around median nanoseconds.
type part struct{ n, median float64 }

// mixed is the histogram of all parts.
func mixed(draw *rand.Rand, parts ...part) record.Histogram {
	sum := record.NewHistogram()
	for _, p := range parts {
		h, err := histogram(draw, p.n, p.median).Decode()
		if err != nil {
			panic(err) // it was encoded a moment ago
		}
		sum.Merge(h)
	}
	return encode(sum)
}
