package loadgen

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"

	"github.com/gorilla/websocket"
)

// dial opens one connection, upgrades it and starts its client.
func (f *Fleet) dial(ctx context.Context, id int) (*client, error) {
	var w *wire
	stop := func() bool { return true }
	wrap := func(c net.Conn) net.Conn {
		w = newWire(c, f.clock)
		// The trap: cancelling the context during the upgrade does nothing, so
		// the connection is closed under it.
		stop = context.AfterFunc(ctx, func() { c.Close() })
		return w
	}
	d := websocket.Dialer{
		HandshakeTimeout: DefaultDialTimeout,
		ReadBufferSize:   smallest,
		WriteBufferPool:  &sync.Pool{}, // nothing is written through gorilla
		NetDialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			c, err := f.open(ctx, network, addr)
			if err != nil {
				return nil, err
			}
			return wrap(c), nil
		},
		NetDialTLSContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			c, err := f.open(ctx, network, addr)
			if err != nil {
				return nil, err
			}
			host, _, err := net.SplitHostPort(addr)
			if err != nil {
				return nil, err
			}
			secure := tls.Client(c, &tls.Config{ServerName: host, NextProtos: []string{"http/1.1"}})
			if err := secure.HandshakeContext(ctx); err != nil {
				c.Close()
				return nil, fmt.Errorf("TLS handshake: %w", err)
			}
			return wrap(secure), nil
		},
	}
	ws, resp, err := d.DialContext(ctx, f.settings.URL, nil)
	stop()
	switch {
	case ctx.Err() != nil:
		if ws != nil {
			ws.Close()
		}
		return nil, ctx.Err()
	case errors.Is(err, websocket.ErrBadHandshake) && resp != nil:
		return nil, &HandshakeError{Status: resp.StatusCode}
	case err != nil:
		return nil, fmt.Errorf("connect to %s: %w", strings.SplitN(f.settings.URL, "?", 2)[0], err)
	}
	return newClient(id, f, ws, w), nil
}

// open opens the transport connection.
func (f *Fleet) open(ctx context.Context, network, addr string) (net.Conn, error) {
	if f.settings.open != nil {
		return f.settings.open(ctx, network, addr)
	}
	d := net.Dialer{}
	if f.settings.Rcvbuf > 0 {
		d.Control = rcvbuf(f.settings.Rcvbuf)
	}
	return d.DialContext(ctx, network, addr)
}
