package site

import (
	"errors"
	"net/netip"
	"strings"
	"testing"

	"github.com/wsimg/wsimg/loadgen/machine"
)

// addrs are addresses in one string.
func addrs(s string) []netip.Addr {
	var all []netip.Addr
	for f := range strings.FieldsSeq(s) {
		all = append(all, netip.MustParseAddr(f))
	}
	return all
}

// at is destinations in one string.
func at(s string) []netip.AddrPort {
	var all []netip.AddrPort
	for f := range strings.FieldsSeq(s) {
		all = append(all, netip.MustParseAddrPort(f))
	}
	return all
}

// plenty is a machine that has enough of all, its target on loopback.
func plenty() means {
	return means{
		files: 1 << 20, ports: 28_232, available: 1 << 40, shared: true, own: true,
		destinations: at("127.0.0.1:9000"),
		source:       func(netip.Addr) (netip.Addr, bool) { return netip.MustParseAddr("127.0.0.1"), true },
		portsInUse:   func(netip.AddrPort) (map[netip.Addr]int, bool) { return nil, true },
		bind:         func(netip.Addr) error { return nil },
	}
}

// busy has so many ports of an address in use.
func busy(n int, from string) func(netip.AddrPort) (map[netip.Addr]int, bool) {
	return func(netip.AddrPort) (map[netip.Addr]int, bool) {
		return map[netip.Addr]int{netip.MustParseAddr(from): n}, true
	}
}

