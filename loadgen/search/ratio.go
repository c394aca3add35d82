package search

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/wsimg/wsimg/loadgen/stats"
)

// The points of the grid on which a ratio is computed, to either side of the
// middle one.
const (
	sharedPoints = 50
	ratioPoints  = 30
)

// drifts are how far the machine may have moved from one pair of probes to the
// next, as standard deviations of the logarithm of what it carries. All are as
// likely.
var drifts = [...]float64{0.005, 0.02, 0.06}

// Ratio compares what two searches come to that took turns: load(mode) /
// load(baseline). It returns false where either has no load, or was never
// stopped by one.
//
// Their confirmations are taken in pairs, in their order; one without another is
// left out. In pair i the logarithms of what a probe of each meets are
//
//	mode      zᵢ + δ/2 + noise
//	baseline  zᵢ − δ/2 + noise
//
// where zᵢ is the machine, which walks at random from pair to pair with steps of
// either sign and exponential length, and δ the logarithm of the ratio. What is
// left likely of δ, over all walks, noises and sizes of the drift, is the
// estimate: its median and the 95 % in the middle. So a machine that becomes
// slower meanwhile slows both modes and leaves the ratio.
//
// Without enough pairs for an interval the ratio is that of the loads.
func Ratio(mode, baseline []Probe) (stats.Estimate, bool) {
	m, b := Answered(mode), Answered(baseline)
	if m.Load == 0 || b.Load == 0 || m.Unbounded || b.Unbounded {
		return stats.Estimate{}, false
	}
	p := paired(confirmations(mode), confirmations(baseline))
	if !p.suffice() {
		return stats.Estimate{Ratio: m.Load / b.Load}, true
	}
	d := p.difference()
	e := stats.Estimate{Ratio: math.Exp(d.quantile(0.5)), Interval: middle(d)}
	// By the normal approximation, as in stats.QuantileRatio.
	z := distuv.UnitNormal.Quantile(1 - (1-stats.Confidence)/2)
	half := math.Log(e.Interval.High/e.Interval.Low) / 2
	e.Detectable = math.Expm1(half * (1 + distuv.UnitNormal.Quantile(stats.Power)/z))
	return e, true
}

// pairs are the confirmations of two searches that took turns, as many of each.
type pairs struct{ mode, baseline []Probe }

func paired(mode, baseline []Probe) pairs {
	n := min(len(mode), len(baseline))
	return pairs{mode[:n], baseline[:n]}
}

// suffice reports whether they tell enough for an interval: of each side so many
// passed or failed, and some did either.
func (p pairs) suffice() bool {
	for _, side := range [][]Probe{p.mode, p.baseline} {
		told := 0
		for _, q := range side {
			if q.tells() {
				told++
			}
		}
		if told < MinConfirmations || !straddle(side) {
			return false
		}
	}
	return true
}

// difference returns how likely each difference of the logarithms is.
//
// Both sides are centred, and capacities are multiples of one grid step apart:
// with the machine at z and the difference at 2k steps, mode is at z+k and
// baseline at z−k. For each difference, noise and drift, one pass over the pairs
// sums over all walks of the machine (the forward algorithm; Rabiner, Proc. IEEE
// 77, 1989, §III.A).
func (p pairs) difference() density {
	centres, reach := p.centre()
	grid := (reach + margin) / sharedPoints
	logs := nothing(2*ratioPoints + 1)
	machine, behind := make([]float64, 2*sharedPoints+1), make([]float64, 2*sharedPoints+1)
	for of, weight := range doubts() {
		mode := table(p.mode, centres[0], of, grid)
		baseline := table(p.baseline, centres[1], of, grid)
		for _, drift := range drifts {
			decay := walk(drift / grid)
			for i := range logs {
				k := i - ratioPoints
				for z := range machine {
					machine[z] = 1
				}
				scale := math.Log(weight)
				for j := range mode {
					if j > 0 {
						spread(machine, behind, decay)
					}
					above, below := mode[j][ratioPoints+k:], baseline[j][ratioPoints-k:]
					for z := range machine {
						machine[z] *= above[z] * below[z]
					}
					scale += rescale(machine)
				}
				var sum float64
				for _, mass := range machine {
					sum += mass
				}
				logs[i] = plus(logs[i], scale+math.Log(sum))
			}
		}
	}
	return likely(centres[0]-centres[1]-2*ratioPoints*grid, 2*grid, logs)
}

// rescale makes the largest mass 1 and returns the logarithm of what it was.
func rescale(mass []float64) float64 {
	most := slices.Max(mass)
	for z := range mass {
		mass[z] /= most
	}
	return math.Log(most)
}

// centre returns the mean logarithm of the loads of mode and of baseline, and
// how far the furthest is from its own.
func (p pairs) centre() (centres [2]float64, reach float64) {
	for i, side := range [][]Probe{p.mode, p.baseline} {
		for _, q := range side {
			centres[i] += math.Log(q.Load) / float64(len(side))
		}
		low, high := span(side)
		reach = max(reach, high-centres[i], centres[i]-low)
	}
	return centres, reach
}

// table returns the likelihood of each probe at each multiple of grid about the
// centre.
func table(probes []Probe, centre float64, of doubt, grid float64) [][]float64 {
	const reach = sharedPoints + ratioPoints
	rows := make([][]float64, len(probes))
	for i, p := range probes {
		rows[i] = make([]float64, 2*reach+1)
		for k := range rows[i] {
			rows[i][k] = p.likelihood(centre+grid*float64(k-reach)-math.Log(p.Load), of)
		}
	}
	return rows
}

// walk returns the factor by which each further grid step is less likely in a
// step of the machine of that many grid steps of standard deviation. The
// variance of steps k with probabilities in proportion to a^|k| is 2a/(1−a)².
func walk(sd float64) float64 {
	v := sd * sd
	return (v + 1 - math.Sqrt(2*v+1)) / v
}

// spread moves each mass by one step of the walk: a sum over all steps, as two
// running ones. Behind is scratch.
func spread(mass, behind []float64, decay float64) {
	var running float64
	for z := len(mass) - 1; z >= 0; z-- {
		running = decay*running + mass[z]
		behind[z] = running
	}
	stay := (1 - decay) / (1 + decay)
	running = 0
	for z, m := range mass {
		mass[z] = (decay*running + behind[z]) * stay
		running = decay*running + m
	}
}
