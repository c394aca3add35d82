package target

import (
	"math/rand/v2"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/wsimg/wsimg/target/store"
)

// TestCountersAddUpWhateverClientsDo has clients of all kinds at once while the
// statistics are looked at.
func TestCountersAddUpWhateverClientsDo(t *testing.T) {
	srv := newTestServer(t, Settings{
		Store: store.Latest, Deflate: true, MaxImage: 300_000,
		Limits: Limits{InFlight: 2 << 20, Message: 300 * time.Millisecond, Write: 300 * time.Millisecond},
	})
	small := bomb(t, 40<<20)
	kinds := []func(net.Conn){
		func(c net.Conn) { // sends and reads
			for range 20 {
				request, reply := traffic(binary, 50_000)
				c.Write(request)
				readAll(c, reply)
			}
		},
		func(c net.Conn) { // sends what is refused
			c.Write(clientFrame(websocket.TextMessage, []byte("no Base64")))
			readAll(c, make([]byte, 10))
		},
		func(c net.Conn) { c.Write(compressedFrame(websocket.BinaryMessage, small)) },
		func(c net.Conn) { // resets in mid-message
			c.Write(clientFrame(websocket.BinaryMessage, photograph(200_000))[:100_000])
			if tcp, ok := c.(*net.TCPConn); ok {
				tcp.SetLinger(0)
			}
		},
		func(c net.Conn) { // never reads
			c.SetWriteDeadline(time.Now().Add(2 * time.Second))
			request, _ := traffic(binary, 250_000)
			for {
				if _, err := c.Write(request); err != nil {
					return
				}
			}
		},
		func(c net.Conn) { // promises, and is slow
			c.Write(clientFrame(websocket.BinaryMessage, photograph(250_000))[:50_000])
			readAll(c, make([]byte, 2))
		},
	}
	var clients sync.WaitGroup
	for n := range 36 {
		conn := srv.dialDeflate(t, "").NetConn()
		clients.Go(func() {
			defer conn.Close()
			time.Sleep(time.Duration(rand.IntN(100)) * time.Millisecond)
			kinds[n%len(kinds)](conn)
		})
	}
	done := make(chan struct{})
	go func() { clients.Wait(); close(done) }()
	for looked := false; !looked; {
		select {
		case <-done:
			looked = true
		default:
		}
		s := srv.Stats()
		if c := s.Images.ImageCounts; c.Received != c.Saved+c.Refused || c.Echoed > c.Saved || int64(c.InHand) < 0 {
			t.Fatalf("got %+v, want received = saved + refused, echoed at most saved, no less than none in hand", c)
		}
	}
	eventually(t, "all sessions have ended", func() bool { return srv.Stats().Connections.Open == 0 })
	s := srv.Stats()
	if c := s.Images.ImageCounts; c.InHand != 0 {
		t.Errorf("got %+v at the end, want none in hand", c)
	}
	if s.InFlightBytes != 0 {
		t.Errorf("got %d bytes in flight at the end, want none", s.InFlightBytes)
	}
	if s.Images.Binary.Echoed < 120 || s.Images.Text.Refused != 6 || s.Connections.Cut == 0 {
		t.Errorf("got %d echoed, %d texts refused, %d cut, want 120 or more, 6, and some", s.Images.Binary.Echoed, s.Images.Text.Refused, s.Connections.Cut)
	}
}

// readAll fills p, or ends early.
func readAll(c net.Conn, p []byte) {
	c.SetReadDeadline(time.Now().Add(10 * time.Second))
	for len(p) > 0 {
		n, err := c.Read(p)
		if err != nil {
			return
		}
		p = p[n:]
	}
}
