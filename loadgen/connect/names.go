package connect

import (
	"context"
	"net"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// fresh is how long the addresses of a name are taken for true. A second is
// less than any time to live in use, and enough to spare a resolver the
// look-ups of thousands of clients.
const fresh = time.Second

// names remembers the addresses of names for a moment. Those who ask for the
// same one at the same time are told together, of a failure too, which is not
// remembered. It is safe for concurrent use.
type names struct {
	resolve func(ctx context.Context, network, host string) ([]netip.Addr, error)
	flight  singleflight.Group

	mu    sync.Mutex
	known map[string]answer
}

// answer is what a resolver said; its addresses are shared and not changed.
type answer struct {
	addrs []netip.Addr
	until time.Time
}

func newNames(resolve func(ctx context.Context, network, host string) ([]netip.Addr, error)) *names {
	return &names{resolve: resolve, known: make(map[string]answer)}
}

// lookup returns the addresses of host in the resolver's order, at least one.
// They are not the caller's to change.
func (n *names) lookup(ctx context.Context, host string) ([]netip.Addr, error) {
	if addrs := n.remembered(host); addrs != nil {
		return addrs, nil
	}
	// Many wait for it, so it does not end with the one who asked first.
	ch := n.flight.DoChan(host, func() (any, error) {
		if addrs := n.remembered(host); addrs != nil {
			return addrs, nil
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), DefaultTimeout)
		defer cancel()
		return n.ask(ctx, host)
	})
	select {
	case r := <-ch:
		addrs, _ := r.Val.([]netip.Addr)
		return addrs, r.Err
	case <-ctx.Done():
		return nil, &net.DNSError{Err: ctx.Err().Error(), Name: host, IsTimeout: true, UnwrapErr: ctx.Err()}
	}
}

func (n *names) remembered(host string) []netip.Addr {
	n.mu.Lock()
	defer n.mu.Unlock()
	if a := n.known[host]; time.Now().Before(a.until) {
		return a.addrs
	}
	return nil
}

func (n *names) ask(ctx context.Context, host string) ([]netip.Addr, error) {
	found, err := n.resolve(ctx, "ip", host)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	addrs := make([]netip.Addr, len(found))
	for i, a := range found {
		addrs[i] = a.Unmap()
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.known[host] = answer{addrs, time.Now().Add(fresh)}
	return addrs, nil
}
