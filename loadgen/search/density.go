package search

import (
	"math"
	"slices"
)

// density is what is known of a number: how likely it is to be near each of
// evenly spaced values. The masses need not add up to 1.
type density struct {
	from, step float64
	mass       []float64
}

// likely returns the density whose masses have these logarithms: products of
// hundreds of likelihoods are too small for anything else. The largest mass is 1.
func likely(from, step float64, logs []float64) density {
	d := density{from, step, make([]float64, len(logs))}
	most := slices.Max(logs)
	for i, l := range logs {
		d.mass[i] = math.Exp(l - most)
	}
	return d
}

// plus returns the logarithm of the sum of two numbers that have these.
func plus(a, b float64) float64 {
	high, low := max(a, b), min(a, b)
	if math.IsInf(high, -1) {
		return high
	}
	return high + math.Log1p(math.Exp(low-high))
}

// nothing returns n logarithms of 0.
func nothing(n int) []float64 { return slices.Repeat([]float64{math.Inf(-1)}, n) }

// quantile returns the value below which a share p of the mass lies. The mass of
// a value is spread evenly as far as half-way to its neighbours.
func (d density) quantile(p float64) float64 {
	var sum float64
	for _, m := range d.mass {
		sum += m
	}
	rest := p * sum
	for i, m := range d.mass {
		if rest <= m && m > 0 {
			return d.from + d.step*(float64(i)+rest/m-0.5)
		}
		rest -= m
	}
	return d.from + d.step*(float64(len(d.mass))-0.5)
}
