package connect

import (
	"net"
	"net/netip"
	"testing"

	"golang.org/x/sys/unix"
)

// option asks the kernel for an option of a connection's socket.
func option(t *testing.T, c net.Conn, level, name int) (value int) {
	t.Helper()
	raw, err := c.(*net.TCPConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var asked error
	if err := raw.Control(func(fd uintptr) { value, asked = unix.GetsockoptInt(int(fd), level, name) }); err != nil || asked != nil {
		t.Fatal(err, asked)
	}
	return value
}

func TestSocketsAreSetUp(t *testing.T) {
	for name, tt := range map[string]struct {
		local    []netip.Addr
		rcvbuf   int
		latePort int
	}{
		"as it is":                {nil, 0, 0},
		"a receive buffer":        {nil, 100_000, 0},
		"a local address":         {addrsOf("127.0.0.1"), 0, 1},
		"a local address and one": {addrsOf("127.0.0.1"), 100_000, 1},
	} {
		ws, _, err := New(Settings{URL: serve(t, accepting), LocalAddrs: tt.local, Rcvbuf: tt.rcvbuf}).Dial(t.Context(), 0, nil)
		if err != nil {
			t.Fatal(err)
		}
		c := ws.NetConn()
		// The kernel doubles what is asked for, for its own bookkeeping (socket(7)).
		if got := option(t, c, unix.SOL_SOCKET, unix.SO_RCVBUF); (got == 2*tt.rcvbuf) != (tt.rcvbuf > 0) {
			t.Errorf("%s: a receive buffer of %d bytes, want twice %d", name, got, tt.rcvbuf)
		}
		if got := option(t, c, unix.IPPROTO_IP, unix.IP_BIND_ADDRESS_NO_PORT); got != tt.latePort {
			t.Errorf("%s: the port was chosen late: %d, want %d", name, got, tt.latePort)
		}
		if got := option(t, c, unix.IPPROTO_TCP, unix.TCP_KEEPIDLE); got != 45 {
			t.Errorf("%s: kept alive after %d s, want 45", name, got)
		}
		ws.Close()
	}
}

func TestPortsOfIPv6AreChosenLate(t *testing.T) {
	l, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		t.Skip("no IPv6 here: ", err)
	}
	defer l.Close()
	c, err := newTransport(Settings{LocalAddrs: addrsOf("::1")}).open(t.Context(), "tcp", l.Addr().String(), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if got := option(t, c, unix.IPPROTO_IP, unix.IP_BIND_ADDRESS_NO_PORT); got != 1 {
		t.Errorf("the port was chosen late: %d, want 1", got)
	}
}
