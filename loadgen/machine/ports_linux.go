package machine

import (
	"os"
	"strconv"
	"strings"
)

// EphemeralPorts returns how many local ports there are to dial from: the most
// connections that one source address can have to one destination address and
// port. It is a bound: ports in use or reserved are not taken off.
// Source: net.ipv4.ip_local_port_range, which holds for IPv6 too.
func EphemeralPorts() (n int, ok bool) {
	b, err := os.ReadFile("/proc/sys/net/ipv4/ip_local_port_range")
	if err != nil {
		return 0, false
	}
	return parsePorts(string(b))
}

// parsePorts counts the ports from the first number in s to the second, both
// included.
func parsePorts(s string) (n int, ok bool) {
	f := strings.Fields(s)
	if len(f) != 2 {
		return 0, false
	}
	low, errLow := strconv.ParseUint(f[0], 10, 16)
	high, errHigh := strconv.ParseUint(f[1], 10, 16)
	if errLow != nil || errHigh != nil || low > high {
		return 0, false
	}
	return int(high-low) + 1, true
}
