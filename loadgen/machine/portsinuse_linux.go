package machine

import (
	"bufio"
	"encoding/binary"
	"encoding/hex"
	"io"
	"net/netip"
	"os"
	"strconv"
	"strings"
)

// PortsInUse returns how many ports of this machine are in use for connections
// to one destination, by source address. Those that wait to be forgotten by the
// kernel (TIME-WAIT) are left out: they are gone in a minute at most, and
// loopback uses them again at once. It reads the kernel's table of connections,
// some microseconds for each. Source: proc_net_tcp of the kernel's documentation.
func PortsInUse(destination netip.AddrPort) (n map[netip.Addr]int, ok bool) {
	table := "/proc/net/tcp"
	if plain(destination.Addr()).Is6() {
		table = "/proc/net/tcp6"
	}
	f, err := os.Open(table)
	if err != nil {
		return nil, false
	}
	defer f.Close()
	return countPorts(f, destination), true
}

// What the table calls two states of a connection that has no port to itself.
const (
	timeWait  = "06"
	listening = "0A"
)

// countPorts counts the lines of a table that lead to a destination, by source
// address: "0: 0100007F:D2A6 0100007F:2328 01 …".
func countPorts(table io.Reader, destination netip.AddrPort) map[netip.Addr]int {
	destination = netip.AddrPortFrom(plain(destination.Addr()), destination.Port())
	n := make(map[netip.Addr]int)
	lines := bufio.NewScanner(table)
	for lines.Scan() {
		f := strings.Fields(lines.Text())
		if len(f) < 4 || f[3] == timeWait || f[3] == listening {
			continue
		}
		if remote, ok := parseEnd(f[2]); !ok || remote != destination {
			continue
		}
		if local, ok := parseEnd(f[1]); ok {
			n[local.Addr()]++
		}
	}
	return n
}

// parseEnd reads an address and port as the kernel prints them: the port as a
// number, the address as one, or as four, of 32 bits each, of this machine's
// byte order.
func parseEnd(s string) (end netip.AddrPort, ok bool) {
	address, port, _ := strings.Cut(s, ":")
	words, err := hex.DecodeString(address)
	number, errPort := strconv.ParseUint(port, 16, 16)
	if err != nil || errPort != nil || len(words)%4 != 0 {
		return netip.AddrPort{}, false
	}
	for i := 0; i < len(words); i += 4 {
		binary.NativeEndian.PutUint32(words[i:], binary.BigEndian.Uint32(words[i:]))
	}
	addr, ok := netip.AddrFromSlice(words)
	return netip.AddrPortFrom(plain(addr), uint16(number)), ok
}
