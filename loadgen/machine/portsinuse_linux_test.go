package machine

import (
	"encoding/binary"
	"net"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var compareAddrs = cmpopts.EquateComparable(netip.Addr{}, netip.AddrPort{})

func TestCountPorts(t *testing.T) {
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		t.Skip("the table is of a little-endian machine")
	}
	const version4 = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:2328 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 8711 1 0000000000000000 100 0 0 10 0
   1: 0100007F:D2A6 0100007F:2328 01 00000000:00000000 00:00000000 00000000     0        0 8712 1
   2: 0100007F:D2A8 0100007F:2328 02 00000000:00000000 01:00000000 00000000     0        0 8713 1
   3: 0200007F:D2A6 0100007F:2328 01 00000000:00000000 00:00000000 00000000     0        0 8714 1
   4: 0100007F:D2AA 0100007F:2328 06 00000000:00000000 03:00000B4A 00000000     0        0 0 3
   5: 0100007F:2328 0100007F:D2A6 01 00000000:00000000 00:00000000 00000000     0        0 8715 1
   6: 0100007F:D2AC 0100007F:2329 01 00000000:00000000 00:00000000 00000000     0        0 8716 1
   7: torn
`
	const version6 = `  sl  local_address                         remote_address                        st
   0: B80D0120000000000000000001000000:C350 B80D0120000000000000000002000000:01BB 01 0 0
   1: 0000000000000000FFFF00000100007F:C350 0000000000000000FFFF00000100007F:2328 01 0 0
`
	for name, c := range map[string]struct {
		table, destination string
		want               map[netip.Addr]int
	}{
		"two sources":       {version4, "127.0.0.1:9000", map[netip.Addr]int{netip.MustParseAddr("127.0.0.1"): 2, netip.MustParseAddr("127.0.0.2"): 1}},
		"another port":      {version4, "127.0.0.1:9001", map[netip.Addr]int{netip.MustParseAddr("127.0.0.1"): 1}},
		"nobody":            {version4, "192.0.2.1:9000", nil},
		"version 6":         {version6, "[2001:db8::2]:443", map[netip.Addr]int{netip.MustParseAddr("2001:db8::1"): 1}},
		"with a zone":       {version6, "[2001:db8::2%eth0]:443", map[netip.Addr]int{netip.MustParseAddr("2001:db8::1"): 1}},
		"version 4 mapped":  {version6, "127.0.0.1:9000", map[netip.Addr]int{netip.MustParseAddr("127.0.0.1"): 1}},
		"an empty table":    {"", "127.0.0.1:9000", nil},
		"what is no table":  {"no\nsuch file", "127.0.0.1:9000", nil},
		"the listening one": {version4, "0.0.0.0:0", nil},
	} {
		got := countPorts(strings.NewReader(c.table), netip.MustParseAddrPort(c.destination))
		if diff := cmp.Diff(c.want, got, compareAddrs, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestPortsInUse holds what the kernel prints against connections of our own.
func TestPortsInUse(t *testing.T) {
	for _, host := range []string{"127.0.0.1", "::1"} {
		listener, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
		if err != nil {
			t.Logf("%s: %v", host, err)
			continue
		}
		defer listener.Close()
		destination := listener.Addr().(*net.TCPAddr).AddrPort()
		for range 3 {
			conn, err := net.Dial("tcp", destination.String())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
		}
		got, ok := PortsInUse(destination)
		if want := map[netip.Addr]int{netip.MustParseAddr(host): 3}; !ok || !cmp.Equal(got, want, compareAddrs) {
			t.Errorf("%s: got %v, %v, want %v", host, got, ok, want)
		}
	}
}
