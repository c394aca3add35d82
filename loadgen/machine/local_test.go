package machine

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"testing"
)

func TestLocal(t *testing.T) {
	for host, want := range map[string]bool{
		"127.0.0.1":        true,
		"127.8.9.10":       true,
		"::1":              true,
		"::ffff:127.0.0.1": true,
		"0.0.0.0":          true,
		"localhost":        true,
		"192.0.2.1":        false, // RFC 5737: documentation only
		"2001:db8::1":      false, // RFC 3849
		"":                 false,
		"no such host":     false,
	} {
		if got := Local(Resolve(t.Context(), host)); got != want {
			t.Errorf("%q: got %v, want %v", host, got, want)
		}
	}
}

func TestLocalKnowsTheInterfaces(t *testing.T) {
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		t.Skip(err)
	}
	for _, a := range addrs {
		if n, ok := a.(*net.IPNet); ok && !Local(Resolve(t.Context(), n.IP.String())) {
			t.Errorf("%v: got false for an own address", n.IP)
		}
	}
}

func TestResolve(t *testing.T) {
	for host, want := range map[string][]netip.Addr{
		"192.0.2.1":        {netip.MustParseAddr("192.0.2.1")},
		"::ffff:192.0.2.1": {netip.MustParseAddr("192.0.2.1")},
		"fe80::1%lo":       {netip.MustParseAddr("fe80::1%lo")}, // without its zone it has no route
		"":                 nil,
		"no such host":     nil,
	} {
		if got := Resolve(t.Context(), host); !slices.Equal(got, want) {
			t.Errorf("%q: got %v, want %v", host, got, want)
		}
	}
}

func TestResolveEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got := Resolve(ctx, "unresolved.example"); got != nil {
		t.Errorf("got %v for a name nobody looked up", got)
	}
}
