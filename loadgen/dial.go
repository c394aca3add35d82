package loadgen

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// dial opens one connection, upgrades it and starts its client.
func (f *Fleet) dial(ctx context.Context, id int) (*client, error) {
	var (
		w  *wire
		in intake
	)
	stop := func() bool { return true }
	wrap := func(c net.Conn) net.Conn {
		w = newWire(c, f.clock)
		// The trap: cancelling the context during the upgrade does nothing, so
		// the connection is closed under it.
		stop = context.AfterFunc(ctx, func() { c.Close() })
		if f.settings.Deflate {
			d := &inflated{wire: w}
			in = d
			return d
		}
		in = w
		return w
	}
	d := websocket.Dialer{
		HandshakeTimeout: DefaultDialTimeout,
		ReadBufferSize:   smallest,
		WriteBufferPool:  &sync.Pool{}, // nothing is written through gorilla
		// To gorilla this is no context takeover, at both ends.
		EnableCompression: f.settings.Deflate,
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
			secure, err := f.secure(ctx, c, addr)
			if err != nil {
				c.Close()
				return nil, err
			}
			return wrap(secure), nil
		},
	}
	ws, resp, err := d.DialContext(ctx, f.settings.URL, f.header())
	stop()
	var disagreed error
	if resp != nil && resp.StatusCode == http.StatusSwitchingProtocols {
		disagreed = negotiated(resp.Header, f.settings.Deflate)
	}
	switch {
	case ctx.Err() != nil:
		if ws != nil {
			ws.Close()
		}
		return nil, ctx.Err()
	case errors.Is(err, websocket.ErrBadHandshake) && resp != nil:
		return nil, newHandshakeError(resp, f.settings.secrets())
	case disagreed != nil:
		if ws != nil {
			deny(ws, disagreed)
		}
		return nil, disagreed
	case err != nil:
		if unreadable, ok := errors.AsType[*url.Error](err); ok {
			err = unreadable.Err // it shows the URL
		}
		return nil, fmt.Errorf("connect to %s: %w", host(f.settings.URL), err)
	}
	return newClient(id, f, ws, w, in), nil
}

// header is what a handshake has beside what RFC 6455 asks for.
func (f *Fleet) header() http.Header {
	header := http.Header{}
	if f.settings.UserAgent != "" {
		header.Set("User-Agent", f.settings.UserAgent)
	}
	if f.settings.Token != "" {
		header.Set("Authorization", "Bearer "+f.settings.Token)
	}
	return header
}

// secure does the TLS handshake on a connection to addr.
func (f *Fleet) secure(ctx context.Context, c net.Conn, addr string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	config := f.settings.TLS.Clone()
	if config == nil {
		config = &tls.Config{}
	}
	if config.ServerName == "" {
		config.ServerName = host
	}
	config.NextProtos = []string{"http/1.1"}
	secure := tls.Client(c, config)
	if err := secure.HandshakeContext(ctx); err != nil {
		return nil, fmt.Errorf("TLS handshake: %w", err)
	}
	return secure, nil
}

// host is what of a URL an error may show: the rest may hold secrets.
func host(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return "the server"
	}
	return u.Scheme + "://" + u.Host
}

// deny ends a connection on which nothing can be sent, and tells the server
// why (RFC 6455, section 7.4.1).
func deny(ws *websocket.Conn, err error) {
	code, reason := websocket.CloseMandatoryExtension, "permessage-deflate without context takeover"
	if Kind(err) == Protocol {
		code, reason = websocket.CloseProtocolError, "an extension that was not offered"
	}
	_ = ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, reason), time.Now().Add(controlWait))
	ws.Close()
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
