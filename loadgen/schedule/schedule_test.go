package schedule

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestParseRate(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want float64 // negative: refused
	}{
		{"200/s", 200}, {"12/min", 0.2}, {"1.5k/s", 1500}, {"3600/h", 1}, {"43200/d", 0.5}, {"1/30s", 1.0 / 30}, {"0/s", 0}, {"2M/s", 2e6}, {" 5/s", 5},
		{"200", -1}, {"", -1}, {"/s", -1}, {"fast/s", -1}, {"-5/s", -1}, {"5/day", -1}, {"NaN/s", -1}, {"5/0s", -1}, {"1e300/s", -1}, {"Inf/s", -1},
	} {
		got, err := ParseRate(tt.in)
		if tt.want < 0 {
			if err == nil {
				t.Errorf("%q: got %v, want it refused", tt.in, got)
			}
			continue
		}
		if err != nil || math.Abs(got-tt.want) > 1e-12 {
			t.Errorf("%q: got %v, %v; want %v", tt.in, got, err, tt.want)
		}
	}
}

func TestParseStages(t *testing.T) {
	p, err := ParseStages("0/s..500/s:30s,500/s:2m,500/s..0/s:10s")
	if err != nil {
		t.Fatal(err)
	}
	want := Plan{{0, 500, 30 * time.Second}, {500, 500, 2 * time.Minute}, {500, 0, 10 * time.Second}}
	for i := range want {
		if p[i] != want[i] {
			t.Errorf("stage %d: got %+v, want %+v", i+1, p[i], want[i])
		}
	}
	if got, want := p.Count(p.Length()), 250.0*30+500*120+250*10; math.Abs(got-want) > 1e-6 {
		t.Errorf("images: got %v, want %v", got, want)
	}
	for _, bad := range []string{"", "500/s", "500:3s", "0/s:10s", "5/s:0s", "5/s:-1s", "5/s..:1s", "5/s:1s,", "5/s..6/s..7/s:1s"} {
		if p, err := ParseStages(bad); err == nil {
			t.Errorf("%q: got %v, want it refused", bad, p)
		}
	}
}

// plans draws any plan that has an image.
func plans() *rapid.Generator[Plan] {
	return rapid.Custom(func(t *rapid.T) Plan {
		var p Plan
		for range rapid.IntRange(1, 5).Draw(t, "stages") {
			p = append(p, Stage{
				From:   float64(rapid.IntRange(0, 500).Draw(t, "from")),
				To:     float64(rapid.IntRange(0, 500).Draw(t, "to")),
				Length: time.Duration(rapid.IntRange(1, 20_000).Draw(t, "ms")) * time.Millisecond,
			})
		}
		p[0].To += 1
		return p
	})
}

// TestInstantInvertsCount holds Λ⁻¹ to Λ: the instant of image n is where n
// are due, and instants never go back.
func TestInstantInvertsCount(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := plans().Draw(t, "plan")
		all := p.Count(p.Length())
		before := time.Duration(0)
		for k := range 200 {
			n := all * float64(k) / 200
			at, ok := p.Instant(n)
			if !ok {
				t.Fatalf("image %v of %v is never due", n, all)
			}
			if at < before {
				t.Fatalf("image %v is due at %v, before the one before at %v", n, at, before)
			}
			before = at
			if got := p.Count(at); math.Abs(got-n) > 1e-4*(1+n) {
				t.Fatalf("at %v, where image %v is due, %v are due", at, n, got)
			}
		}
		if at, ok := p.Instant(all + 1e-3); ok {
			t.Fatalf("image %v of %v is due at %v", all+1e-3, all, at)
		}
	})
}

// TestConstantArrivals deals the images out in turn, evenly spread.
func TestConstantArrivals(t *testing.T) {
	plan := Steady(100, 2*time.Second)
	for client := range 4 {
		a := NewArrivals(Constant, plan, client, 4, 1)
		for k := range 50 {
			due, ok := a.Next()
			if want := time.Duration(client+4*k) * 10 * time.Millisecond; !ok || due != want {
				t.Fatalf("client %d, image %d: got %v, %v; want %v", client, k, due, ok, want)
			}
		}
		if due, ok := a.Next(); ok {
			t.Errorf("client %d: image 51 is due at %v, behind the end", client, due)
		}
	}
}

// TestNothingDrifts looks at the last image of an hour: it is due where the
// rate alone says.
func TestNothingDrifts(t *testing.T) {
	const rate = 333.3
	a := NewArrivals(Constant, Steady(rate, time.Hour), 6, 7, 1)
	var last time.Duration
	var k int
	for due, ok := a.Next(); ok; due, ok = a.Next() {
		last = due
		k++
	}
	want := time.Duration(float64(6+7*(k-1)) / rate * 1e9)
	if d := last - want; d < -time.Microsecond || d > time.Microsecond {
		t.Errorf("image %d is due at %v, want %v", k, last, want)
	}
	if want := rate * 3600 / 7; math.Abs(float64(k)-want) > 1 {
		t.Errorf("got %d images, want %.0f", k, want)
	}
}

// TestPoissonArrivals checks what makes a process Poisson: counts with a
// variance of their mean, over all clients together, under a plan that ramps;
// and that a seed always gives the same.
func TestPoissonArrivals(t *testing.T) {
	plan := Plan{{0, 1000, 10 * time.Second}, {1000, 1000, 40 * time.Second}}
	const clients = 10
	counts := make([]float64, 500) // of 100 ms each
	for c := range clients {
		a, again := NewArrivals(Poisson, plan, c, clients, 7), NewArrivals(Poisson, plan, c, clients, 7)
		for due, ok := a.Next(); ok; due, ok = a.Next() {
			if other, _ := again.Clone().Next(); other != due {
				t.Fatalf("a clone of the same seed gives %v, want %v", other, due)
			}
			again.Next()
			counts[due/(100*time.Millisecond)]++
		}
	}
	var chi2, ramp, steady float64
	for i, n := range counts {
		at := time.Duration(i) * 100 * time.Millisecond
		want := plan.Count(at+100*time.Millisecond) - plan.Count(at)
		chi2 += (n - want) * (n - want) / want
		if i < 100 {
			ramp += n
		} else {
			steady += n
		}
	}
	// 500 degrees of freedom: within four standard deviations of the mean.
	if d := math.Abs(chi2 - 500); d > 4*math.Sqrt(2*500) {
		t.Errorf("χ² of the counts is %.0f, want 500 ± %.0f", chi2, 4*math.Sqrt(2*500))
	}
	if math.Abs(ramp-5000) > 4*math.Sqrt(5000) || math.Abs(steady-40000) > 4*math.Sqrt(40000) {
		t.Errorf("got %.0f and %.0f images, want about 5000 and 40000", ramp, steady)
	}
}

func FuzzParseStages(f *testing.F) {
	f.Add("0/s..500/s:30s,500/s:2m,500/s..0/s:10s")
	f.Add("1.5k/min:1h")
	f.Add("3/30s..1M/h:5ms")
	f.Fuzz(func(t *testing.T, s string) {
		p, err := ParseStages(s)
		if err != nil {
			return
		}
		if err := p.Validate(); err != nil {
			t.Fatalf("%q was accepted and is not valid: %v", s, err)
		}
		if at, ok := p.Instant(0); !ok || at < 0 || at > p.Length() {
			t.Fatalf("%q: the first image is due at %v, %v", s, at, ok)
		}
	})
}
