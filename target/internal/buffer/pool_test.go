package buffer

import (
	"bytes"
	"runtime"
	"testing"
)

func TestGetHoldsWhatWasAskedFor(t *testing.T) {
	p := NewPool(10*Smallest, 0)
	for _, tc := range []struct {
		name     string
		n        int
		min, max int // of the capacity
	}{
		{"nothing", 0, 1, Smallest + slack},
		{"one byte", 1, 1, Smallest + slack},
		{"exactly the smallest", Smallest, Smallest, Smallest + slack},
		{"one more than the smallest", Smallest + 1, Smallest + 1, 2*Smallest + slack},
		{"exactly a power of two", 4 * Smallest, 4 * Smallest, 4*Smallest + slack},
		{"the largest", 10 * Smallest, 10 * Smallest, 10*Smallest + slack},
		{"more than the largest", 11 * Smallest, 10 * Smallest, 10*Smallest + slack},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := p.Get(tc.n)
			defer p.Put(b)
			if got := p.Capacity(tc.n); got != cap(b.Bytes) {
				t.Errorf("Capacity(%d): got %d, want the buffer's, %d", tc.n, got, cap(b.Bytes))
			}
			if len(b.Bytes) != 0 {
				t.Errorf("got a buffer with %d bytes in it, want an empty one", len(b.Bytes))
			}
			if c := cap(b.Bytes); c < tc.min || c > tc.max {
				t.Errorf("Get(%d) has room for %d bytes, want %d to %d", tc.n, c, tc.min, tc.max)
			}
		})
	}
}

func TestGrowKeepsTheContentAndStopsAtTheLargest(t *testing.T) {
	p := NewPool(3*Smallest, 0)
	b := p.Get(0)
	want := bytes.Repeat([]byte("wsimg"), Smallest/5)
	b.Bytes = append(b.Bytes, want...)
	for _, most := range []int{2*Smallest + slack, 3*Smallest + slack, 3*Smallest + slack} {
		if got := p.Grown(b); got != most {
			t.Errorf("Grown: got %d, want %d", got, most)
		}
		b = p.Grow(b)
		if got := cap(b.Bytes); got != most {
			t.Errorf("capacity after Grow: got %d, want %d", got, most)
		}
		if !bytes.Equal(b.Bytes, want) {
			t.Fatalf("content changed at capacity %d", cap(b.Bytes))
		}
	}
}

func TestKeepsNoMoreThanItMay(t *testing.T) {
	p := NewPool(8*Smallest, 5*Smallest)
	const each = 2*Smallest + slack
	lent := []*Buffer{p.Get(2 * Smallest), p.Get(2 * Smallest), p.Get(2 * Smallest)}
	for _, b := range lent {
		p.Put(b)
	}
	if got := p.Kept(); got != 2*each {
		t.Errorf("three buffers given back: got %d bytes kept, want those of two, %d", got, 2*each)
	}
}

func TestWhatTheCollectorTakesIsNotKept(t *testing.T) {
	p := NewPool(Smallest, 100*Smallest)
	for range 5 {
		p.Put(p.Get(1))
	}
	p.Get(1) // lent and never given back: it doesn't count
	for range 1000 {
		if p.Kept() == 0 {
			return
		}
		runtime.GC()
		runtime.Gosched() // cleanups have a goroutine of their own
	}
	t.Errorf("got %d bytes kept after many collections, want none", p.Kept())
}

func BenchmarkGetPut(b *testing.B) {
	p := NewPool(64<<20, 1<<20)
	b.ReportAllocs()
	for b.Loop() {
		p.Put(p.Get(100_000))
	}
}
