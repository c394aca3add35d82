package site

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"

	"github.com/wsimg/wsimg/loadgen/machine"
)

// ErrLimit is what Allows and Admits wrap when the machine or the target does not
// allow what was asked for.
var ErrLimit = errors.New("more than is allowed")

// limitError is sentences about what is not allowed, by whom, each with what to
// change.
type limitError struct {
	who    string
	faults error
}

func (e *limitError) Error() string { return "more than " + e.who + " allows: " + e.faults.Error() }

// Unwrap makes it an ErrLimit.
func (e *limitError) Unwrap() []error { return []error{ErrLimit, e.faults} }

// limited returns an ErrLimit of all the faults there are, nil if there are none.
func limited(who string, faults ...error) error {
	if joined := errors.Join(faults...); joined != nil {
		return &limitError{who, joined}
	}
	return nil
}

// Files that an end has open beside its connections. Those of a bundled target
// are for connections that are no sessions yet, and store latest has to have some
// of its own; see the documentation of the target.
const (
	generatorSpare = 64
	targetSpare    = 64 + 512
	storeLatest    = "latest"
	latestFiles    = 16
)

// Allows finds out, before anything is dialed, whether this machine has what a
// run asks for that sends to a WebSocket URL: open files at both ends, ports to
// dial from, the source addresses, and memory. The error wraps ErrLimit and has a
// sentence for each that is short: what it takes, what there is, and what to
// change. What the system does not tell is taken to suffice. It takes some ms, and
// at most about 2 s, when the name in the URL is not found.
func Allows(ctx context.Context, address string, d Demand) error {
	return limited("this machine", d.faults(meansOf(ctx, address))...)
}

// means is what a machine has for a run. What is not known is zero, or empty.
type means struct {
	files     uint64 // that a process may have open
	ports     int    // to dial from, for one source address and one destination
	available uint64 // bytes of memory
	shared    bool   // by both ends

	destinations []netip.AddrPort // of the name in the URL
	own          bool             // they are of this machine
	source       func(netip.Addr) (netip.Addr, bool)
	portsInUse   func(netip.AddrPort) (map[netip.Addr]int, bool)
	bind         func(netip.Addr) error
}

// meansOf finds out what there is to reach a URL with.
func meansOf(ctx context.Context, address string) means {
	m := means{source: machine.Source, portsInUse: machine.PortsInUse, bind: bind}
	m.files, _, _ = machine.OpenFiles()
	m.ports, _ = machine.EphemeralPorts()
	m.available, _ = machine.MemoryAvailable(ctx)
	u, err := url.Parse(address)
	if err != nil {
		return m
	}
	port, err := strconv.ParseUint(cmp.Or(u.Port(), map[string]string{"ws": "80", "wss": "443"}[u.Scheme]), 10, 16)
	if err != nil {
		return m
	}
	addrs := machine.Resolve(ctx, u.Hostname())
	for _, a := range addrs {
		m.destinations = append(m.destinations, netip.AddrPortFrom(a, uint16(port)))
	}
	m.own = machine.Local(addrs)
	m.shared = m.own
	return m
}

// bind finds out whether connections can come from an address. It takes a socket of
// UDP, whose ports nobody is short of.
func bind(a netip.Addr) error {
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(a, 0)))
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return op.Err // the rest of it is about UDP, which is no matter
	}
	if err != nil {
		return err
	}
	return conn.Close()
}

// faults returns what there is not enough of.
func (d Demand) faults(m means) []error {
	return []error{d.filesFault(m), d.addressFault(m), d.portsFault(m), d.memoryFault(m)}
}

// filesFault judges the end that needs more open files.
func (d Demand) filesFault(m means) error {
	if m.files == 0 {
		return nil
	}
	end, spare := "", generatorSpare
	if d.Bundled {
		end, spare = " at the bundled target", targetSpare
		if d.Store == "" || d.Store == storeLatest {
			spare += latestFiles
		}
	}
	need := uint64(d.Connections + spare)
	if need <= m.files {
		return nil
	}
	most := int64(min(m.files, 1<<31)) - int64(spare)
	fault := fmt.Sprintf("%s connections take %s open files%s and a process may have %s here: raise the limit with ulimit -n %d as root, or ask for fewer clients",
		count(d.Connections), count(need), end, count(m.files), need)
	if most > 0 {
		fault += fmt.Sprintf(", %s connections at most", count(most))
	}
	return errors.New(fault)
}

// memoryFault judges both ends together where they share the memory.
func (d Demand) memoryFault(m means) error {
	need, ends := d.generatorMemory(), "the generator"
	if d.Bundled || m.shared {
		need, ends = need+d.targetMemory(), "both ends"
	}
	if m.available == 0 || uint64(need) <= m.available {
		return nil
	}
	return fmt.Errorf("%s connections, %s of images and messages, and %s images in flight take about %s of memory at %s, and %s are available: ask for fewer clients, smaller or fewer distinct images, or a machine with more of it",
		count(d.Connections), gigabytes(d.SourceBytes), count(d.InFlight), gigabytes(need), ends, gigabytes(int64(min(m.available, 1<<62))))
}

// gigabytes prints a number of bytes.
func gigabytes(n int64) string { return fmt.Sprintf("%.2f GB", float64(n)/1e9) }
