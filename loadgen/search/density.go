package search

// density is what is known of a number: how likely it is to be near each of
// evenly spaced values. The masses need not add up to 1.
type density struct {
	from, step float64
	mass       []float64
}

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
