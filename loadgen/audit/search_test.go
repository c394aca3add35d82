package audit

import (
	"testing"

	"pgregory.net/rapid"
)

// among is decide by trying all.
func among(saved part, open []unsettled) bool {
	if len(open) == 0 {
		return saved == part{}
	}
	for n := range min(open[0].n, saved.count) + 1 {
		if among(saved.minus(part{n, open[0].hash.repeated(n)}), open[1:]) {
			return true
		}
	}
	return false
}

// TestSearchFindsWhatTryingAllFinds draws hashes that are no hashes but close
// to each other, or equal, so that many choices have one sum.
func TestSearchFindsWhatTryingAllFinds(t *testing.T) {
	half := rapid.SampledFrom([]uint64{0, 1, 2, 3, 4, 7, 8, 1 << 62, 1 << 63, 3 << 62, ^uint64(0), 0x9e3779b97f4a7c15})
	drawn := rapid.OneOf(
		rapid.Custom(func(t *rapid.T) sum { return sum{half.Draw(t, "high"), half.Draw(t, "low")} }),
		rapid.Custom(func(t *rapid.T) sum { return sum{rapid.Uint64Range(0, 3).Draw(t, "top bits") << 62, 5} }),
	)
	rapid.Check(t, func(t *rapid.T) {
		var open []unsettled
		saved := part{}
		if rapid.Bool().Draw(t, "others are saved") {
			saved = part{rapid.Uint64Range(0, 3).Draw(t, "of them"), drawn.Draw(t, "their sum")}
		}
		for _, hash := range rapid.SliceOfN(drawn, 0, 4).Draw(t, "hashes") {
			o := unsettled{hash, rapid.Uint64Range(1, 4).Draw(t, "times")}
			n := rapid.Uint64Range(0, o.n+o.n/4).Draw(t, "saved") // perhaps once too often
			saved = part{saved.count + n, saved.sum.plus(hash.repeated(n))}
			open = append(open, o)
		}
		var s search
		if got, want := s.decide(saved, open), answerOf(among(saved, open)); got != want {
			t.Fatalf("%+v of %+v: got %d, want %d", saved, open, got, want)
		}
	})
}

// TestSearchAmongEqualImages: two sources may have the same image.
func TestSearchAmongEqualImages(t *testing.T) {
	hash := hashOf([]byte("image"))
	for n, want := range []answer{yes, yes, yes, yes, yes, yes, no} {
		saved := part{uint64(n), hash.repeated(uint64(n))}
		if got := new(search).decide(saved, []unsettled{{hash, 2}, {hash, 3}}); got != want {
			t.Errorf("%d saved of 2 and 3: got %d, want %d", n, got, want)
		}
	}
}

func TestSearchIsBounded(t *testing.T) {
	many := func(times ...uint64) (open []unsettled, half part) {
		for i, n := range times {
			o := unsettled{hashOf([]byte{byte(i)}), n}
			open = append(open, o)
			half = part{half.count + n/2, half.sum.plus(o.hash.repeated(n / 2))}
		}
		return open, half
	}
	for _, tt := range []struct {
		name  string
		times []uint64
		want  answer
		tries uint64
	}{
		{"none", nil, yes, 0},
		{"one, very often", []uint64{1 << 39}, yes, 0},
		{"two, very often", []uint64{1 << 39, 1 << 38}, yes, 1},
		{"three, one of them not so often", []uint64{1 << 39, 1000, 1 << 38}, yes, 1001},
		{"twelve, one of each", []uint64{2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2}, yes, 59049},
		{"three, very often", []uint64{1 << 39, 1 << 38, 1 << 37}, undecided, 0},
		{"twenty, often", []uint64{9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9}, undecided, 0},
	} {
		var s search
		open, half := many(tt.times...)
		if got := s.decide(half, open); got != tt.want || s.tried != tt.tries {
			t.Errorf("%s: got %d after %d tries, want %d after %d", tt.name, got, s.tried, tt.want, tt.tries)
		}
	}
	s := search{tried: searched - 10}
	open, half := many(100, 100, 100)
	if got := s.decide(half, open); got != undecided {
		t.Errorf("when the bound is used up: got %d, want undecided", got)
	}
}

// BenchmarkTry is one combination, of which there are searched at most.
func BenchmarkTry(b *testing.B) {
	open := []unsettled{{hashOf([]byte("a")), 1 << 30}, {hashOf([]byte("b")), 1 << 30}, {hashOf([]byte("c")), 1 << 20}}
	saved := part{1 << 20, hashOf([]byte("another"))}
	var s search
	for b.Loop() {
		s.tried = 0
		if s.decide(saved, open) != no {
			b.Fatal("found")
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(1<<20), "ns/try")
}
