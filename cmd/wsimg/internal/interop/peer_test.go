package interop

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// patience is how long a peer waits for anything. Nothing that passes takes a
// hundredth of it.
const patience = 20 * time.Second

// peer is a client that may break any rule.
type peer struct {
	t    testing.TB
	conn net.Conn
	in   *bufio.Reader
	// extensions is what the target agreed on.
	extensions string
}

// dial connects to the target at addr, offering extensions unless offer is
// empty. The connection is closed with the test.
func dial(t testing.TB, addr, offer string) *peer {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(patience))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+addr, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header = http.Header{
		"Connection":            {"Upgrade"},
		"Upgrade":               {"websocket"},
		"Sec-Websocket-Version": {"13"},
		"Sec-Websocket-Key":     {"dGhlIHNhbXBsZSBub25jZQ=="},
	}
	if offer != "" {
		req.Header.Set("Sec-WebSocket-Extensions", offer)
	}
	if err := req.Write(conn); err != nil {
		t.Fatal(err)
	}
	in := bufio.NewReaderSize(conn, 64<<10)
	resp, err := http.ReadResponse(in, req)
	if err != nil || resp.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("handshake: got %v, error %v", resp, err)
	}
	// The answer to that key is in RFC 6455 section 1.3.
	if got, want := resp.Header.Get("Sec-WebSocket-Accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="; got != want {
		t.Fatalf("handshake: got the accept %q, want %q", got, want)
	}
	return &peer{t, conn, in, strings.Join(resp.Header.Values("Sec-WebSocket-Extensions"), ", ")}
}

// send writes frames with one write(2).
func (p *peer) send(frames ...frame) {
	var b []byte
	for _, f := range frames {
		b = f.appendTo(b)
	}
	p.write(b)
}

// write leaves errors alone: the target may have ended the connection with
// reason, which is to be read.
func (p *peer) write(b []byte) { p.conn.Write(b) }

// hear reads one frame and compares it.
func (p *peer) hear(want frame) {
	p.t.Helper()
	got, err := readFrame(p.in)
	if err != nil {
		p.t.Fatalf("got error %v, want %v", err, want)
	}
	if got.opcode != want.opcode || got.more != want.more || got.rsv != want.rsv || !bytes.Equal(got.payload, want.payload) {
		p.t.Fatalf("got %v, want %v", got, want)
	}
}

// ends reads the target's close frame, which must have this code, 0 being none,
// and the end of the connection, which must be clean: the target has read all
// that was sent, or the connection would be reset.
func (p *peer) ends(code int) {
	p.t.Helper()
	got, err := readFrame(p.in)
	switch {
	case err != nil:
		p.t.Fatalf("got error %v, want a close frame with %d", err, code)
	case got.opcode != opClose || got.more || got.rsv != 0 || codeOf(got) != code:
		p.t.Fatalf("got %v, want a close frame with %d", got, code)
	}
	if extra, err := readFrame(p.in); !errors.Is(err, io.EOF) {
		p.t.Fatalf("after the close frame: got %v, error %v, want the end of the connection", extra, err)
	}
}

// codeOf returns the code of a close frame, 0 when it has none.
func codeOf(f frame) int {
	if len(f.payload) == 0 {
		return 0
	}
	if len(f.payload) == 1 {
		return -1
	}
	return int(binary.BigEndian.Uint16(f.payload))
}
