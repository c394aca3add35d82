package search

import (
	"iter"
	"math"
)

// What is believed before any probe.
const (
	lapses = 0.02 // share of verdicts that are a coin's, whatever the load
	margin = 0.3  // the edge is at most so far outside the loads that were tried, by logarithm
)

// noises are how far the capacity that a probe meets may lie from the one it
// looks for: standard deviations of its logarithm, 1 % to 32 %. Little is likelier
// than much: a weight is the inverse square root.
var noises = [...]float64{0.01, 0.02, 0.04, 0.08, 0.16, 0.32}

// believed returns the weight of a noise.
func believed(noise float64) float64 { return math.Pow(noise, -0.75) }

// zones are how far the capacity may lie from the load, to either side, for a probe
// to be inconclusive: half-widths, by logarithm. All are as likely.
var zones = [...]float64{0, 0.02, 0.05, 0.1}

// doubt is how sure verdicts are: by the noise in what they are about, and by how
// far from the edge they begin to tell.
type doubt struct{ noise, zone float64 }

// doubts returns all there may be, each with its weight, in an order that stays:
// sums of floating point depend on it.
func doubts() iter.Seq2[doubt, float64] {
	return func(yield func(doubt, float64) bool) {
		for _, noise := range noises {
			for _, zone := range zones {
				if !yield(doubt{noise, zone}, believed(noise)) {
					return
				}
			}
		}
	}
}

// likelihood returns how probable a verdict is where the logarithm of the
// capacity is so far above that of the load. A probe passes when the capacity it
// meets is above its load and the zone, fails when it is below both, and is
// inconclusive between:
//
//	P(pass) = λ/3 + (1−λ)·Φ((above−zone)/noise)
//	P(fail) = λ/3 + (1−λ)·Φ((−above−zone)/noise),  λ = lapses
//
// the psychometric function of Wichmann & Hill (Perception & Psychophysics 63,
// 2001) with three answers, an ordered probit. So what can't be told tells where
// the edge is.
func (p Probe) likelihood(above float64, d doubt) float64 {
	pass, fail := normal((above-d.zone)/d.noise), normal((-above-d.zone)/d.noise)
	answer := max(0, 1-pass-fail)
	switch {
	case p.passed():
		answer = pass
	case p.tells():
		answer = fail
	}
	return lapses/3 + (1-lapses)*answer
}

// normal is Φ, the distribution function of the standard normal distribution.
func normal(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }
