package connect

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// DefaultTimeout bounds all phases of one connection together.
const DefaultTimeout = 10 * time.Second

// denyWait bounds the writing of the close frame that says why.
const denyWait = 5 * time.Second

// smallest is the read buffer that gorilla/websocket is given, its own
// minimum: a connection keeps it for life, and who reads much brings a buffer.
const smallest = 125

// Settings say how connections are made. Only the URL is needed.
type Settings struct {
	URL    string      // of the server: ws:// or wss://
	Header http.Header // of the handshake, beside what RFC 6455 asks for; read by many, not changed
	// Token is shown in the handshake as "Authorization: Bearer …"; empty: none.
	Token string
	// TLS is for wss://; nil: the system's certificates. It is not changed.
	TLS *tls.Config
	// Deflate asks for permessage-deflate without context takeover; a server
	// that declines is ErrDeclined.
	Deflate bool

	Rcvbuf int // SO_RCVBUF in bytes; 0: the kernel's default
	// LocalAddrs are the source addresses, taken in turn; none: the system's
	// choice.
	LocalAddrs []netip.Addr
	Timeout    time.Duration // of all phases together; 0: DefaultTimeout

	// Open opens the transport connection; nil: the system's TCP. LocalAddrs and
	// Rcvbuf are then its own affair.
	Open func(ctx context.Context, network, addr string) (net.Conn, error)
}

// Dialer opens connections to one server. It is safe for concurrent use.
type Dialer struct {
	url     string
	host    string // what of the URL an error may show
	header  http.Header
	secrets secrets
	tls     *tls.Config
	deflate bool
	open    func(ctx context.Context, network, addr string, id int) (net.Conn, error)
	ws      websocket.Dialer
}

// New returns a Dialer. What is wrong with the settings, Dial will say.
func New(s Settings) *Dialer {
	d := &Dialer{url: s.URL, host: "the server", secrets: newSecrets(s), deflate: s.Deflate, header: s.Header}
	d.tls = s.TLS.Clone()
	if d.tls == nil {
		d.tls = &tls.Config{}
	}
	d.tls.NextProtos = []string{"http/1.1"} // where a WebSocket handshake belongs
	if u, err := url.Parse(s.URL); err == nil {
		d.host = u.Scheme + "://" + u.Host
		if d.tls.ServerName == "" {
			d.tls.ServerName = u.Hostname()
		}
	}
	if s.Token != "" {
		if d.header = s.Header.Clone(); d.header == nil {
			d.header = http.Header{}
		}
		d.header.Set("Authorization", "Bearer "+s.Token)
	}
	d.open = newTransport(s).open
	if s.Open != nil {
		d.open = func(ctx context.Context, network, addr string, _ int) (net.Conn, error) {
			return s.Open(ctx, network, addr)
		}
	}
	d.ws = websocket.Dialer{
		NetDialContext:    d.plain,
		NetDialTLSContext: d.secured,
		HandshakeTimeout:  cmp.Or(s.Timeout, DefaultTimeout),
		ReadBufferSize:    smallest,
		WriteBufferPool:   &sync.Pool{}, // an idle connection has no write buffer
		// To gorilla this is no context takeover, at both ends.
		EnableCompression: s.Deflate,
	}
	return d
}

// attempt is one Dial under way. It travels in a context through gorilla's
// dialer, which is the same for all.
type attempt struct {
	id     int
	wrap   func(net.Conn) net.Conn
	ctx    context.Context // the caller's: gorilla's ends with the handshake
	stop   func() bool     // watching ctx
	phases Phases
	begun  time.Time // the phase under way
}

// attemptKey is where in a context the attempt is.
type attemptKey struct{}

// Dial opens a connection for the client numbered id, which picks the source
// address and the server's, where there are several. What wrap returns stands
// between the network and the WebSocket connection; it may be nil.
//
// The phases are those that were got through, when there is an error too. It
// is ctx's own when ctx ended; see the package's documentation for others.
func (d *Dialer) Dial(ctx context.Context, id int, wrap func(net.Conn) net.Conn) (*websocket.Conn, Phases, error) {
	a := &attempt{id: id, wrap: wrap, ctx: ctx}
	ws, resp, err := d.ws.DialContext(context.WithValue(ctx, attemptKey{}, a), d.url, d.header)
	if a.stop != nil {
		a.stop()
		a.phases.Upgrade = time.Since(a.begun)
	}
	if err := d.judge(ctx, ws, resp, err); err != nil {
		return nil, a.phases, err
	}
	return ws, a.phases, nil
}

// judge returns why there is no connection to be had of what a handshake came
// to, and ends what there is of it.
func (d *Dialer) judge(ctx context.Context, ws *websocket.Conn, resp *http.Response, err error) error {
	var disagreed error
	if resp != nil && resp.StatusCode == http.StatusSwitchingProtocols {
		disagreed = negotiated(resp.Header, d.deflate)
	}
	switch {
	case ctx.Err() != nil:
		if ws != nil {
			ws.Close()
		}
		return ctx.Err()
	case errors.Is(err, websocket.ErrBadHandshake) && resp != nil:
		return newHandshakeError(resp, d.secrets)
	case disagreed != nil:
		if ws != nil {
			deny(ws, disagreed)
		}
		return disagreed
	case err != nil:
		if unreadable, ok := errors.AsType[*url.Error](err); ok {
			err = unreadable.Err // it shows the URL
		}
		if garbled := garbled(err); garbled != nil {
			err = garbled
		}
		return fmt.Errorf("connect to %s: %w", d.host, err)
	}
	return nil
}

// plain opens the transport connection of an attempt.
func (d *Dialer) plain(ctx context.Context, network, addr string) (net.Conn, error) {
	a := ctx.Value(attemptKey{}).(*attempt)
	c, err := d.transport(ctx, a, network, addr)
	if err != nil {
		return nil, err
	}
	return a.upgrade(c), nil
}

// secured opens the transport connection of an attempt, with TLS upon it.
func (d *Dialer) secured(ctx context.Context, network, addr string) (net.Conn, error) {
	a := ctx.Value(attemptKey{}).(*attempt)
	c, err := d.transport(ctx, a, network, addr)
	if err != nil {
		return nil, err
	}
	begun := time.Now()
	secure := tls.Client(c, d.tls)
	err = secure.HandshakeContext(ctx)
	a.phases.TLS = time.Since(begun)
	if err != nil {
		c.Close()
		return nil, fmt.Errorf("TLS handshake: %w", err)
	}
	return a.upgrade(secure), nil
}

func (d *Dialer) transport(ctx context.Context, a *attempt, network, addr string) (net.Conn, error) {
	begun := time.Now()
	c, err := d.open(ctx, network, addr, a.id)
	a.phases.TCP = time.Since(begun)
	return c, err
}

// upgrade makes c the connection of the handshake that follows.
func (a *attempt) upgrade(c net.Conn) net.Conn {
	if a.wrap != nil {
		c = a.wrap(c)
	}
	// The trap: cancelling the context during the upgrade does nothing, so the
	// connection is closed under it.
	a.stop = context.AfterFunc(a.ctx, func() { c.Close() })
	a.begun = time.Now()
	return c
}

// deny ends a connection on which nothing can be sent, and tells the server
// why (RFC 6455, section 7.4.1).
func deny(ws *websocket.Conn, why error) {
	code, reason := websocket.CloseMandatoryExtension, "permessage-deflate without context takeover"
	if errors.Is(why, ErrUnoffered) {
		code, reason = websocket.CloseProtocolError, "an extension that was not offered"
	}
	_ = ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, reason), time.Now().Add(denyWait))
	ws.Close()
}
