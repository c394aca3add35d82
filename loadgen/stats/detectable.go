package stats

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/gonum/stat/distuv"
)

// Power is the probability with which a difference as large as the smallest
// detectable one is found.
const Power = 0.8

// Detectable returns the smallest relative difference (0.02 is 2 %) that a
// paired comparison with this many rounds and this much spread finds with
// probability [Power]; logs are the rounds' log ratios. Zero when there are
// too few rounds for an interval, for then nothing is ever found.
//
// "Found" means that the order-statistic interval [x(r), x(n+1-r)] leaves out
// no difference, 0. That is a sign test: for a shift of +δ the interval lies
// above 0 when fewer than r rounds fall below it, each with probability
// p = P(X − median < −δ). Let p* be the p at which
//
//	P(Binomial(n, p*) < r) = Power
//
// then δ is how far from the median a share p* of the rounds lies beyond, on
// one side. Taking both sides as alike, a share 2p* lies beyond ±δ, so δ is
// the (1 − 2p*) quantile of the absolute deviations from the median. No
// distribution is assumed but that symmetry.
func Detectable(logs []float64) float64 {
	n := len(logs)
	r := medianRank(n, Confidence)
	if r == 0 {
		return 0
	}
	m := Median(logs)
	deviations := make([]float64, n)
	for i, x := range logs {
		deviations[i] = math.Abs(x - m)
	}
	slices.Sort(deviations)
	return math.Expm1(weibull(deviations, 1-2*tailFor(n, r)))
}

// tailFor returns the p at which fewer than r of n rounds fall beyond with
// probability Power: P(Binomial(n, p) < r) = Power. That probability is
// 1 − I_p(r, n−r+1), the regularised incomplete beta function (Abramowitz &
// Stegun 26.5.24).
func tailFor(n, r int) float64 {
	return mathext.InvRegIncBeta(float64(r), float64(n-r+1), 1-Power)
}

// weibull returns the q-quantile of sorted absolute deviations at position
// (n+1)q, between neighbours linearly: the position whose expected coverage is
// q in a small sample (Hyndman & Fan 1996, definition 6). Beyond the largest,
// where fewer than nine rounds have to look, it goes on as a normal tail.
func weibull(sorted []float64, q float64) float64 {
	n := len(sorted)
	pos := max(q*float64(n+1), 1)
	i := int(pos)
	if i >= n {
		reach := float64(n) / float64(n+1)
		return sorted[n-1] * max(halfNormal(q)/halfNormal(reach), 1)
	}
	return sorted[i-1] + (pos-float64(i))*(sorted[i]-sorted[i-1])
}

// halfNormal returns the q-quantile of the absolute value of a standard normal.
func halfNormal(q float64) float64 { return distuv.UnitNormal.Quantile((1 + q) / 2) }
