package loadgen_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/wsimg/wsimg/loadgen"
)

// upgrading starts a server over TLS that knows a token, and answers the offer
// of extensions in one way, whatever it was. It tells who asked.
func upgrading(t *testing.T, token, extensions string) (url string, known *x509.CertPool, asked <-chan *http.Request) {
	t.Helper()
	requests := make(chan *http.Request, 1)
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests <- r
		if got := r.Header.Get("Authorization"); got != "Bearer "+token {
			http.Error(w, "who is "+got, http.StatusUnauthorized)
			return
		}
		answer := http.Header{}
		if extensions != "" {
			answer["Sec-WebSocket-Extensions"] = []string{extensions} // gorilla forbids the canonical name
		}
		if ws, err := new(websocket.Upgrader).Upgrade(w, r, answer); err == nil {
			ws.ReadMessage()
			ws.Close()
		}
	}))
	srv.Config.ErrorLog = log.New(io.Discard, "", 0) // of handshakes that fail on purpose
	srv.StartTLS()
	t.Cleanup(srv.Close)
	known = x509.NewCertPool()
	known.AddCert(srv.Certificate())
	return "wss" + strings.TrimPrefix(srv.URL, "https"), known, requests
}

// TestDialPassesSettingsOn looks at them from the server's side.
func TestDialPassesSettingsOn(t *testing.T) {
	url, known, asked := upgrading(t, "hush", "permessage-deflate; server_no_context_takeover; client_no_context_takeover")
	fleet, err := loadgen.Dial(t.Context(), loadgen.Settings{
		URL: url, Clients: 1, Token: "hush", UserAgent: "wsimg/1.2", Deflate: true, TLS: &tls.Config{RootCAs: known},
		LocalAddrs: []netip.Addr{netip.MustParseAddr("127.0.0.1")},
	})
	if err != nil {
		t.Fatal(err)
	}
	fleet.Close()
	r := <-asked
	if got := r.UserAgent(); got != "wsimg/1.2" {
		t.Errorf("the client calls itself %q, want wsimg/1.2", got)
	}
	if got := r.Header.Get("Sec-WebSocket-Extensions"); !strings.Contains(got, "permessage-deflate") {
		t.Errorf("the client offers %q, want permessage-deflate", got)
	}
	if !strings.HasPrefix(r.RemoteAddr, "127.0.0.1:") {
		t.Errorf("the client comes from %s, want 127.0.0.1", r.RemoteAddr)
	}
}

// TestDialNamesFailures: what a handshake may fail with has its kind.
func TestDialNamesFailures(t *testing.T) {
	const deflate = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
	for name, tt := range map[string]struct {
		token, extensions string
		trusting, deflate bool
		kind              string
		is                error
	}{
		"a certificate that nobody knows": {"hush", "", false, false, loadgen.TLS, nil},
		"compression declined":            {"hush", "", true, true, loadgen.Declined, loadgen.ErrDeclined},
		"compression not asked for":       {"hush", deflate, true, false, loadgen.Protocol, nil},
		"an unknown token":                {"other", "", true, false, loadgen.Handshake, nil},
	} {
		url, known, _ := upgrading(t, tt.token, tt.extensions)
		s := loadgen.Settings{URL: url, Clients: 1, Token: "hush", Deflate: tt.deflate}
		if tt.trusting {
			s.TLS = &tls.Config{RootCAs: known}
		}
		fleet, err := loadgen.Dial(t.Context(), s)
		if err == nil {
			fleet.Close()
			t.Errorf("%s: got a connection", name)
			continue
		}
		if got := loadgen.Kind(err); !strings.HasPrefix(got, tt.kind) {
			t.Errorf("%s: got kind %s of %v, want %s", name, got, err, tt.kind)
		}
		if tt.is != nil && !errors.Is(err, tt.is) {
			t.Errorf("%s: got %v, want %v", name, err, tt.is)
		}
		if refused, ok := errors.AsType[*loadgen.HandshakeError](err); ok != (tt.kind == loadgen.Handshake) || ok && refused.Status != http.StatusUnauthorized {
			t.Errorf("%s: got %v, and a refusal: %v", name, err, ok)
		}
		if strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: the token is shown: %v", name, err)
		}
	}
}
