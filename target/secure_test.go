package target

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/wsimg/wsimg/target/internal/certificate"
	"github.com/wsimg/wsimg/target/store"
)

// newRequest returns a handshake from an address, and where its answer goes.
func newRequest(t *testing.T, remote string) (*httptest.ResponseRecorder, *http.Request) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), "GET", "/", nil)
	r.RemoteAddr = remote
	for name, value := range map[string]string{"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "MDEyMzQ1Njc4OWFiY2RlZg=="} {
		r.Header.Set(name, value)
	}
	return httptest.NewRecorder(), r
}

func TestSessionsOverTLS(t *testing.T) {
	cert, err := certificate.SelfSigned(nil, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	srv, err := Listen(Settings{
		Addr: "127.0.0.1:0", Store: store.Discard,
		Access: Access{TLS: &tls.Config{Certificates: []tls.Certificate{cert}}},
		// An idle session that is pinged, through TLS.
		Limits: Limits{Idle: 400 * time.Millisecond},
	})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(srv.URL(), "wss://127.0.0.1:") {
		t.Errorf("got URL %q, want wss://", srv.URL())
	}
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- srv.Serve(ctx) }()
	roots := x509.NewCertPool()
	roots.AddCert(cert.Leaf)
	dialer := websocket.Dialer{TLSClientConfig: &tls.Config{RootCAs: roots, NextProtos: []string{"h2", "http/1.1"}}}
	dial := func() *websocket.Conn {
		conn, _, err := dialer.Dial(srv.URL(), nil)
		if err != nil {
			t.Fatal(err)
		}
		conn.SetReadDeadline(time.Now().Add(20 * time.Second))
		return conn
	}
	pinged, left, silent := dial(), dial(), dial()
	pings := 0
	pong := pinged.PingHandler()
	pinged.SetPingHandler(func(data string) error {
		if pings++; pings == 5 {
			stop()
		}
		return pong(data)
	})
	ended := make(chan int, 1)
	go func() {
		_, _, err := pinged.ReadMessage()
		closed, _ := errors.AsType[*websocket.CloseError](err)
		if closed == nil {
			closed = &websocket.CloseError{}
		}
		ended <- closed.Code
	}()
	// 1. images, text and binary, and a goodbye.
	image := photograph(300_000)
	send(t, left, websocket.TextMessage, asText(image))
	if _, echo := send(t, left, websocket.BinaryMessage, image); !bytes.Equal(echo, image) {
		t.Error("the echo is another image")
	}
	left.WriteMessage(websocket.CloseMessage, websocket.FormatCloseMessage(1000, ""))
	if got := readClose(t, left); got.Code != 1000 {
		t.Errorf("got close %d, want the 1000 that was sent", got.Code)
	}
	// 2. who shows no life goes.
	silent.SetPingHandler(func(string) error { return nil })
	if got := readClose(t, silent); got.Code != 1008 {
		t.Errorf("a client that shows no life: got close %d, want 1008", got.Code)
	}
	// 3. who answers pings stays, until the fifth one ends the server.
	if got := <-ended; got != 1001 {
		t.Errorf("got close %d, want 1001", got)
	}
	for _, conn := range []*websocket.Conn{pinged, left, silent} {
		conn.Close()
	}
	if err := <-served; err != nil {
		t.Errorf("serve: %v", err)
	}
}
