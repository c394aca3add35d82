package gate

import (
	"net/http"
	"net/netip"
)

// networkBits is how much of an IPv6 address counts: what one customer gets
// (RFC 6177).
const networkBits = 64

// Remote returns the address that a request came from, the zero Addr if its
// server doesn't know: all such count as one.
func Remote(r *http.Request) netip.Addr {
	return remote(r.RemoteAddr)
}

// remote returns the address in host:port.
func remote(hostport string) netip.Addr {
	ap, err := netip.ParseAddrPort(hostport)
	if err != nil {
		return netip.Addr{}
	}
	return ap.Addr()
}

// sourceOf returns what an address is counted as, and whether it is exempt from
// that.
func sourceOf(addr netip.Addr) (source netip.Addr, exempt bool) {
	addr = addr.Unmap()
	if addr.IsLoopback() {
		return addr, true
	}
	if addr.Is6() {
		if network, err := addr.Prefix(networkBits); err == nil {
			addr = network.Addr() // without its zone, too
		}
	}
	return addr, false
}
