package gate

import (
	"net/netip"
	"runtime"
	"testing"
)

// What entering and leaving costs one address that is never too fast.
func BenchmarkEnter(b *testing.B) {
	g := New(Limits{Connections: 10, PerAddress: 10, NewPerAddress: 1e12})
	from := netip.MustParseAddr("192.0.2.1")
	b.ReportAllocs()
	for b.Loop() {
		leave, refused := g.Enter(from)
		if refused != nil {
			b.Fatal(refused.Reason)
		}
		leave()
	}
}

// The memory of an address that is remembered.
func BenchmarkAddress(b *testing.B) {
	const addresses = 50_000
	for b.Loop() {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		g := New(Limits{PerAddress: 1, NewPerAddress: 1e-3})
		from := netip.MustParseAddr("10.0.0.0")
		for range addresses {
			leave, refused := g.Enter(from)
			if refused != nil {
				b.Fatal(refused.Reason)
			}
			leave()
			from = from.Next()
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		runtime.KeepAlive(g)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/addresses, "B/address")
	}
}

func BenchmarkAuthorized(b *testing.B) {
	a := Access{Token: "0123456789abcdef0123456789abcdef"}
	r := request("", "Authorization: Bearer "+a.Token)
	b.ReportAllocs()
	for b.Loop() {
		if refused := a.Authorized(r); refused != nil {
			b.Fatal(refused.Reason)
		}
	}
}
