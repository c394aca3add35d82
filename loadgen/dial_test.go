package loadgen_test

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/wsimg/wsimg/loadgen"
)

// TestDialTLS meets a server whose certificate is its own word alone.
func TestDialTLS(t *testing.T) {
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if ws, err := new(websocket.Upgrader).Upgrade(w, r, nil); err == nil {
			ws.Close()
		}
	}))
	srv.Config.ErrorLog = log.New(io.Discard, "", 0) // of handshakes that fail on purpose
	srv.EnableHTTP2 = true
	srv.StartTLS()
	defer srv.Close()
	known := x509.NewCertPool()
	known.AddCert(srv.Certificate())
	trusting := &tls.Config{RootCAs: known, NextProtos: []string{"h2"}}
	for _, tt := range []struct {
		name string
		tls  *tls.Config
		kind string // of the failure; empty: there is none
	}{
		{"a certificate that is known", trusting, ""},
		{"one that is not checked", &tls.Config{InsecureSkipVerify: true}, ""},
		{"one that nobody knows", nil, loadgen.TLS},
		{"another host's", &tls.Config{RootCAs: known, ServerName: "elsewhere.invalid"}, loadgen.TLS},
	} {
		fleet, err := loadgen.Dial(t.Context(), loadgen.Settings{
			URL: "wss" + strings.TrimPrefix(srv.URL, "https"), Clients: 2, TLS: tt.tls,
		})
		if err == nil {
			fleet.Close()
		}
		if got := err != nil; got != (tt.kind != "") || got && loadgen.Kind(err) != tt.kind {
			t.Errorf("%s: got %v, want kind %q", tt.name, err, tt.kind)
		}
	}
	if trusting.ServerName != "" || len(trusting.NextProtos) != 1 {
		t.Errorf("the TLS settings were changed: %+v", trusting)
	}
}
