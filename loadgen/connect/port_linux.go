package connect

import "golang.org/x/sys/unix"

// latePort has the port of a socket chosen when it connects, not when its
// address is bound: then one port may serve connections to several
// destinations, and the search for a free one knows where it leads
// (IP_BIND_ADDRESS_NO_PORT, ip(7), Linux 4.2; for IPv6 too). An older kernel
// goes on without.
func latePort(fd uintptr) {
	_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_IP, unix.IP_BIND_ADDRESS_NO_PORT, 1)
}
