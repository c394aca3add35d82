package machine

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"time"
)

// resolveTimeout bounds Resolve. A name that takes longer gets its error from
// dialing it.
const resolveTimeout = 2 * time.Second

// Resolve returns the addresses of host, a name or an address without port or
// brackets, in the order that a dial tries them. A name is looked up, for at
// most 2 s; one that can't be resolved has no addresses.
func Resolve(ctx context.Context, host string) []netip.Addr {
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{a.Unmap()}
	}
	ctx, cancel := context.WithTimeout(ctx, resolveTimeout)
	defer cancel()
	addrs, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil
	}
	for i, a := range addrs {
		addrs[i] = a.Unmap()
	}
	return addrs
}

// Local reports whether one of addrs is this machine: loopback, or an address
// of one of its interfaces. Both ends of a test then share its cores.
//
// It can't look behind a port: a forwarded one (ssh -L, a published container
// port) may lead elsewhere, and a container with its own address on this
// machine is not seen as local.
func Local(addrs []netip.Addr) bool {
	own := interfaceAddrs()
	return slices.ContainsFunc(addrs, func(a netip.Addr) bool { return isLocal(a, own) })
}

// isLocal reports whether a is this machine, whose addresses are own. Dialing
// the unspecified address reaches it too.
func isLocal(a netip.Addr, own map[netip.Addr]bool) bool {
	return a.IsLoopback() || a.IsUnspecified() || own[plain(a)]
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

// plain makes addresses comparable.
func plain(a netip.Addr) netip.Addr { return a.Unmap().WithZone("") }