func TestWhatThisMachineAllows(t *testing.T) {
	for name, c := range map[string]struct {
		demand Demand
		means  func(*means)
		want   []string // parts of the one sentence; none: it is allowed
	}{
		"one client": {Demand{Connections: 1}, nil, nil},

		"all files that a generator can have":         {Demand{Connections: 19_936}, func(m *means) { m.files = 20_000 }, nil},
		"one more":                                    {Demand{Connections: 19_937}, func(m *means) { m.files = 20_000 }, []string{"19,937 connections take 20,001 open files and", "may have 20,000 here", "ulimit -n 20001", "19,936 connections at most"}},
		"19,000 of both ends and store latest":        {Demand{Connections: 19_000, Bundled: true, Store: "latest"}, func(m *means) { m.files = 20_000 }, nil},
		"all that a bundled target can have":          {Demand{Connections: 19_408, Bundled: true, Store: "latest"}, func(m *means) { m.files = 20_000 }, nil},
		"one more of those":                           {Demand{Connections: 19_409, Bundled: true, Store: "latest"}, func(m *means) { m.files = 20_000 }, []string{"20,001 open files at the bundled target", "19,408 connections at most"}},
		"one more, and the store's default":           {Demand{Connections: 19_409, Bundled: true}, func(m *means) { m.files = 20_000 }, []string{"at the bundled target"}},
		"the same where nothing is saved":             {Demand{Connections: 19_424, Bundled: true, Store: "off"}, func(m *means) { m.files = 20_000 }, nil},
		"no files worth mentioning":                   {Demand{Connections: 16}, func(m *means) { m.files = 20 }, []string{"16 connections take 80 open files", "fewer clients"}},
		"a system without such a limit":               {Demand{Connections: 20_000}, func(m *means) { m.files = 0 }, nil},
		"all ports of one address":                    {Demand{Connections: 28_232}, nil, nil},
		"one port more":                               {Demand{Connections: 28_233}, nil, []string{"28,233 connections from one source address, 127.0.0.1, to 127.0.0.1:9000", "there are 28,232: give", "--local-addr 127.0.0.2-127.0.0.3", "ip_local_port_range"}},
		"three addresses are advised":                 {Demand{Connections: 60_000}, nil, []string{"give 3 source addresses, --local-addr 127.0.0.2-127.0.0.4"}},
		"two addresses have twice as many":            {Demand{Connections: 56_464, LocalAddrs: addrs("127.0.0.2 127.0.0.3")}, nil, nil},
		"two addresses, one more":                     {Demand{Connections: 56_465, LocalAddrs: addrs("127.0.0.2 127.0.0.3")}, nil, []string{"28,233 connections from one source address, 127.0.0.2", "127.0.0.2-127.0.0.4"}},
		"ports that another run has":                  {Demand{Connections: 15_000}, func(m *means) { m.portsInUse = busy(15_000, "127.0.0.1") }, []string{"of which 15,000 are in use", "--local-addr 127.0.0.2-127.0.0.3"}},
		"ports that another address has":              {Demand{Connections: 15_000}, func(m *means) { m.portsInUse = busy(15_000, "127.0.0.2") }, nil},
		"ports in use of the second":                  {Demand{Connections: 40_000, LocalAddrs: addrs("127.0.0.2 127.0.0.3")}, func(m *means) { m.portsInUse = busy(9_000, "127.0.0.3") }, []string{"20,000 connections from one source address, 127.0.0.3"}},
		"a range that can't be wider":                 {Demand{Connections: 65_000}, func(m *means) { m.ports = 64_512 }, []string{"--local-addr 127.0.0.2-127.0.0.3, or ask for fewer clients"}},
		"ports to a target elsewhere":                 {Demand{Connections: 28_233}, func(m *means) { m.destinations, m.own = at("192.0.2.1:443"), false }, []string{"give 2 source addresses of this machine, --local-addr for each"}},
		"a target elsewhere with two addresses":       {Demand{Connections: 56_464}, func(m *means) { m.destinations, m.own = at("192.0.2.1:443 192.0.2.2:443"), false }, nil},
		"its other address is of another version":     {Demand{Connections: 28_233}, func(m *means) { m.destinations, m.own = at("192.0.2.1:443 [2001:db8::1]:443"), false }, []string{"there are 28,232"}},
		"ports on loopback of version 6":              {Demand{Connections: 28_233}, func(m *means) { m.destinations, m.source = at("[::1]:9000"), itself }, []string{"reach the target at 127.0.0.1"}},
		"ports nobody tells of":                       {Demand{Connections: 60_000}, func(m *means) { m.ports = 0 }, nil},
		"a name that is not found":                    {Demand{Connections: 60_000, LocalAddrs: addrs("127.0.0.2")}, func(m *means) { m.destinations = nil }, nil},
		"no way to the target":                        {Demand{Connections: 60_000}, func(m *means) { m.source = func(netip.Addr) (netip.Addr, bool) { return netip.Addr{}, false } }, nil},
		"an address that nobody has here":             {Demand{Connections: 1, LocalAddrs: addrs("127.0.0.2 192.0.2.7")}, func(m *means) { m.bind = onlyLoopback }, []string{"--local-addr 192.0.2.7 can't be used on this machine (no such address)"}},
		"an address of another version":               {Demand{Connections: 1, LocalAddrs: addrs("::1")}, nil, []string{"--local-addr ::1 is of another version of IP than the target's address, 127.0.0.1"}},
		"a mapped address is of version 4":            {Demand{Connections: 1, LocalAddrs: addrs("::ffff:127.0.0.2")}, nil, nil},
		"loopback, and the target elsewhere":          {Demand{Connections: 1, LocalAddrs: addrs("127.0.0.2")}, func(m *means) { m.destinations, m.own = at("192.0.2.1:443"), false }, []string{"--local-addr 127.0.0.2 leads nowhere but to this machine", "192.0.2.1"}},
		"loopback, and the target at a card of ours":  {Demand{Connections: 1, LocalAddrs: addrs("127.0.0.2")}, func(m *means) { m.destinations = at("192.0.2.1:443") }, nil},
		"memory that just suffices for the generator": {Demand{Connections: 1000}, func(m *means) { m.shared, m.available = false, 32<<20+1000*(12<<10) }, nil},
		"a byte less":                                 {Demand{Connections: 1000}, func(m *means) { m.shared, m.available = false, 32<<20+1000*(12<<10)-1 }, []string{"take about 0.05 GB of memory at the generator, and 0.05 GB are available", "fewer clients"}},
		"memory of both ends":                         {Demand{Connections: 1000}, func(m *means) { m.available = 64<<20 + 1000*(25<<10) - 1 }, []string{"at both ends"}},
		"memory of our child, wherever it seems":      {Demand{Connections: 1000, Bundled: true}, func(m *means) { m.shared, m.available = false, 60<<20 }, []string{"at both ends"}},
		"memory nobody tells of":                      {Demand{Connections: 1 << 14, SourceBytes: 1 << 50}, func(m *means) { m.available = 0 }, nil},
	} {
		m := plenty()
		if c.means != nil {
			c.means(&m)
		}
		err := limited("this machine", c.demand.faults(m)...)
		if len(c.want) == 0 {
			if err != nil {
				t.Errorf("%s: got %v, want that it is allowed", name, err)
			}
			continue
		}
		if !errors.Is(err, ErrLimit) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got %v, want one sentence that is ErrLimit", name, err)
			continue
		}
		for _, part := range c.want {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: got %q, want it to say %q", name, err, part)
			}
		}
	}
}

