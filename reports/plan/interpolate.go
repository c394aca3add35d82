package plan

import "math"

// at returns what is known at a size: as measured there, or on the line between
// the measured sizes about it. ok is false outside of what was measured. points
// are by size, ascending.
func at(points []point, size float64) (_ point, ok bool) {
	for i, p := range points {
		if p.size == size {
			return p, true
		}
		if i > 0 && points[i-1].size < size && size < p.size {
			return between(points[i-1], p, size), true
		}
	}
	return point{}, false
}

// between returns the point on the line from a to b. Costs and rates are
// powers of size far better than they are linear in it, as long as no cliff
// lies between the two; bytes are linear in size.
func between(a, b point, size float64) point {
	powers := func(y0, y1 *float64) *float64 { return powerLine(a.size, b.size, size, y0, y1) }
	linear := func(y0, y1 *float64) *float64 { return straightLine(a.size, b.size, size, y0, y1) }
	p := point{
		size: size, fault: a.fault, unmet: a.unmet, atLeast: a.atLeast || b.atLeast, bracket: a.bracket || b.bracket,
		capacity: powers(a.capacity, b.capacity), low: powers(a.low, b.low), high: powers(a.high, b.high),
		cpu:  powers(a.cpu, b.cpu),
		sent: linear(a.sent, b.sent), received: linear(a.received, b.received),
		beyond: linear(a.beyond, b.beyond), base: linear(a.base, b.base), connection: linear(a.connection, b.connection),
	}
	if p.fault == "" {
		p.fault, p.unmet = b.fault, b.unmet
	}
	if p.atLeast {
		p.low, p.high, p.bracket = nil, nil, false
	}
	return p
}

// ratioAt returns the interval of the ratio at a size; nil where there is none.
func ratioAt(ratios []ratio, size float64) (low, high *float64) {
	for i, r := range ratios {
		if r.size == size {
			return r.low, r.high
		}
		if i > 0 && ratios[i-1].size < size && size < r.size {
			before := ratios[i-1]
			return powerLine(before.size, r.size, size, before.low, r.low), powerLine(before.size, r.size, size, before.high, r.high)
		}
	}
	return nil, nil
}

// powerLine returns y at x on the power law y = c·x^k through (x0, y0) and
// (x1, y1): a straight line in logarithms. Nil unless both are known and
// positive.
func powerLine(x0, x1, x float64, y0, y1 *float64) *float64 {
	if y0 == nil || y1 == nil || *y0 <= 0 || *y1 <= 0 {
		return nil
	}
	share := math.Log(x/x0) / math.Log(x1/x0)
	return number(clamp(*y0*math.Pow(*y1 / *y0, share), *y0, *y1))
}

// straightLine returns y at x on the straight line through (x0, y0) and
// (x1, y1). Nil unless both are known.
func straightLine(x0, x1, x float64, y0, y1 *float64) *float64 {
	if y0 == nil || y1 == nil {
		return nil
	}
	return number(clamp(*y0+(*y1-*y0)*(x-x0)/(x1-x0), *y0, *y1))
}

// clamp keeps rounding from leading out of a and b.
func clamp(y, a, b float64) float64 { return min(max(y, min(a, b)), max(a, b)) }
