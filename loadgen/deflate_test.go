package loadgen_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/websocket"

	"github.com/wsimg/wsimg/loadgen"
	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/loadgen/record"
)

// deflating runs a server that compresses with gorilla's means, in frames of
// fragment bytes at most, until the test ends.
func deflating(t *testing.T, fragment int, r reply) (url string) {
	t.Helper()
	up := websocket.Upgrader{EnableCompression: true, WriteBufferSize: fragment}
	var count atomic.Int64
	var sessions sync.WaitGroup
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		sessions.Add(1)
		defer sessions.Done()
		ws, err := up.Upgrade(w, req, nil)
		if err != nil {
			return
		}
		defer ws.Close()
		for {
			typ, message, err := ws.ReadMessage()
			if err != nil {
				return
			}
			r(ws, int(count.Add(1)), typ, message)
		}
	}))
	t.Cleanup(func() {
		srv.Close()
		sessions.Wait()
	})
	return "ws" + strings.TrimPrefix(srv.URL, "http")
}

// compressed writes one frame around payload, marked as compressed, which the
// caller may have made anything of.
func compressed(ws *websocket.Conn, typ int, payload []byte) {
	head := []byte{0xc0 | byte(typ), 127, 0, 0, 0, 0, 0, byte(len(payload) >> 16), byte(len(payload) >> 8), byte(len(payload))}
	ws.NetConn().Write(append(head, payload...))
}

// deflated compresses as a right server does.
func deflated(t *testing.T, message []byte) []byte {
	t.Helper()
	b, err := payload.NewDeflater(1).Append(nil, message)
	if err != nil {
		t.Error(err)
	}
	return b
}

// TestDeflatedRoundTrips has all levels come and go, and counts every byte.
func TestDeflatedRoundTrips(t *testing.T) {
	for level := payload.MinLevel; level <= payload.MaxLevel; level++ {
		mode := fmt.Sprintf("%s+deflate=%d", []string{"binary", "text"}[level&1], level)
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			deflater := payload.NewDeflater(level)
			var want atomic.Int64
			url := deflating(t, 1<<20, func(ws *websocket.Conn, n, typ int, m []byte) {
				b, err := deflater.Append(nil, m)
				if err != nil {
					t.Error(err)
				}
				want.Add(int64(len(b)))
				ws.SetCompressionLevel(level)
				ws.WriteMessage(typ, m)
			})
			samples, got, examples := drive(t, loadgen.Settings{URL: url, Clients: 2, Deflate: true},
				time.Nanosecond, traffic(t, mode, 2))
			if len(got) > 0 {
				t.Fatalf("failures: got %v, want none (%v)", got, examples)
			}
			// Headers have eight bytes; a server's, without a key, four.
			s, n := samples[0], samples[0].BlockImages
			if want := uint64(want.Load()) + 8*n; s.WireSentBytes != want {
				t.Errorf("sent: got %d bytes for %d images, want %d", s.WireSentBytes, n, want)
			}
			if want := uint64(want.Load()) + 4*n; s.WireReceivedBytes != want {
				t.Errorf("received: got %d bytes for %d images, want %d", s.WireReceivedBytes, n, want)
			}
		})
	}
}

