package machine

import (
	"net"
	"net/netip"
	"testing"
)

func addrs(s ...string) []netip.Addr {
	var all []netip.Addr
	for _, a := range s {
		all = append(all, netip.MustParseAddr(a))
	}
	return all
}

func TestNetworkToLoopback(t *testing.T) {
	for name, to := range map[string][]netip.Addr{
		"the usual address":       addrs("127.0.0.1"),
		"another in its network":  addrs("127.8.9.10"),
		"of version 6":            addrs("::1"),
		"the unspecified address": addrs("0.0.0.0"),
	} {
		got := Network(to)
		if got == nil || !got.Loopback || got.MTU < 1280 || got.Interface == "" {
			t.Errorf("%s: got %+v, want loopback", name, got)
		}
	}
}

// What goes to an own address never reaches the card that has it.
func TestNetworkToOwnAddressIsLoopback(t *testing.T) {
	for a := range interfaceAddrs() {
		if got := Network([]netip.Addr{a}); got == nil || !got.Loopback {
			t.Errorf("%v: got %+v, want loopback", a, got)
		}
	}
}

func TestNetworkToElsewhere(t *testing.T) {
	to := netip.MustParseAddr("198.51.100.1") // RFC 5737: documentation only
	source, ok := Source(to)
	if !ok {
		if got := Network([]netip.Addr{to}); got != nil {
			t.Errorf("without a route: got %+v, want nil", got)
		}
		t.Skip("no route leads out of this machine")
	}
	got := Network([]netip.Addr{to})
	if got == nil || got.Loopback {
		t.Fatalf("got %+v, want the interface that has %v", got, source)
	}
	i, err := net.InterfaceByName(got.Interface)
	if err != nil || i.MTU != got.MTU || !has(*i, source) {
		t.Errorf("got %+v, which is not the interface that has %v (%v)", got, source, err)
	}
}

func TestNetworkOfNothing(t *testing.T) {
	if got := Network(nil); got != nil {
		t.Errorf("got %+v, want nil", got)
	}
	if got := Network([]netip.Addr{{}}); got != nil {
		t.Errorf("no address at all: got %+v, want nil", got)
	}
}

// Which of several addresses is taken must not depend on those after it.
func TestNetworkTakesTheFirstThatHasARoute(t *testing.T) {
	// A link-local address without its zone leads nowhere.
	if got := Network(addrs("fe80::1", "127.0.0.1", "198.51.100.1")); got == nil || !got.Loopback {
		t.Errorf("got %+v, want loopback behind an address without a route", got)
	}
}
