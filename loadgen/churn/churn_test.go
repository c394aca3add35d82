package churn

import (
	"math/rand/v2"
	"testing"
	"time"
)

func TestLifetimeIsImagesOrTime(t *testing.T) {
	for _, c := range []struct {
		in   string
		want Lifetime
	}{
		{"50", Lifetime{Images: 50}},
		{"30s", Lifetime{Time: 30 * time.Second}},
		{"1m30s", Lifetime{Time: 90 * time.Second}},
	} {
		got, err := ParseLifetime(c.in)
		if err != nil || got != c.want {
			t.Errorf("%s: got %+v, %v, want %+v", c.in, got, err, c.want)
		}
		if again, err := ParseLifetime(got.String()); again != got || err != nil {
			t.Errorf("%s: what it prints, %q, reads as %+v, %v", c.in, got, again, err)
		}
	}
	for _, in := range []string{"", "0", "-1", "0s", "-3s", "50 images", "1.5"} {
		if got, err := ParseLifetime(in); err == nil {
			t.Errorf("%q: got %+v, want an error", in, got)
		}
	}
}

func TestBackoffDoublesUpToItsMost(t *testing.T) {
	b := Backoff{Base: 100 * time.Millisecond, Most: time.Second}
	for failures, want := range []time.Duration{100, 200, 400, 800, 1000, 1000} {
		if got := b.Bound(failures); got != want*time.Millisecond {
			t.Errorf("after %d failures: got %v, want %v", failures, got, want*time.Millisecond)
		}
	}
	if got := (Backoff{Base: 1, Most: 1<<63 - 1}).Bound(1 << 20); got != 1<<63-1 {
		t.Errorf("after very many failures: got %v, want the most", got)
	}
}

// TestWaitsAreSpreadOverAllOfTheBound is the full in full jitter: a client may
// come at once, and the clients of one outage come evenly.
func TestWaitsAreSpreadOverAllOfTheBound(t *testing.T) {
	b, random := Backoff{Base: time.Second, Most: 8 * time.Second}, rand.New(rand.NewPCG(1, 2))
	var quarters [4]int
	const n = 40_000
	for range n {
		w := b.Wait(3, random)
		if w < 0 || w > 8*time.Second {
			t.Fatalf("wait of %v, want 0 to 8 s", w)
		}
		quarters[min(3, int(w/(2*time.Second)))]++
	}
	for i, got := range quarters {
		if got < n/4*95/100 || got > n/4*105/100 {
			t.Errorf("quarter %d of the bound has %d of %d waits, want a fourth", i, got, n)
		}
	}
}

func TestBackoffIsReadAsItIsPrinted(t *testing.T) {
	if got, err := ParseBackoff("250ms..10s"); err != nil || got != (Backoff{250 * time.Millisecond, 10 * time.Second}) {
		t.Errorf("got %v, %v", got, err)
	}
	if got, err := ParseBackoff(DefaultBackoff().String()); err != nil || got != DefaultBackoff() {
		t.Errorf("the default reads as %v, %v", got, err)
	}
	for _, in := range []string{"", "1s", "1s..", "..1s", "2s..1s", "0..1s", "-1s..1s", "1s..2s..3s", "a..b"} {
		if got, err := ParseBackoff(in); err == nil {
			t.Errorf("%q: got %v, want an error", in, got)
		}
	}
}
