package loadgen

import (
	"context"
	"net"
	"net/http"

	"github.com/wsimg/wsimg/loadgen/connect"
)

// HandshakeError is a server's refusal to upgrade.
type HandshakeError = connect.HandshakeError

// newDialer returns what opens the connections of a fleet.
func newDialer(s Settings) *connect.Dialer {
	header := http.Header{}
	if s.UserAgent != "" {
		header.Set("User-Agent", s.UserAgent)
	}
	return connect.New(connect.Settings{
		URL: s.URL, Header: header, Token: s.Token, TLS: s.TLS, Deflate: s.Deflate,
		Rcvbuf: s.Rcvbuf, LocalAddrs: s.LocalAddrs, Timeout: DefaultDialTimeout, Open: s.open,
	})
}

// dial opens one connection, upgrades it and starts its client. It says what
// that took, as far as it came.
func (f *Fleet) dial(ctx context.Context, id int) (*client, connect.Phases, error) {
	var (
		w  *wire
		in intake
	)
	ws, phases, err := f.dialer.Dial(ctx, id, func(c net.Conn) net.Conn {
		w = newWire(c, f.clock)
		if f.settings.Deflate {
			d := &inflated{wire: w}
			in = d
			return d
		}
		in = w
		return w
	})
	if err != nil {
		return nil, phases, err
	}
	w.release() // the answer was read ahead, and the client may be idle for long
	return newClient(id, f, ws, w, in), phases, nil
}
