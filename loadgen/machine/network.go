package machine

import (
	"net"
	"net/netip"
	"slices"

	"github.com/wsimg/wsimg/loadgen/record"
)

// Network returns the interface that leads to the first of addrs that has a
// route, which is where a dial goes unless that address refuses; nil when
// there is none or the system doesn't tell. Nothing is sent.
//
// The trap: what goes to an address of one's own, even that of a network card,
// never reaches the card. It goes over loopback.
func Network(addrs []netip.Addr) *record.Network {
	own := interfaceAddrs()
	for _, a := range addrs {
		if isLocal(a, own) {
			return describe(func(i net.Interface) bool { return i.Flags&net.FlagLoopback != 0 })
		}
		if source, ok := Source(a); ok {
			return describe(func(i net.Interface) bool { return has(i, source) })
		}
	}
	return nil
}

// Source returns the address of this machine that packets to a would come
// from; ok is false when no route leads there. Connecting a UDP socket looks
// the route up and sends nothing.
func Source(a netip.Addr) (source netip.Addr, ok bool) {
	if !a.IsValid() { // net would take it for this machine
		return source, false
	}
	const anyPort = 9
	c, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(netip.AddrPortFrom(a, anyPort)))
	if err != nil {
		return source, false
	}
	defer c.Close()
	return plain(c.LocalAddr().(*net.UDPAddr).AddrPort().Addr()), true
}

// describe returns the first interface in use that is the one looked for.
func describe(is func(net.Interface) bool) *record.Network {
	all, err := net.Interfaces()
	if err != nil {
		return nil
	}
	for _, i := range all {
		if i.Flags&net.FlagUp != 0 && is(i) {
			return &record.Network{Interface: i.Name, Loopback: i.Flags&net.FlagLoopback != 0, MTU: i.MTU}
		}
	}
	return nil
}

// has reports whether i has the address a.
func has(i net.Interface, a netip.Addr) bool {
	addrs, err := i.Addrs()
	return err == nil && slices.ContainsFunc(addrs, func(b net.Addr) bool {
		n, ok := b.(*net.IPNet)
		if !ok {
			return false
		}
		ip, ok := netip.AddrFromSlice(n.IP)
		return ok && plain(ip) == a
	})
}
