package budget

import (
	"sync/atomic"
	"testing"
	"time"
)

// What a message costs while there is room: begin, reserve, release.
func BenchmarkMessage(b *testing.B) {
	budget := New(1 << 30)
	lease := budget.Lease()
	b.ReportAllocs()
	for b.Loop() {
		lease.Begin(1)
		if err := lease.Reserve(100_000, nil, nil); err != nil {
			b.Fatal(err)
		}
		lease.Release()
	}
}

// The same from all processors at once, on one budget.
func BenchmarkMessageParallel(b *testing.B) {
	budget := New(1 << 30)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		lease := budget.Lease()
		for pb.Next() {
			lease.Begin(1)
			if err := lease.Reserve(100_000, nil, nil); err != nil {
				b.Fatal(err)
			}
			lease.Release()
		}
	})
}

// The slow path: more messages than there is room for.
func BenchmarkMessageContended(b *testing.B) {
	budget := New(100_000)
	var clock atomic.Int64
	b.ReportAllocs()
	b.SetParallelism(8)
	b.RunParallel(func(pb *testing.PB) {
		lease := budget.Lease()
		for pb.Next() {
			lease.Begin(time.Duration(clock.Add(1)))
			if err := lease.Reserve(60_000, nil, nil); err != nil {
				b.Fatal(err)
			}
			if err := lease.Reserve(60_000, nil, nil); err != nil {
				b.Fatal(err)
			}
			lease.Release()
		}
	})
}
