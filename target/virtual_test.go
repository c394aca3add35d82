package target

import (
	bigendian "encoding/binary"
	"net"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/wsimg/wsimg/target/store"
)

// virtualTarget returns a target without a network for a bubble of synctest,
// whose time is virtual.
func virtualTarget(t *testing.T, settings Settings) *Server {
	t.Helper()
	if settings.Store == "" {
		settings.Store = store.Discard
	}
	srv, err := New(settings)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { srv.Shutdown(t.Context()) })
	return srv
}

// connect begins a session over a pipe and returns the client's end. Nothing is
// buffered on the way.
func (s *Server) connect(t *testing.T) net.Conn {
	t.Helper()
	client, server := net.Pipe()
	t.Cleanup(func() { client.Close() })
	if !s.begin(newSession(s, server, wishes{codec: SIMD, reply: Echo}, func() {})) {
		t.Fatal("no session begins")
	}
	return client
}

// drip writes a stream a piece at a time, with a pause before each.
func drip(conn net.Conn, stream []byte, piece int, pause time.Duration) {
	for len(stream) > 0 {
		time.Sleep(pause)
		n := min(piece, len(stream))
		if _, err := conn.Write(stream[:n]); err != nil {
			return
		}
		stream = stream[n:]
	}
}

// ending is how a session ended, as its client sees it.
type ending struct {
	code   int
	reason string
	after  time.Duration
	pings  int
}

// readEnding reads frames, all of them short, until the close frame. It leaves
// pings unanswered.
func readEnding(t *testing.T, conn net.Conn) (end ending) {
	t.Helper()
	begun := time.Now()
	for {
		first, payload := readFrame(t, conn)
		switch int(first & 0x0f) {
		case websocket.PingMessage:
			end.pings++
		case websocket.CloseMessage:
			end.code, end.reason = int(bigendian.BigEndian.Uint16(payload)), string(payload[2:])
			end.after = time.Since(begun)
			return end
		}
	}
}
