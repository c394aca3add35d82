package connect

import (
	"context"
	"net"
	"net/netip"
	"time"
)

// headStart is what the preferred address family gets before the other is
// tried beside it (RFC 8305, section 8, "Connection Attempt Delay"; the time is
// that of package net).
const headStart = 300 * time.Millisecond

// inTurn dials one address after another, each with its share of the time
// left, and returns the first connection, or the first error.
func inTurn(ctx context.Context, addrs []netip.Addr, dial func(context.Context, netip.Addr) (net.Conn, error)) (net.Conn, error) {
	var first error
	for i, a := range addrs {
		each, cancel := ctx, context.CancelFunc(func() {})
		if deadline, ok := ctx.Deadline(); ok {
			each, cancel = context.WithTimeout(ctx, time.Until(deadline)/time.Duration(len(addrs)-i))
		}
		c, err := dial(each, a)
		cancel()
		if err == nil {
			return c, nil
		}
		if first == nil {
			first = err
		}
		if ctx.Err() != nil {
			break
		}
	}
	return nil, first
}

// race dials by preferred, and by other too when that takes long or fails. The
// first connection wins; without one the error is that of preferred.
func race(ctx context.Context, preferred, other func(context.Context) (net.Conn, error)) (net.Conn, error) {
	type result struct {
		c         net.Conn
		err       error
		preferred bool
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	results := make(chan result)
	run := func(dial func(context.Context) (net.Conn, error), isPreferred bool) {
		c, err := dial(ctx)
		select {
		case results <- result{c, err, isPreferred}:
		case <-ctx.Done(): // the other has won
			if c != nil {
				c.Close()
			}
		}
	}
	go run(preferred, true)
	late := time.NewTimer(headStart)
	defer late.Stop()
	begun, running := false, 1
	begin := func() {
		if !begun {
			begun, running = true, running+1
			go run(other, false)
		}
	}
	var failed error
	for running > 0 {
		select {
		case <-late.C:
			begin()
		case <-ctx.Done():
			return nil, ctx.Err()
		case r := <-results:
			if r.err == nil {
				return r.c, nil
			}
			if running--; r.preferred || failed == nil {
				failed = r.err
			}
			begin()
		}
	}
	return nil, failed
}
