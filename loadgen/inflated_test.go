package loadgen

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/wsimg/wsimg/loadgen/payload"
)

// TestInflatedWire reads compressed messages in frames, pings and writes of any
// cut: every byte must come as it was sent, be counted, and leave no memory
// behind.
func TestInflatedWire(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	stream, want := compressedScript(t, rng)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		up := websocket.Upgrader{EnableCompression: true}
		ws, err := up.Upgrade(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		defer ws.Close()
		io.ReadFull(ws.NetConn(), make([]byte, 1)) // until the handshake is counted
		for rest := stream; len(rest) > 0; {
			n := min(len(rest), 1+rng.IntN(100_000))
			ws.NetConn().Write(rest[:n])
			rest = rest[n:]
			if n%4 == 0 {
				time.Sleep(time.Millisecond) // for the reader to run dry
			}
		}
		io.Copy(io.Discard, ws.NetConn())
	}))
	defer srv.Close()
	for _, tt := range []struct {
		name  string
		tells bool
	}{
		{"of a socket that tells when it is readable", true},
		{"of one that does not, as under TLS", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var in *inflated
			d := websocket.Dialer{EnableCompression: true, ReadBufferSize: smallest, NetDial: func(network, addr string) (net.Conn, error) {
				c, err := net.Dial(network, addr)
				if err != nil {
					return nil, err
				}
				in = &inflated{wire: newWire(c, newClock())}
				if !tt.tells {
					in.raw = rawReader{}
				}
				return in, nil
			}}
			ws, _, err := d.Dial("ws"+strings.TrimPrefix(srv.URL, "http"), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer ws.Close()
			ws.SetPingHandler(func(string) error { return nil })
			in.take()
			if _, err := ws.NetConn().Write([]byte{0}); err != nil {
				t.Fatal(err)
			}
			for i, message := range want {
				_, r, err := ws.NextReader()
				if err != nil {
					t.Fatal(err)
				}
				var got []byte
				for err == nil {
					var n int
					p := in.space()
					n, err = r.Read(p)
					got = append(got, p[:n]...)
				}
				in.release()
				if err != io.EOF || !bytes.Equal(got, message) {
					t.Fatalf("message %d of %d bytes comes back wrong, with %d: %v", i, len(message), len(got), err)
				}
			}
			if got := in.take(); got != int64(len(stream)) {
				t.Errorf("received: got %d bytes, want %d", got, len(stream))
			}
			if in.ahead != nil || in.piece != nil {
				t.Error("memory is held while nothing is pending")
			}
		})
	}
}

// TestBlame tells whose an end too early is.
func TestBlame(t *testing.T) {
	for _, tt := range []struct {
		name   string
		err    error
		failed bool
		want   string
	}{
		{"corrupt data", flate.CorruptInputError(7), false, Protocol},
		{"data that end too early", io.ErrUnexpectedEOF, false, Protocol},
		{"a connection that ends too early, under TLS", io.ErrUnexpectedEOF, true, Dropped},
		{"a close frame", &websocket.CloseError{Code: 1011}, false, "closed-1011"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in := &inflated{failed: tt.failed}
			if got := Kind(in.blame(tt.err)); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// compressedScript returns a server's frames, with pings among them, and the
// messages that they carry.
func compressedScript(t *testing.T, rng *rand.Rand) (stream []byte, want [][]byte) {
	t.Helper()
	deflater := payload.NewDeflater(-2)
	for range 15 {
		message := make([]byte, rng.IntN(300_000))
		for i := range message {
			message[i] = byte(rng.Uint32())
		}
		want = append(want, message)
		rest, err := deflater.Append(nil, message)
		if err != nil {
			t.Fatal(err)
		}
		head := byte(0x40 | websocket.BinaryMessage) // RSV1 is the first frame's
		for final := false; !final; {
			n := min(len(rest), 126+rng.IntN(1<<15))
			if final = n == len(rest); final {
				head |= 0x80
			}
			stream = binary.BigEndian.AppendUint64(append(stream, head, 127), uint64(n))
			stream = append(stream, rest[:n]...)
			rest, head = rest[n:], 0
			if rng.IntN(3) == 0 {
				stream = append(stream, "\x89\x04ping"...)
			}
		}
	}
	// The last ping would be read by nobody.
	return append(bytes.TrimSuffix(stream, []byte("\x89\x04ping")), 0x82, 0), append(want, []byte{})
}