func itself(a netip.Addr) (netip.Addr, bool) { return a, true }

func onlyLoopback(a netip.Addr) error {
	if a.IsLoopback() {
		return nil
	}
	return errors.New("no such address")
}

func TestAllThatIsShortIsTold(t *testing.T) {
	m := plenty()
	m.files, m.available, m.bind = 1000, 1<<20, onlyLoopback
	err := limited("this machine", Demand{Connections: 30_000, LocalAddrs: addrs("192.0.2.7")}.faults(m)...)
	if err == nil {
		t.Fatal("got no error")
	}
	said := err.Error()
	if !strings.HasPrefix(said, "more than this machine allows: ") || strings.Count(said, "\n") != 3 {
		t.Errorf("got %q, want four lines about this machine", said)
	}
	for _, part := range []string{"open files", "--local-addr 192.0.2.7", "ports", "memory"} {
		if !strings.Contains(said, part) {
			t.Errorf("got %q, want it to tell of %s", said, part)
		}
	}
}

// TestAllows asks the machine that it runs on.
func TestAllows(t *testing.T) {
	for name, c := range map[string]struct {
		address string
		demand  Demand
		ok      bool
	}{
		"a client":                         {"ws://127.0.0.1:1/", Demand{Connections: 1, LocalAddrs: addrs("127.0.0.1")}, true},
		"a client of a server with a name": {"ws://localhost/images", Demand{Connections: 1}, true},
		"what is no URL":                   {"ws://:0:not a url", Demand{Connections: 1}, true},
		"an address of nobody":             {"ws://127.0.0.1:1/", Demand{Connections: 1, LocalAddrs: addrs("192.0.2.7")}, false},
	} {
		if err := Allows(t.Context(), c.address, c.demand); (err == nil) != c.ok || err != nil && !errors.Is(err, ErrLimit) {
			t.Errorf("%s: got %v, want ErrLimit: %v", name, err, !c.ok)
		}
	}
	soft, _, ok := machine.OpenFiles()
	if !ok || soft > 1<<30 {
		t.Skip("no limit of open files to meet here")
	}
	if err := Allows(t.Context(), "ws://127.0.0.1:1/", Demand{Connections: int(soft)}); !errors.Is(err, ErrLimit) || !strings.Contains(err.Error(), "open files") {
		t.Errorf("as many connections as files: got %v, want ErrLimit", err)
	}
}

func TestMemoryOfADemand(t *testing.T) {
	const mib, kib = 1 << 20, 1 << 10
	for name, c := range map[string]struct {
		demand            Demand
		generator, target int64
	}{
		"nothing":           {Demand{}, 32 * mib, 32 * mib},
		"idle connections":  {Demand{Connections: 1000}, 32*mib + 12_000*kib, 32*mib + 13_000*kib},
		"with TLS":          {Demand{Connections: 1000, TLS: true}, 32*mib + 28_000*kib, 32*mib + 29_000*kib},
		"with compression":  {Demand{Deflate: true}, 80 * mib, 80 * mib},
		"a source":          {Demand{SourceBytes: 7}, 32*mib + 7, 32 * mib},
		"images in flight":  {Demand{InFlight: 10, ImageBytes: 3000}, 32*mib + 40_000, 32*mib + 80_000},
		"more than it lets": {Demand{InFlight: 1000, ImageBytes: 3_000_000}, 32*mib + 4_000_000_000, 32*mib + 1_000_000_000},
	} {
		if got := c.demand.generatorMemory(); got != c.generator {
			t.Errorf("%s: got %d bytes at the generator, want %d", name, got, c.generator)
		}
		if got := c.demand.targetMemory(); got != c.target {
			t.Errorf("%s: got %d bytes at the target, want %d", name, got, c.target)
		}
	}
}
