package site

import "testing"

func TestCount(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 20_001: "20,001", 1_000_000: "1,000,000"} {
		if got := count(n); got != want {
			t.Errorf("count(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestPerSecond(t *testing.T) {
	for n, want := range map[float64]string{0.25: "0.25", 999: "999", 1333.4: "1,333", 30_000: "30,000"} {
		if got := perSecond(n); got != want {
			t.Errorf("perSecond(%g) = %q, want %q", n, got, want)
		}
	}
}
