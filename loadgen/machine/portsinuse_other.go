//go:build !linux

package machine

import "net/netip"

// PortsInUse returns how many ports of this machine are in use for connections
// to one destination, by source address; ok is false, for only Linux is asked.
func PortsInUse(netip.AddrPort) (n map[netip.Addr]int, ok bool) { return nil, false }
