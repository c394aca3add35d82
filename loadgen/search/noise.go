package search

import "math"

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

// likelihood returns how probable a verdict is where the logarithm of the
// capacity is so far above that of the load. A probe passes when the capacity it
// meets is above its load:
//
//	P(pass) = λ/2 + (1−λ)·Φ(above/noise),  λ = lapses
//
// the psychometric function of Wichmann & Hill (Perception & Psychophysics 63,
// 2001). An inconclusive probe is as probable whatever the capacity.
func (p Probe) likelihood(above, noise float64) float64 {
	if !p.tells() {
		return 1
	}
	if !p.passed() {
		above = -above
	}
	return lapses/2 + (1-lapses)*math.Erfc(-above/noise/math.Sqrt2)/2
}
