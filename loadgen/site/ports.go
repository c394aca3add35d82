package site

import (
	"fmt"
	"net/netip"
)

// portsLooked is which part of the ports of one source address may be asked for
// without a look at which are in use: one in eight.
const portsLooked = 8

// widest is how many ports there can be to dial from: those below 1,024 are not
// for that.
const widest = 1<<16 - 1024

// addressFault judges the source addresses: the first that can't be used.
func (d Demand) addressFault(m means) error {
	for _, a := range d.LocalAddrs {
		a = a.Unmap()
		if len(m.destinations) > 0 && len(m.reach(a)) == 0 {
			return fmt.Errorf("--local-addr %v is of another version of IP than the target's address, %v: give addresses of the same",
				a, m.destinations[0].Addr())
		}
		if a.IsLoopback() && len(m.destinations) > 0 && !m.own {
			return fmt.Errorf("--local-addr %v leads nowhere but to this machine, and the target is at %v: give addresses of this machine's network interfaces",
				a, m.destinations[0].Addr())
		}
		if err := m.bind(a); err != nil {
			return fmt.Errorf("--local-addr %v can't be used on this machine (%w): give addresses that its network interfaces have; on Linux loopback has all that begin with 127, elsewhere each must be added to it first",
				a, err)
		}
	}
	return nil
}

// portsFault judges the ports of the source address that has the fewest left.
func (d Demand) portsFault(m means) error {
	if m.ports == 0 || len(m.destinations) == 0 {
		return nil
	}
	destination := m.destinations[0]
	chosen, ok := m.source(destination.Addr())
	if !ok && len(d.LocalAddrs) == 0 {
		return nil // no way leads there, as dialing will tell
	}
	sources := d.sources(chosen)
	share := d.share(len(sources))
	if share <= m.ports/portsLooked {
		return nil
	}
	inUse := make(map[netip.AddrPort]map[netip.Addr]int)
	for _, to := range m.destinations {
		inUse[to], _ = m.portsInUse(to)
	}
	for _, from := range sources {
		there, used := m.reach(from), 0
		for _, to := range there {
			used += min(m.ports, inUse[to][from.Unmap().WithZone("")])
		}
		if left := len(there)*m.ports - used; share > left && len(there) > 0 {
			taken := ""
			if used > 0 {
				taken = fmt.Sprintf(", of which %s are in use", count(used))
			}
			return fmt.Errorf("%s connections from one source address, %v, to %v take as many ports, and there are %s%s: %s",
				count(share), from, destination, count(len(there)*m.ports), taken, d.morePorts(m, destination.Addr(), share))
		}
	}
	return nil
}

// morePorts says what to change when share connections from one source address
// are too many.
func (d Demand) morePorts(m means, destination netip.Addr, share int) string {
	others := "or ask for fewer clients"
	if m.ports < widest && share <= widest {
		others = `widen the range with sysctl -w net.ipv4.ip_local_port_range="1024 65535", or ask for fewer clients`
	}
	n := max((d.Connections+m.ports-1)/m.ports, len(d.LocalAddrs)+1, 2)
	switch {
	case destination.Is4() && destination.IsLoopback() && n < 250:
		return fmt.Sprintf("give %d source addresses, --local-addr 127.0.0.2-127.0.0.%d, %s", n, n+1, others)
	case destination.IsLoopback():
		return "reach the target at 127.0.0.1 and give source addresses, as in --local-addr 127.0.0.0/28, " + others
	default:
		return fmt.Sprintf("give %d source addresses of this machine, --local-addr for each, %s", n, others)
	}
}

// reach returns the destinations that can be reached from an address: those of
// the same version of IP.
func (m means) reach(from netip.Addr) []netip.AddrPort {
	var there []netip.AddrPort
	for _, to := range m.destinations {
		if to.Addr().Is4() == from.Unmap().Is4() {
			there = append(there, to)
		}
	}
	return there
}
