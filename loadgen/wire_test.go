package loadgen

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gorilla/websocket"
)

// FuzzWire sends messages in frames, pings and writes of any cut, and reads
// them through a wire's space: every byte must come as it was sent.
func FuzzWire(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4})
	f.Add([]byte{0, 0, 255, 255, 125, 0, 7, 0, 130, 40, 9, 9})
	f.Add(bytes.Repeat([]byte{200, 3, 80, 11}, 40))
	raw := make(chan []byte, 1)
	cuts := make(chan []byte, 1)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ws, err := new(websocket.Upgrader).Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer ws.Close()
		stream := <-raw
		for _, c := range <-cuts {
			n := min(len(stream), 1+int(c)*int(c))
			ws.NetConn().Write(stream[:n])
			stream = stream[n:]
		}
		ws.NetConn().Write(stream)
		io.Copy(io.Discard, ws.NetConn())
	}))
	f.Cleanup(srv.Close)
	f.Fuzz(func(t *testing.T, plan []byte) {
		if len(plan) > 400 {
			return
		}
		stream, want := script(plan)
		raw <- stream
		cuts <- plan
		var w *wire
		d := websocket.Dialer{ReadBufferSize: smallest, NetDialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			c, err := new(net.Dialer).DialContext(ctx, network, addr)
			if err == nil {
				w = newWire(c, newClock())
				return w, nil
			}
			return nil, err
		}}
		ws, _, err := d.Dial("ws"+strings.TrimPrefix(srv.URL, "http"), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer ws.Close()
		ws.SetPingHandler(func(string) error { return nil })
		for i, message := range want {
			_, r, err := ws.NextReader()
			if err != nil {
				t.Fatal(err)
			}
			var got []byte
			for {
				p := w.space()
				n, err := r.Read(p)
				got = append(got, p[:n]...)
				if err == io.EOF {
					break
				}
				if err != nil {
					t.Fatalf("message %d: %v", i, err)
				}
			}
			w.release()
			if !bytes.Equal(got, message) {
				t.Fatalf("message %d of %d bytes comes back wrong, with %d", i, len(message), len(got))
			}
		}
		if w.ahead != nil && w.from == w.to {
			t.Error("a block is held while nothing is pending")
		}
	})
}

// script turns plan into a server's frames and the messages they carry: each
// byte is a fragment's length, some stretched, some ends of messages, some
// followed by a ping.
func script(plan []byte) (stream []byte, want [][]byte) {
	rng := rand.New(rand.NewPCG(1, 2))
	var message []byte
	open := false
	fragment := func(n int, last bool) {
		head := byte(websocket.BinaryMessage)
		if open {
			head = 0
		}
		if last {
			head |= 0x80
		}
		switch {
		case n < 126:
			stream = append(stream, head, byte(n))
		case n < 1<<16:
			stream = binary.BigEndian.AppendUint16(append(stream, head, 126), uint16(n))
		default:
			stream = binary.BigEndian.AppendUint64(append(stream, head, 127), uint64(n))
		}
		for range n {
			b := byte(rng.Uint32())
			stream, message = append(stream, b), append(message, b)
		}
		open = !last
		if last {
			want, message = append(want, message), nil
		}
	}
	for i, c := range plan {
		n := int(c)
		if i%3 == 2 {
			n *= n
		}
		fragment(n, c%4 == 0)
		if c%5 == 0 {
			ping := make([]byte, c%126)
			stream = append(append(stream, 0x89, byte(len(ping))), ping...)
		}
	}
	if open || len(want) == 0 {
		fragment(1, true)
	}
	return stream, want
}

// TestWireHoldsNothingBetweenMessages reads what is no message: after it, the
// connection may be idle for long.
func TestWireHoldsNothingBetweenMessages(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	near, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer near.Close()
	far, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer far.Close()
	w := newWire(near, newClock())
	if !w.raw.works() {
		t.Skip("nothing is read ahead on this system")
	}
	for _, in := range []net.Conn{w, &inflated{wire: w}} {
		ping := "\x89\x04ping"
		if _, err := io.WriteString(far, ping); err != nil {
			t.Fatal(err)
		}
		for i := range ping { // in pieces
			got := make([]byte, 1)
			if n, err := in.Read(got); n != 1 || err != nil || got[0] != ping[i] {
				t.Fatalf("%T: byte %d: got %d bytes, %q and %v, want %q", in, i, n, got, err, ping[i])
			}
			if held, more := w.ahead != nil, i < len(ping)-1; held != more {
				t.Errorf("%T: after byte %d memory is held: %t, want %t", in, i, held, more)
			}
		}
	}
}
