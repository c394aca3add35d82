package bench

import (
	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/stats"
)

// primaries returns the log ratios, round by round, of the figures that the
// conclusion will rest on: images/s, and the target's CPU per image where it
// tells, of every mode against the baseline. It takes the samples that reports
// take: of rounds that both modes have, and that are not measured again.
func (g *group) primaries(baseline payload.Mode) [][]float64 {
	var all [][]float64
	for _, b := range g.alive() {
		if b.mode != baseline {
			continue
		}
		for _, m := range g.alive() {
			if m == b {
				continue
			}
			all = append(all, logRatios(m.Samples, b.Samples, imagesPerSecond))
			if cpu := logRatios(m.Samples, b.Samples, targetCPU); len(cpu) > 0 {
				all = append(all, cpu)
			}
		}
	}
	return all
}

// logRatios pairs two cells' samples by round.
func logRatios(mode, baseline []record.Sample, of func(record.Sample) float64) []float64 {
	at := make(map[int]float64, len(baseline))
	for _, s := range baseline {
		if !s.Repeated && s.Seconds > 0 {
			at[s.Round] = of(s)
		}
	}
	var ms, bs []float64
	for _, s := range mode {
		if s.Repeated || s.Seconds == 0 {
			continue
		}
		if m, b := of(s), at[s.Round]; m > 0 && b > 0 {
			ms, bs = append(ms, m), append(bs, b)
		}
	}
	return stats.LogRatios(ms, bs)
}

func imagesPerSecond(s record.Sample) float64 { return s.Credit / s.Seconds }

// targetCPU is 0 where it is not known.
func targetCPU(s record.Sample) float64 {
	if s.TargetCPUNs == nil || s.BlockImages == 0 {
		return 0
	}
	return float64(*s.TargetCPUNs) / float64(s.BlockImages)
}

// look decides whether the group may rest, because all its primaries are as
// precise as was asked, and estimates after how many rounds it will. It rests
// after an even number, and once only: what is decided stays.
func (g *group) look(baseline payload.Mode, precision float64) {
	all := g.primaries(baseline)
	g.resting = len(all) > 0
	g.needed = 0
	for _, logs := range all {
		g.resting = g.resting && stats.Precise(logs, precision)
		g.needed = max(g.needed, stats.RoundsNeeded(logs, precision))
	}
	if g.resting {
		g.quota = g.kept + g.kept%2
	}
}
