package target

import (
	"bufio"
	"bytes"
	"compress/flate"
	bigendian "encoding/binary"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// marked is the bit of a frame that begins a compressed message.
const marked = 0x40

// dialDeflate connects a client that offers permessage-deflate.
func (s testServer) dialDeflate(t testing.TB, query string) *websocket.Conn {
	t.Helper()
	dialer := websocket.Dialer{EnableCompression: true}
	conn, resp, err := dialer.Dial(s.url+"/"+query, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	const want = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
	if got := resp.Header.Get("Sec-WebSocket-Extensions"); (got == want) != s.settings.Deflate || got != "" && got != want {
		t.Fatalf("got extensions %q from a server with deflate %v", got, s.settings.Deflate)
	}
	return conn
}

// deflated compresses a message as a client does, without the target's code.
func deflated(t testing.TB, message []byte, level int) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, level)
	if err != nil {
		t.Fatal(err)
	}
	w.Write(message)
	w.Flush()
	return bytes.TrimSuffix(b.Bytes(), []byte("\x00\x00\xff\xff"))
}

// inflated is the opposite.
func inflated(payload []byte) ([]byte, error) {
	return io.ReadAll(flate.NewReader(io.MultiReader(bytes.NewReader(payload), strings.NewReader("\x00\x00\xff\xff\x01\x00\x00\xff\xff"))))
}

// compressedFrame returns the frame of a compressed message.
func compressedFrame(kind int, payload []byte) []byte {
	f := clientFrame(kind, payload)
	f[0] |= marked
	return f
}

// readFrame reads a server's frame: its first byte, and its payload as it is.
func readFrame(t testing.TB, conn net.Conn) (first byte, payload []byte) {
	t.Helper()
	var head [2]byte
	long := make([]byte, 8)
	if _, err := io.ReadFull(conn, head[:]); err != nil {
		t.Fatal(err)
	}
	n := uint64(head[1])
	switch n {
	case 126:
		io.ReadFull(conn, long[6:])
		n = bigendian.BigEndian.Uint64(long)
	case 127:
		io.ReadFull(conn, long)
		n = bigendian.BigEndian.Uint64(long)
	}
	payload = make([]byte, n)
	if _, err := io.ReadFull(conn, payload); err != nil {
		t.Fatal(err)
	}
	return head[0], payload
}

// offered is a connection whose handshake was made by hand.
type offered struct {
	net.Conn
	extensions string // those of the response
}

// offering connects with a header, for gorilla's client has offers of its own.
func offering(t *testing.T, srv testServer, query string, header http.Header) offered {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(srv.url, "ws://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(20 * time.Second))
	req, err := http.NewRequestWithContext(t.Context(), "GET", "http"+strings.TrimPrefix(srv.url, "ws")+"/"+query, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header = header.Clone()
	for name, value := range map[string]string{"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "MDEyMzQ1Njc4OWFiY2RlZg=="} {
		req.Header.Set(name, value)
	}
	if err := req.Write(conn); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), req)
	if err != nil || resp.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("handshake: got %v, error %v", resp, err)
	}
	return offered{conn, strings.Join(resp.Header.Values("Sec-WebSocket-Extensions"), ", ")}
}

// bomb returns a compressed message of n bytes, a multiple of 100,000, that is a
// thousandth of its length.
func bomb(t *testing.T, n int) []byte {
	const part = 100_000
	zeros := deflated(t, make([]byte, part), 9)
	payload := bytes.Repeat(append(zeros, "\x00\x00\xff\xff"...), n/part)
	if len(payload) > n/800 {
		t.Fatalf("%d bytes hold %d, want a thousand times as many", len(payload), n)
	}
	return payload
}
