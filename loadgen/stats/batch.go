package stats

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// OneSided is the level of each bound of [BatchMeans], [ShareBounds] and
// [Slope]: whoever asks whether something lies above a limit looks at the lower
// one alone, and is wrong one time in twenty at the most.
const OneSided = 0.95

// minBatches is the fewest batches that have bounds, after neighbours were
// joined: with fewer those of the t-distribution are too far apart to decide
// anything.
const minBatches = 5

// BatchMeans returns what the parts of one stretch come to, Σ Amount / Σ Over,
// between two bounds, each at [OneSided]; false when fewer than ten parts hold
// anything.
//
// What follows in time resembles what came before, so the parts and not what was
// counted in them vary independently, if anything does: the bounds are those of
// the method of batch means, for a ratio (Law, Simulation Modeling and Analysis,
// 5th ed., §9.5.3; Cochran, Sampling Techniques, §6.3), with R the ratio and k
// parts:
//
//	R ± t(k−1) · √(k/(k−1) · Σ (amount − R·over)²) / Σ over
//
// Neighbours that still resemble each other make that too narrow. So it is
// computed again with parts joined two by two, and again while at least five
// remain, which costs little where they are independent, and the widest counts
// (Fishman, Grouping Observations in Digital Simulation, 1978). One event, of
// which a fifth of equal parts or fewer tell and the others nothing, does not
// lift the lower bound over 0: it happened once.
func BatchMeans(parts []Total) (ratio float64, bounds Interval, ok bool) {
	var held []Total
	for _, p := range parts {
		if p.Over > 0 {
			held = append(held, p)
		}
	}
	if len(held) < 2*minBatches {
		return 0, Interval{}, false
	}
	margin := 0.0
	for ; len(held) >= minBatches; held = joined(held) {
		var wrong float64
		ratio, wrong = ratioError(held)
		margin = max(margin, wrong*student(float64(len(held)-1)))
	}
	return ratio, Interval{ratio - margin, ratio + margin}, true
}

// joined returns parts two by two, the last three together where their number is
// odd.
func joined(parts []Total) []Total {
	pairs := make([]Total, len(parts)/2)
	for i, p := range parts {
		pairs[min(i/2, len(pairs)-1)].add(p)
	}
	return pairs
}

// ratioError returns Σ Amount / Σ Over and its standard error.
func ratioError(parts []Total) (ratio, err float64) {
	var sum Total
	for _, p := range parts {
		sum.add(p)
	}
	ratio = sum.Amount / sum.Over
	squares := 0.0
	for _, p := range parts {
		d := p.Amount - ratio*p.Over
		squares += d * d
	}
	k := float64(len(parts))
	return ratio, math.Sqrt(k/(k-1)*squares) / sum.Over
}

// student is the quantile of Student's t at OneSided.
func student(degrees float64) float64 {
	return distuv.StudentsT{Mu: 0, Sigma: 1, Nu: degrees}.Quantile(OneSided)
}

// ShareBounds returns the exact bounds, each at [OneSided], of the share that
// count of n independent trials came from (Clopper & Pearson, The use of
// confidence or fiducial limits, 1934). Neither need be whole. With n = 0
// nothing is known: 0 to 1. With a count of 0 the upper bound is below 1 − q
// from [SamplesNeeded] of q on.
func ShareBounds(count, n float64) Interval {
	bounds := Interval{0, 1}
	if count > 0 && n > 0 {
		bounds.Low = distuv.Beta{Alpha: count, Beta: n - count + 1}.Quantile(1 - OneSided)
	}
	if count < n {
		bounds.High = distuv.Beta{Alpha: count + 1, Beta: n - count}.Quantile(OneSided)
	}
	return bounds
}

// Slope returns the slope of the straight line through points (Over, Amount) by
// least squares, between two bounds, each at [OneSided]; false with fewer than
// ten points, or all at the same place.
//
// What the line leaves, its residuals, resembles its neighbours where a queue
// is behind it. With a correlation r of one with the next, k points tell as much
// as k·(1−r)/(1+r) independent ones, and are taken for so many, at least three
// (Santer et al., Statistical significance of trends, J. Geophys. Res. 105,
// 2000, §4).
func Slope(points []Total) (slope float64, bounds Interval, ok bool) {
	k := float64(len(points))
	if len(points) < 2*minBatches {
		return 0, Interval{}, false
	}
	var mean Total
	for _, p := range points {
		mean.add(Total{p.Amount / k, p.Over / k})
	}
	var xx, xy float64
	for _, p := range points {
		x := p.Over - mean.Over
		xx += x * x
		xy += x * (p.Amount - mean.Amount)
	}
	if xx == 0 {
		return 0, Interval{}, false
	}
	slope = xy / xx
	var squares, neighbours, last float64
	for _, p := range points {
		left := p.Amount - mean.Amount - slope*(p.Over-mean.Over)
		squares += left * left
		neighbours += left * last
		last = left
	}
	worth := k
	if squares > 0 {
		r := max(0, neighbours/squares)
		worth = max(3, k*(1-r)/(1+r))
	}
	margin := student(worth-2) * math.Sqrt(squares/(worth-2)/xx)
	return slope, Interval{slope - margin, slope + margin}, true
}
