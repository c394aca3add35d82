package yardstick

import (
	"testing"
	"time"
)

// BenchmarkEcho measures what 16 clients get from a server in a process of its
// own; messages/s is what wsimg is held against. An iteration is a block.
//
//	go test -run '^$' -bench Echo -benchtime 20x ./cmd/wsimg/internal/yardstick
func BenchmarkEcho(b *testing.B) {
	for _, c := range []struct {
		name string
		size int
	}{
		{"10KB", 10_000},
		{"100KB", 100_000},
		{"133336B", 133_336}, // 100 KB as Base64
		{"1MB", 1_000_000},
		{"1333336B", 1_333_336},
	} {
		b.Run("size="+c.name, func(b *testing.B) {
			const clients = 16
			fleet, err := Dial(b.Context(), startChild(b), clients, Messages(c.size, 1))
			if err != nil {
				b.Fatal(err)
			}
			defer fleet.Close()
			const warmup, block = 2 * time.Second, 200 * time.Millisecond
			if _, err := fleet.Run(b.Context(), warmup); err != nil {
				b.Fatal(err)
			}
			var total Block
			for b.Loop() {
				got, err := fleet.Run(b.Context(), block)
				if err != nil {
					b.Fatal(err)
				}
				total.Messages += got.Messages
				total.Seconds += got.Seconds
			}
			b.ReportMetric(total.Messages/total.Seconds, "messages/s")
			b.ReportMetric(total.Messages*float64(c.size)/total.Seconds/1e6, "MB/s")
			b.ReportMetric(0, "ns/op")
		})
	}
}
