package connect

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"
)

// keepAlive is the silence after which the kernel asks whether the other end is
// still there, and between such questions. With Go's 15 s the probes of 15,000
// idle clients alone would be 1,000 packets a second.
const keepAlive = 45 * time.Second

// transport opens TCP connections. It is safe for concurrent use.
type transport struct {
	local  []netip.Addr
	rcvbuf int
	names  *names
	// connect dials one address, whose host is a literal.
	connect func(ctx context.Context, from netip.Addr, network, addr string) (net.Conn, error)
}

func newTransport(s Settings) *transport {
	t := &transport{local: s.LocalAddrs, rcvbuf: s.Rcvbuf, names: newNames(net.DefaultResolver.LookupNetIP)}
	t.connect = t.system
	return t
}

// open connects the client numbered id to addr, host:port.
func (t *transport) open(ctx context.Context, network, addr string, id int) (net.Conn, error) {
	var from netip.Addr
	if len(t.local) > 0 {
		from = t.local[id%len(t.local)]
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return t.connect(ctx, from, network, addr)
	}
	known, err := t.names.lookup(ctx, host)
	if err != nil {
		return nil, err
	}
	first, second := choose(known, from, id)
	if len(first) == 0 {
		return nil, fmt.Errorf("%s has no address of the family of %v: give another local address", host, from)
	}
	try := func(addrs []netip.Addr) func(context.Context) (net.Conn, error) {
		return func(ctx context.Context) (net.Conn, error) {
			return inTurn(ctx, addrs, func(ctx context.Context, a netip.Addr) (net.Conn, error) {
				return t.connect(ctx, from, network, net.JoinHostPort(a.String(), port))
			})
		}
	}
	if len(second) == 0 {
		return try(first)(ctx)
	}
	return race(ctx, try(first), try(second))
}

// choose splits the addresses of a name by family, the one that the resolver
// prefers first, and begins with another one for every client. Only those that
// can be reached from an address of the given family are left, if one is given.
func choose(known []netip.Addr, from netip.Addr, id int) (first, second []netip.Addr) {
	for _, a := range known {
		switch {
		case from.IsValid() && a.Is4() != from.Is4():
		case len(first) == 0 || a.Is4() == first[0].Is4():
			first = append(first, a)
		default:
			second = append(second, a)
		}
	}
	return turned(first, id), turned(second, id)
}

func turned(addrs []netip.Addr, by int) []netip.Addr {
	if len(addrs) < 2 {
		return addrs
	}
	by %= len(addrs)
	return append(append(make([]netip.Addr, 0, len(addrs)), addrs[by:]...), addrs[:by]...)
}

// system is the system's TCP.
func (t *transport) system(ctx context.Context, from netip.Addr, network, addr string) (net.Conn, error) {
	d := net.Dialer{KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: keepAlive, Interval: keepAlive}}
	if from.IsValid() {
		d.LocalAddr = net.TCPAddrFromAddrPort(netip.AddrPortFrom(from, 0))
	}
	if from.IsValid() || t.rcvbuf > 0 {
		d.Control = func(_, _ string, c syscall.RawConn) error {
			var set error
			return errors.Join(c.Control(func(fd uintptr) { set = t.prepare(fd, from) }), set)
		}
	}
	return d.DialContext(ctx, network, addr)
}

// prepare sets up a socket before the connection is made: the scale of the
// receive window follows from the buffer that is there by then.
func (t *transport) prepare(fd uintptr, from netip.Addr) error {
	if from.IsValid() {
		latePort(fd)
	}
	if t.rcvbuf == 0 {
		return nil
	}
	if err := setRcvbuf(fd, t.rcvbuf); err != nil {
		return fmt.Errorf("set a receive buffer of %d bytes: %w", t.rcvbuf, err)
	}
	return nil
}