// TestDeflatedInManyWays has replies come in every form that is legal, and in
// every way of sending.
func TestDeflatedInManyWays(t *testing.T) {
	ack := func(ws *websocket.Conn, n, typ int, m []byte) {
		ws.EnableWriteCompression(n%2 == 0)
		ws.WriteMessage(websocket.TextMessage, []byte(`{"ok":true}`))
	}
	tests := []struct {
		name     string
		fragment int
		reply    reply
		settings loadgen.Settings
		sender   string
		answer   string
	}{
		{"in frames of 100 bytes", 100, echo, loadgen.Settings{}, loadgen.Live, record.Echo},
		{"in frames of 4 KiB", 4096, echo, loadgen.Settings{}, loadgen.Live, record.Echo},
		{"prepared", 1 << 20, echo, loadgen.Settings{}, loadgen.Prepared, record.Echo},
		{"sometimes uncompressed", 4096, func(ws *websocket.Conn, n, typ int, m []byte) {
			ws.EnableWriteCompression(n%2 == 0)
			ws.WriteMessage(typ, m)
		}, loadgen.Settings{}, loadgen.Live, record.Echo},
		{"with pings between the frames", 500, func(ws *websocket.Conn, _, typ int, m []byte) {
			w, _ := ws.NextWriter(typ)
			for len(m) > 0 {
				n := min(3000, len(m))
				w.Write(m[:n])
				m = m[n:]
				// Not by gorilla's WriteControl: it would mark the next frame.
				ws.NetConn().Write([]byte("\x89\x04ping"))
			}
			w.Close()
		}, loadgen.Settings{}, loadgen.Live, record.Echo},
		{"four in flight", 4096, echo, loadgen.Settings{InFlight: 4}, loadgen.Live, record.Echo},
		{"acknowledged, now compressed and now not", 4096, ack, loadgen.Settings{}, loadgen.Live, record.Ack},
	}
	images, err := source()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		for _, name := range []string{"binary+deflate=-2", "text+deflate"} {
			t.Run(tt.name+", "+name, func(t *testing.T) {
				t.Parallel()
				mode, err := payload.ParseMode(name)
				if err != nil {
					t.Fatal(err)
				}
				tr, err := loadgen.NewTraffic(images, mode, tt.sender, tt.answer, 2)
				if err != nil {
					t.Fatal(err)
				}
				s := tt.settings
				s.URL, s.Clients, s.Deflate = deflating(t, tt.fragment, tt.reply), 2, true
				samples, got, examples := drive(t, s, 30*time.Millisecond, tr)
				if len(got) > 0 || samples[0].BlockImages == 0 {
					t.Errorf("got %d images and failures %v, want none (%v)", samples[0].BlockImages, got, examples)
				}
			})
		}
	}
}

// TestDeflatedFaults meets servers that answer the second message wrongly.
func TestDeflatedFaults(t *testing.T) {
	images, err := source()
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name  string
		wrong reply
		kind  string
		says  string
	}{
		{"what does not inflate", func(ws *websocket.Conn, _, typ int, m []byte) {
			compressed(ws, typ, []byte("\xffno DEFLATE data"))
		}, loadgen.Protocol, "does not inflate"},
		{"half of a message's data", func(ws *websocket.Conn, _, typ int, m []byte) {
			b := deflated(t, m)
			compressed(ws, typ, b[:len(b)/2])
		}, loadgen.Protocol, "does not inflate"},
		{"half of a frame", func(ws *websocket.Conn, _, typ int, m []byte) {
			ws.NetConn().Write(append([]byte{0xc0 | byte(typ), 126, 40, 0}, deflated(t, m)[:5000]...))
			ws.Close()
		}, loadgen.Dropped, "without a close frame"},
		{"compressed data that are not marked", func(ws *websocket.Conn, _, typ int, m []byte) {
			ws.EnableWriteCompression(false)
			ws.WriteMessage(typ, deflated(t, m)[:5000])
		}, loadgen.Short, "instead of"},
		{"one bit flipped", func(ws *websocket.Conn, _, typ int, m []byte) {
			m[len(m)-1] ^= 1
			ws.WriteMessage(typ, m)
		}, loadgen.Flipped, "differs at byte"},
		{"one bit flipped in stored data", func(ws *websocket.Conn, _, typ int, m []byte) {
			b, _ := payload.NewDeflater(0).Append(nil, m)
			b[5000] ^= 1
			compressed(ws, typ, b)
		}, loadgen.Flipped, "differs at byte 4995"},
		{"one byte short", func(ws *websocket.Conn, _, typ int, m []byte) {
			ws.WriteMessage(typ, m[:len(m)-1])
		}, loadgen.Short, "ended after"},
		{"one byte long", func(ws *websocket.Conn, _, typ int, m []byte) {
			ws.WriteMessage(typ, append(m, 'x'))
		}, loadgen.Long, "bytes instead of"},
		{"another image", func(ws *websocket.Conn, _, typ int, m []byte) {
			other := images.Images()[7]
			if typ == websocket.TextMessage {
				other = images.Texts()[7]
			}
			ws.WriteMessage(typ, other)
		}, loadgen.Misplaced, "image 7 came in place"},
		{"the other frame type", func(ws *websocket.Conn, _, typ int, m []byte) {
			ws.WriteMessage(websocket.TextMessage+websocket.BinaryMessage-typ, m)
		}, loadgen.Retyped, "came back as"},
		// Inflated by the 32 KiB until it is a megabyte too long.
		{"a gigabyte in a megabyte", func(ws *websocket.Conn, _, typ int, m []byte) {
			ws.NetConn().Write(append([]byte{0xc0 | byte(typ)}, bomb()[1:]...))
		}, loadgen.Long, "has 1081344 bytes or more instead of"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			url := deflating(t, 4096, nth(2, tt.wrong))
			samples, got, examples := drive(t,
				loadgen.Settings{URL: url, Clients: 1, Timeout: 5 * time.Second, Deflate: true},
				20*time.Millisecond, traffic(t, "text+deflate", 1), traffic(t, "text+deflate", 1))
			if diff := cmp.Diff(map[string]uint64{tt.kind: 1}, got); diff != "" {
				t.Fatalf("failures (-want +got):\n%s%v", diff, examples)
			}
			if detail := examples[tt.kind].Detail; !strings.Contains(detail, tt.says) {
				t.Errorf("got %q, want it to say %q", detail, tt.says)
			}
			if samples[1].Images == 0 {
				t.Error("the client was not redialed: the next block verified no image")
			}
		})
	}
}

