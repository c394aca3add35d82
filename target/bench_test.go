package target

import (
	bigendian "encoding/binary"
	"fmt"
	"io"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/wsimg/wsimg/target/store"
)

// clientFrame returns a client's frame, its mask zero, so that the payload
// needs no masking.
func clientFrame(kind int, message []byte) []byte {
	f := []byte{0x80 | byte(kind)}
	switch n := len(message); {
	case n < 126:
		f = append(f, 0x80|byte(n))
	case n < 1<<16:
		f = bigendian.BigEndian.AppendUint16(append(f, 0x80|126), uint16(n))
	default:
		f = bigendian.BigEndian.AppendUint64(append(f, 0x80|127), uint64(n))
	}
	return append(append(f, 0, 0, 0, 0), message...)
}

// replyLen returns the length of the frame that answers with n bytes.
func replyLen(n int) int {
	switch {
	case n > 65535:
		return n + 10
	case n > 125:
		return n + 4
	}
	return n + 2
}

// roundTrips sends a prepared frame and reads as many bytes as the reply has. It
// allocates nothing, so that what is allocated is the target's doing.
func roundTrips(tb testing.TB, conn net.Conn, frame, reply []byte) {
	if _, err := conn.Write(frame); err != nil {
		tb.Error(err)
	}
	if _, err := io.ReadFull(conn, reply); err != nil {
		tb.Error(err)
	}
}

func TestExchangeAllocatesLittle(t *testing.T) {
	if raceEnabled {
		t.Skip("under the race detector pools forget on purpose")
	}
	const size, messages = 100_000, 500
	for _, kind := range []store.Kind{store.Latest, store.Discard, store.Off} {
		for _, mode := range []mode{text, binary} {
			for _, answer := range []Reply{Echo, Ack} {
				t.Run(fmt.Sprint(kind, "/", mode, "/", answer), func(t *testing.T) {
					srv := newTestServer(t, Settings{Store: kind, Reply: answer})
					frame, reply := traffic(mode, size)
					if answer == Ack {
						reply = reply[:replyLen(len(ackOf(size)))]
					}
					conn := srv.dial(t, "").NetConn()
					for range 50 {
						roundTrips(t, conn, frame, reply)
					}
					objects, bytes := allocated(messages, func() { roundTrips(t, conn, frame, reply) })
					// A collection may cost a buffer once in a while.
					if objects > 4.2 || bytes > 1500 {
						t.Errorf("got %.2f objects and %.0f bytes a message, want at most 4 small ones", objects, bytes)
					}
				})
			}
		}
	}
}

// allocated returns how many objects and bytes are allocated a call.
func allocated(calls int, f func()) (objects, bytes float64) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range calls {
		f()
	}
	runtime.ReadMemStats(&after)
	return float64(after.Mallocs-before.Mallocs) / float64(calls), float64(after.TotalAlloc-before.TotalAlloc) / float64(calls)
}

func TestCompressedExchangeAllocatesLittle(t *testing.T) {
	if raceEnabled {
		t.Skip("under the race detector pools forget on purpose")
	}
	const size, messages = 100_000, 200
	for _, mode := range []mode{text, binary} {
		for _, level := range []int{-2, 1} {
			t.Run(fmt.Sprintf("%s/level %d", mode, level), func(t *testing.T) {
				srv := newTestServer(t, Settings{Store: store.Discard, Deflate: true})
				kind, message := websocket.BinaryMessage, photograph(size)
				copy(message[size/2:], make([]byte, size/4)) // or binary would not be compressed
				if mode == text {
					kind, message = websocket.TextMessage, asText(message)
				}
				payload := deflated(t, message, level)
				frame, reply := compressedFrame(kind, payload), make([]byte, replyLen(len(payload)))
				conn := srv.dialDeflate(t, fmt.Sprintf("?deflate=%d", level)).NetConn()
				for range 20 {
					roundTrips(t, conn, frame, reply)
				}
				objects, bytes := allocated(messages, func() { roundTrips(t, conn, frame, reply) })
				if objects > 12 || bytes > 12_000 {
					t.Errorf("got %.2f objects and %.0f bytes a message, want a few small ones for each block", objects, bytes)
				}
			})
		}
	}
}

// traffic returns a frame with an image of size bytes, and room for its echo.
func traffic(m mode, size int) (request, reply []byte) {
	kind, message := websocket.BinaryMessage, photograph(size)
	if m == text {
		kind, message = websocket.TextMessage, asText(message)
	}
	return clientFrame(kind, message), make([]byte, replyLen(len(message)))
}

// BenchmarkExchange is the whole round trip over loopback, 16 clients, with
// as little of a client as there can be.
func BenchmarkExchange(b *testing.B) {
	for _, kind := range []store.Kind{store.Off, store.Discard, store.Latest, store.Files} {
		for _, mode := range []mode{binary, text} {
			for _, size := range []int{10_000, 100_000, 1_000_000} {
				b.Run(fmt.Sprintf("%s/%s/%dKB", kind, mode, size/1000), func(b *testing.B) {
					benchmarkExchange(b, kind, mode, size)
				})
			}
		}
	}
}

func benchmarkExchange(b *testing.B, kind store.Kind, m mode, size int) {
	const clients = 16
	srv := newTestServer(b, Settings{Store: kind})
	request, _ := traffic(m, size)
	var conns []net.Conn
	for range clients {
		conns = append(conns, srv.dial(b, "").NetConn())
	}
	b.SetBytes(int64(size))
	b.ReportAllocs()
	b.ResetTimer()
	var left atomic.Int64
	left.Store(int64(b.N))
	var wg sync.WaitGroup
	for _, conn := range conns {
		wg.Go(func() {
			_, reply := traffic(m, size)
			for left.Add(-1) >= 0 {
				roundTrips(b, conn, request, reply)
			}
		})
	}
	wg.Wait()
}
