package plan

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func close(a *float64, b float64) bool { return a != nil && math.Abs(*a-b) <= 1e-9*b }

func TestHalfWayBetweenSizes(t *testing.T) {
	known := func(capacity, cpu, sent float64) point {
		return point{capacity: number(capacity), low: number(capacity / 2), high: number(capacity * 2), cpu: number(cpu), sent: number(sent),
			base: number(20e6), connection: number(8000), beyond: number(sent * 10)}
	}
	a, b := known(900, 100, 10_000), known(9, 400, 1_000_000)
	a.size, b.size = 10_000, 1_000_000
	// 100 KB is half-way from 10 KB to 1 MB in logarithms, and (100 − 10) ÷ (1000 −
	// 10) = 1 ÷ 11 of the way in bytes.
	p, ok := at([]point{a, b}, 100_000)
	if !ok || !close(p.capacity, 90) || !close(p.low, 45) || !close(p.high, 180) || !close(p.cpu, 200) {
		t.Errorf("capacity %v [%v–%v], CPU %v: want 90 [45–180] and 200", *p.capacity, *p.low, *p.high, *p.cpu)
	}
	if !close(p.sent, 100_000) || !close(p.beyond, 1_000_000) || !close(p.base, 20e6) || !close(p.connection, 8000) {
		t.Errorf("sent %v, beyond %v, base %v, connection %v", *p.sent, *p.beyond, *p.base, *p.connection)
	}
	if p.received != nil {
		t.Errorf("received is %v, and was never measured", *p.received)
	}
	b.fault = "unmet"
	if p, _ := at([]point{a, b}, 100_000); p.fault != "unmet" {
		t.Errorf("between a capacity and none there is fault %q, want that of the one without", p.fault)
	}
	if p, _ := at([]point{a, b}, 10_000); p.fault != "" {
		t.Errorf("at the one with a capacity there is fault %q", p.fault)
	}
	b.atLeast = true
	if p, _ := at([]point{a, b}, 100_000); !p.atLeast || p.low != nil || p.high != nil {
		t.Errorf("beside a lower bound there is %+v, want one without an interval", p)
	}
	low, high := ratioAt([]ratio{{10_000, number(1), number(2)}, {1_000_000, number(4), number(8)}}, 100_000)
	if !close(low, 2) || !close(high, 4) {
		t.Errorf("ratio from %v to %v, want 2 to 4", *low, *high)
	}
}

// TestInterpolation hits what was measured, stays between neighbours, keeps the
// value within its interval, and knows nothing outside.
func TestInterpolation(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sizes := rapid.SliceOfNDistinct(rapid.IntRange(500, 50_000_000), 1, 5, rapid.ID).Draw(t, "sizes")
		slices.Sort(sizes)
		positive := rapid.Float64Range(1e-3, 1e6)
		points := make([]point, len(sizes))
		ratios := make([]ratio, len(sizes))
		for i, size := range sizes {
			xs := []float64{positive.Draw(t, "x"), positive.Draw(t, "x"), positive.Draw(t, "x")}
			slices.Sort(xs)
			points[i] = point{size: float64(size), low: &xs[0], capacity: &xs[1], high: &xs[2], cpu: number(positive.Draw(t, "cpu")), sent: number(positive.Draw(t, "sent"))}
			ratios[i] = ratio{float64(size), &xs[0], &xs[2]}
		}
		for i, p := range points {
			got, ok := at(points, p.size)
			if !ok || got != p {
				t.Fatalf("at %v: %+v, want what was measured", p.size, got)
			}
			if low, high := ratioAt(ratios, p.size); *low != *ratios[i].low || *high != *ratios[i].high {
				t.Fatalf("at %v: a ratio from %v to %v, want what was measured", p.size, *low, *high)
			}
		}
		size := float64(rapid.IntRange(1, 60_000_000).Draw(t, "size"))
		p, ok := at(points, size)
		if inside := size >= points[0].size && size <= points[len(points)-1].size; ok != inside {
			t.Fatalf("at %v: known %v, want %v", size, ok, inside)
		}
		if !ok {
			return
		}
		i := slices.IndexFunc(points, func(p point) bool { return p.size >= size })
		a, b := points[max(i-1, 0)], points[i]
		if points[i].size == size {
			a = b
		}
		for name, of := range map[string]func(point) *float64{
			"capacity": func(p point) *float64 { return p.capacity }, "low": func(p point) *float64 { return p.low },
			"high": func(p point) *float64 { return p.high }, "cpu": func(p point) *float64 { return p.cpu }, "sent": func(p point) *float64 { return p.sent },
		} {
			if y := *of(p); y < min(*of(a), *of(b)) || y > max(*of(a), *of(b)) {
				t.Fatalf("%s at %v is %v, outside of %v and %v", name, size, y, *of(a), *of(b))
			}
		}
		const hair = 1e-12
		if *p.low > *p.capacity*(1+hair) || *p.capacity > *p.high*(1+hair) {
			t.Fatalf("%v is not within [%v, %v]", *p.capacity, *p.low, *p.high)
		}
	})
}