// bomb is a frame of about a megabyte that inflates to a gigabyte: the blocks
// of a short message over and over.
var bomb = sync.OnceValue(func() []byte {
	const unit = 1 << 20
	b, err := payload.NewDeflater(9).Append(nil, make([]byte, unit))
	if err != nil {
		panic(err)
	}
	b = append(b, 0, 0, 0xff, 0xff) // the tail belongs between the parts
	all := bytes.Repeat(b, 1<<30/unit)
	n := len(all)
	return append([]byte{0xc2, 127, 0, 0, 0, 0, byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}, all...)
})

// TestCompressedWithoutNegotiation marks a frame on a connection that does not
// compress.
func TestCompressedWithoutNegotiation(t *testing.T) {
	url := server(t, nth(2, func(ws *websocket.Conn, _, typ int, m []byte) { compressed(ws, typ, deflated(t, m)) }))
	_, got, examples := drive(t, loadgen.Settings{URL: url, Clients: 1}, 20*time.Millisecond, traffic(t, "binary", 1))
	if diff := cmp.Diff(map[string]uint64{loadgen.Protocol: 1}, got); diff != "" {
		t.Errorf("failures (-want +got):\n%s%v", diff, examples)
	}
}

// TestBombInPlaceOfAnAcknowledgement is alone, to see what it takes.
func TestBombInPlaceOfAnAcknowledgement(t *testing.T) {
	images, err := source()
	if err != nil {
		t.Fatal(err)
	}
	tr, err := loadgen.NewTraffic(images, payload.Mode{Deflate: payload.Deflate{On: true, Level: 1}}, loadgen.Live, record.Ack, 1)
	if err != nil {
		t.Fatal(err)
	}
	frame := bomb()
	url := deflating(t, 4096, func(ws *websocket.Conn, _, _ int, _ []byte) {
		ws.NetConn().Write([]byte{0xc1})
		ws.NetConn().Write(frame[1:])
	})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, got, examples := drive(t, loadgen.Settings{URL: url, Clients: 1, Deflate: true}, time.Nanosecond, tr)
	runtime.ReadMemStats(&after)
	if diff := cmp.Diff(map[string]uint64{loadgen.Rejected: 1}, got); diff != "" {
		t.Errorf("failures (-want +got):\n%s%v", diff, examples)
	}
	if got := after.TotalAlloc - before.TotalAlloc; got > 64<<20 {
		t.Errorf("got %d MiB allocated, want no more than what is looked at", got>>20)
	}
}

func TestCompressedTrafficNeedsItsOwnFleet(t *testing.T) {
	fleet, err := loadgen.Dial(t.Context(), loadgen.Settings{URL: server(t, echo), Clients: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer fleet.Close()
	if _, _, err := fleet.Run(t.Context(), loadgen.Block{Traffic: traffic(t, "text+deflate", 1), Length: time.Nanosecond}); err == nil || !strings.Contains(err.Error(), "Settings.Deflate") {
		t.Errorf("got %v, want what to dial with", err)
	}
}

func TestNoSuchLevel(t *testing.T) {
	images, err := source()
	if err != nil {
		t.Fatal(err)
	}
	mode := payload.Mode{Deflate: payload.Deflate{On: true, Level: 10}}
	if _, err := loadgen.NewTraffic(images, mode, loadgen.Live, record.Echo, 1); err == nil {
		t.Error("got no error of level 10")
	}
}
