package machine

import (
	"context"
	"net"
	"net/netip"
	"time"
)

// resolveTimeout bounds the name look-up of Local. A name that takes longer
// gets its error from dialing it.
const resolveTimeout = 2 * time.Second

// Local reports whether host, a name or an address without port or brackets,
// is this machine: loopback, or an address of one of its interfaces. Both ends
// of a test then share its cores. A name is looked up, for at most 2 s; one
// that can't be resolved is not local.
//
// It can't look behind a port: a forwarded one (ssh -L, a published container
// port) may lead elsewhere, and a container with its own address on this
// machine is not seen as local.
func Local(ctx context.Context, host string) bool {
	addrs, err := resolve(ctx, host)
	if err != nil {
		return false
	}
	own := interfaceAddrs()
	for _, a := range addrs {
		// Dialing the unspecified address reaches this machine.
		if a.IsLoopback() || a.IsUnspecified() || own[a] {
			return true
		}
	}
	return false
}

// resolve returns the addresses of host, comparable: unmapped, without zone.
func resolve(ctx context.Context, host string) ([]netip.Addr, error) {
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{plain(a)}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, resolveTimeout)
	defer cancel()
	addrs, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	for i := range addrs {
		addrs[i] = plain(addrs[i])
	}
	return addrs, err
}

// interfaceAddrs returns the addresses of this machine's interfaces, empty
// when the system doesn't tell.
func interfaceAddrs() map[netip.Addr]bool {
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return nil
	}
	own := make(map[netip.Addr]bool, len(addrs))
	for _, a := range addrs {
		if n, ok := a.(*net.IPNet); ok {
			if ip, ok := netip.AddrFromSlice(n.IP); ok {
				own[plain(ip)] = true
			}
		}
	}
	return own
}

func plain(a netip.Addr) netip.Addr { return a.Unmap().WithZone("") }
