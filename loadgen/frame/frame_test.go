package frame_test

import (
	"bytes"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/wsimg/wsimg/loadgen/frame"
)

// build returns one whole frame around payload.
func build(op frame.Opcode, payload []byte, key [4]byte) []byte {
	b := frame.AppendHeader(nil, op, len(payload), key)
	h := len(b)
	b = append(b, make([]byte, len(payload))...)
	var m frame.Mask
	m.Set(key)
	m.Copy(b[h:], payload)
	return b
}

// serve upgrades one connection with gorilla's server side, hands it raw bytes
// and returns the message it reads.
func serve(t *testing.T, raw []byte) (int, []byte) {
	t.Helper()
	type message struct {
		typ     int
		payload []byte
		err     error
	}
	read := make(chan message, 1)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ws, err := new(websocket.Upgrader).Upgrade(w, r, nil)
		if err != nil {
			read <- message{err: err}
			return
		}
		defer ws.Close()
		typ, p, err := ws.ReadMessage()
		read <- message{typ, p, err}
	}))
	defer srv.Close()
	ws, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(srv.URL, "http"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	if _, err := ws.NetConn().Write(raw); err != nil {
		t.Fatal(err)
	}
	got := <-read
	if got.err != nil {
		t.Fatalf("gorilla does not accept the frame: %v", got.err)
	}
	return got.typ, got.payload
}

func TestServerReadsFrames(t *testing.T) {
	for _, n := range []int{0, 1, 3, 4, 125, 126, 127, 2047, 2048, 2049, 65535, 65536, 1 << 20} {
		payload := make([]byte, n)
		rng := rand.New(rand.NewPCG(1, uint64(n)))
		for i := range payload {
			payload[i] = byte(rng.Uint32())
		}
		for _, op := range []frame.Opcode{frame.Text, frame.Binary} {
			b := build(op, payload, [4]byte{1, 0xfe, 0, 0x80})
			if got, want := len(b), frame.HeaderLen(n)+n; got != want {
				t.Errorf("frame of %d bytes: got length %d, want %d", n, got, want)
			}
			typ, got := serve(t, b)
			if typ != int(op) || !bytes.Equal(got, payload) {
				t.Errorf("frame of %d bytes: type %d and payload do not come back", n, typ)
			}
		}
	}
}

// TestDeflatedMarksTheFrame sets RSV1 and changes nothing else.
func TestDeflatedMarksTheFrame(t *testing.T) {
	key := [4]byte{1, 2, 3, 4}
	for _, n := range []int{1, 126, 1 << 16} {
		want := frame.AppendHeader(nil, frame.Text, n, key)
		want[0] |= 0x40
		if got := frame.AppendHeader(nil, frame.Text|frame.Deflated, n, key); !bytes.Equal(got, want) {
			t.Errorf("before %d bytes: got header %x, want %x", n, got, want)
		}
	}
}

func FuzzMask(f *testing.F) {
	f.Add([]byte("an image"), uint8(4), byte(1), byte(2), byte(3), byte(4))
	f.Fuzz(func(t *testing.T, payload []byte, cut uint8, a, b, c, d byte) {
		key := [4]byte{a, b, c, d}
		want := make([]byte, len(payload))
		for i := range payload {
			want[i] = payload[i] ^ key[i%4]
		}
		var m frame.Mask
		m.Set(key)
		got := make([]byte, len(payload))
		first := min(int(cut)*4, len(payload))
		n := m.Copy(got, payload[:first])
		m.Copy(got[n:], payload[first:])
		if !bytes.Equal(got, want) {
			t.Fatalf("masked in two pieces, %d bytes differ from RFC 6455, 5.3", len(payload))
		}
	})
}

func BenchmarkMask(b *testing.B) {
	src := make([]byte, 100_000)
	dst := make([]byte, len(src))
	var m frame.Mask
	b.Run("copy and mask", func(b *testing.B) {
		b.SetBytes(int64(len(src)))
		for b.Loop() {
			m.Set([4]byte{1, 2, 3, 4})
			m.Copy(dst, src)
		}
	})
	b.Run("copy alone", func(b *testing.B) {
		b.SetBytes(int64(len(src)))
		for b.Loop() {
			io.Discard.Write(dst[:copy(dst, src)])
		}
	})
}
