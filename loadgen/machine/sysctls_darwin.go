package machine

import (
	"strconv"

	"golang.org/x/sys/unix"
)

// sysctls returns the kernel's settings that bear on a run: how many
// connections can be opened, and how much of a message is under way at once.
func sysctls() map[string]string {
	found := make(map[string]string)
	for _, name := range []string{
		"kern.ipc.maxsockbuf",
		"kern.ipc.somaxconn",
		"net.inet.ip.portrange.first",
		"net.inet.ip.portrange.last",
		"net.inet.tcp.autorcvbufmax",
		"net.inet.tcp.autosndbufmax",
		"net.inet.tcp.delayed_ack",
		"net.inet.tcp.recvspace",
		"net.inet.tcp.sendspace",
	} {
		if n, err := unix.SysctlUint32(name); err == nil {
			found[name] = strconv.FormatUint(uint64(n), 10)
		}
	}
	return found
}
