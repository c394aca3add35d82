package target

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/wsimg/wsimg/target/store"
)

// FuzzConnections has clients send whatever comes, for a request and behind it.
// The target may answer in HTTP or not at all, and in frames once it has
// upgraded; it must not fail, lose count, or keep anything of the client.
func FuzzConnections(f *testing.F) {
	faults := &syncBuffer{}
	srv, err := Listen(Settings{
		Addr: "127.0.0.1:0", Store: store.Discard, MaxImage: 3000, Deflate: true,
		Logger: slog.New(slog.NewTextHandler(faults, &slog.HandlerOptions{Level: slog.LevelError})),
	})
	if err != nil {
		f.Fatal(err)
	}
	ctx, served := f.Context(), make(chan error, 1)
	go func() { served <- srv.Serve(ctx) }()
	f.Cleanup(func() {
		if err := <-served; err != nil {
			f.Error(err)
		}
	})
	const upgrade = "GET /%s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n%s\r\n"
	request := func(query, header string) []byte {
		return []byte(strings.Replace(strings.Replace(upgrade, "%s", query, 1), "%s", header, 1))
	}
	f.Add(request("", ""), []byte("\x82\x83\x00\x00\x00\x00abc"))
	f.Add(request("?codec=std&reply=ack", ""), []byte("\x81\x84\x00\x00\x00\x00YWJj\x88\x80\x00\x00\x00\x00"))
	f.Add(request("?deflate=9", "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=9\r\n"), []byte("\xc2\x85\x00\x00\x00\x00\x4a\x4c\x4a\x06\x00"))
	f.Add(request("?audit=1", "Origin: null\r\n"), []byte("\x89\x80\x00\x00\x00\x00\x01\x82"))
	f.Add([]byte("GET /stats HTTP/1.1\r\nHost: x\r\n\r\n"), []byte("GET /healthz HTTP/1.0\r\n\r\n"))
	f.Add([]byte("\x16\x03\x01\x02\x00\x01\x00"), []byte(nil))
	f.Fuzz(func(t *testing.T, request, behind []byte) {
		answer := exchange(t, srv.Addr().String(), append(bytes.Clone(request), behind...))
		if len(answer) > 0 {
			resp, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(answer)), nil)
			if err != nil {
				t.Fatalf("got %.80q, which is no answer in HTTP: %v", answer, err)
			}
			if resp.StatusCode == http.StatusInternalServerError {
				t.Errorf("got HTTP %s", resp.Status)
			}
		}
		eventually(t, "the session ends", func() bool { return srv.Stats().Connections.Open == 0 })
		stats := srv.Stats()
		if c := stats.Images; c.Received != c.Saved+c.Refused || c.Echoed > c.Saved || c.InHand != 0 {
			t.Errorf("got %+v, want received = saved + refused, no more echoed than saved, and none in hand", c)
		}
		if stats.InFlightBytes != 0 {
			t.Errorf("%d bytes are in flight with nobody there", stats.InFlightBytes)
		}
		if fault := faults.String(); fault != "" {
			t.Errorf("the target failed: %s", fault)
		}
	})
}

// exchange sends a stream, says that this was all, and returns all that comes
// back. A connection that was reset has said what it had to.
func exchange(t *testing.T, addr string, stream []byte) []byte {
	t.Helper()
	conn, err := net.DialTimeout("tcp", addr, 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(10 * time.Second))
	conn.Write(stream) // in vain where the target has ended it already
	conn.(*net.TCPConn).CloseWrite()
	answer, err := io.ReadAll(conn)
	if network := net.Error(nil); errors.As(err, &network) && network.Timeout() {
		t.Fatal("the target neither answered nor closed the connection in 10 s")
	}
	return answer
}
