package connect

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/gorilla/websocket"
)

func TestWhatMayPass(t *testing.T) {
	call := func(name string, errno syscall.Errno) error {
		return fmt.Errorf("connect to ws://host: %w", &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError(name, errno)})
	}
	status := func(code int) error { return &HandshakeError{Status: code} }
	for name, tt := range map[string]struct {
		err  error
		want bool
	}{
		"nothing is wrong":                {nil, false},
		"refused":                         {call("connect", passingErrnos[0]), true},
		"reset":                           {call("read", passingErrnos[1]), true},
		"no answer in time":               {&net.OpError{Op: "dial", Err: os.ErrDeadlineExceeded}, true},
		"TLS not done in time":            {fmt.Errorf("TLS handshake: %w", context.DeadlineExceeded), true},
		"ended in the middle":             {fmt.Errorf("connect: %w", io.ErrUnexpectedEOF), true},
		"ended before it began":           {fmt.Errorf("TLS handshake: %w", io.EOF), true},
		"no port is free":                 {call("connect", noAddress), true},
		"the address is another's":        {call("bind", noAddress), false},
		"the caller gave up":              {context.Canceled, false},
		"the resolver is busy":            {&net.DNSError{IsTemporary: true}, true},
		"the resolver is silent":          {&net.DNSError{IsTimeout: true}, true},
		"no such name":                    {&net.DNSError{IsNotFound: true}, false},
		"too many requests":               {status(http.StatusTooManyRequests), true},
		"a gateway without its server":    {status(http.StatusBadGateway), true},
		"unavailable":                     {status(http.StatusServiceUnavailable), true},
		"a gateway that waits in vain":    {status(http.StatusGatewayTimeout), true},
		"not found":                       {status(http.StatusNotFound), false},
		"a token is missing":              {status(http.StatusUnauthorized), false},
		"a fault of the server":           {status(http.StatusInternalServerError), false},
		"no WebSocket":                    {status(http.StatusOK), false},
		"a certificate of nobody's":       {&tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}, false},
		"no TLS there":                    {tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}, false},
		"TLS refused":                     {&net.OpError{Op: "remote error", Err: tls.AlertError(40)}, false},
		"compression declined":            {fmt.Errorf("%w (it answered nothing)", ErrDeclined), false},
		"an extension turned on":          {ErrUnoffered, false},
		"no answer to a handshake at all": {websocket.ErrBadHandshake, false},
		"anything else":                   {errors.New("malformed HTTP response"), false},
	} {
		if got := Passing(tt.err); got != tt.want {
			t.Errorf("%s: got %v, want %v (%v)", name, got, tt.want, tt.err)
		}
	}
}

// TestWhatSystemsSay has a real one refuse and reset connections: the numbers
// of errors differ from system to system.
func TestWhatSystemsSay(t *testing.T) {
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			c.(*net.TCPConn).SetLinger(0) // a reset, not an end
			c.Close()
		}
	}()
	for name, addr := range map[string]string{"refused": gone.Listener.Addr().String(), "reset": l.Addr().String()} {
		if _, _, err := New(Settings{URL: "ws://" + addr}).Dial(t.Context(), 0, nil); !Passing(err) {
			t.Errorf("%s: got %v, want one that may pass", name, err)
		}
	}
}

// TestWhatResolversSay comes through as it is.
func TestWhatResolversSay(t *testing.T) {
	unknown := &net.DNSError{Err: "no such host", Name: "elsewhere.invalid", IsNotFound: true}
	for name, resolve := range map[string]func(context.Context, string, string) ([]netip.Addr, error){
		"an error":   func(context.Context, string, string) ([]netip.Addr, error) { return nil, unknown },
		"no address": func(context.Context, string, string) ([]netip.Addr, error) { return nil, nil },
	} {
		d := New(Settings{URL: "ws://elsewhere.invalid/?token=hush"})
		d.open = (&transport{names: newNames(resolve)}).open
		_, _, err := d.Dial(t.Context(), 0, nil)
		if said, ok := errors.AsType[*net.DNSError](err); !ok || *said != *unknown || Passing(err) {
			t.Errorf("%s: got %v, want %v", name, err, unknown)
		}
		if want := "connect to ws://elsewhere.invalid: "; err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: got %v, want %s…", name, err, want)
		}
	}
}
