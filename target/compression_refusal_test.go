package target

import (
	"bytes"
	bigendian "encoding/binary"
	"errors"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/wsimg/wsimg/target/internal/compression"
	"github.com/wsimg/wsimg/target/internal/frame"
	"github.com/wsimg/wsimg/target/store"
)

// TestOffers has offers in the plain form of a handshake answered.
func TestOffers(t *testing.T) {
	const accepted = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
	for _, tc := range []struct {
		name    string
		deflate bool
		offers  []string
		want    string
	}{
		{"none", true, nil, ""},
		{"one, to a server that does without", false, []string{"permessage-deflate"}, ""},
		{"that of browsers", true, []string{"permessage-deflate; client_max_window_bits"}, accepted},
		{"a window of 1 KB", true, []string{"permessage-deflate; server_max_window_bits=10"}, accepted + "; server_max_window_bits=10"},
		{"a window of 32 KB", true, []string{"permessage-deflate; server_max_window_bits=15"}, accepted + "; server_max_window_bits=15"},
		{"a window of 1 KB, else any", true, []string{"permessage-deflate; server_max_window_bits=10, permessage-deflate"}, accepted + "; server_max_window_bits=10"},
		{"a window of 1 KB, to a server that does without", false, []string{"permessage-deflate; server_max_window_bits=10"}, ""},
		{"a window that can't be had", true, []string{"permessage-deflate; server_max_window_bits=7"}, ""},
		{"a window that can't be had, else any", true, []string{"permessage-deflate; server_max_window_bits=7, permessage-deflate"}, accepted},
		{"in a second header", true, []string{"mux", "permessage-deflate"}, accepted},
	} {
		t.Run(tc.name, func(t *testing.T) {
			srv := newTestServer(t, Settings{Store: store.Off, Deflate: tc.deflate})
			header := http.Header{}
			for _, offer := range tc.offers {
				header.Add("sec-websocket-extensions", offer)
			}
			conn := offering(t, srv, "", header)
			if got := conn.extensions; got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
			// What was not agreed on is not understood either.
			conn.Write(compressedFrame(websocket.TextMessage, deflated(t, []byte("Hello"), 1)))
			first, payload := readFrame(t, conn)
			if closed := first == 0x88 && bigendian.BigEndian.Uint16(payload) == 1002; closed != (tc.want == "") {
				t.Errorf("a compressed message: got first byte %#x, %q", first, payload)
			}
		})
	}
}

func TestCompressedRefusals(t *testing.T) {
	const limit = 100_000
	zeros := bomb(t, 100*limit)
	text := []byte("ab\xc3\x28" + strings.Repeat("x", 10_000))
	for _, tc := range []struct {
		name   string
		store  store.Kind
		frames []byte
		code   int
		reason string
	}{
		{"a bomb", store.Files, compressedFrame(websocket.BinaryMessage, zeros), 1009, "image is larger than 100000 bytes"},
		{"a bomb, unseen", store.Off, compressedFrame(websocket.TextMessage, zeros), 1009, "Base64 is longer than 133592 bytes"},
		{"one byte too many", store.Off, compressedFrame(websocket.BinaryMessage, deflated(t, photograph(limit+1), -2)), 1009, "image is larger"},
		{"too large before it is inflated", store.Off, compressedFrame(websocket.BinaryMessage, make([]byte, 1<<20)), 1009, "compressed message is longer than"},
		{"garbage", store.Off, compressedFrame(websocket.BinaryMessage, photograph(1000)), 1007, "invalid compressed data"},
		{"half a message", store.Off, compressedFrame(websocket.BinaryMessage, deflated(t, text, 0)[:500]), 1007, "they end too early"},
		{"text that isn't UTF-8, unseen", store.Off, compressedFrame(websocket.TextMessage, deflated(t, text, 1)), 1007, "invalid UTF-8 at byte 2"},
		{"text that ends within a character, unseen", store.Off, compressedFrame(websocket.TextMessage, deflated(t, []byte("ab\xe2\x82"), 1)), 1007, "invalid UTF-8 at byte 2"},
		{"text that isn't UTF-8, and then garbage", store.Off, compressedFrame(websocket.TextMessage, append(deflated(t, bytes.Repeat(text, 9), 0), photograph(1000)...)), 1007, "invalid UTF-8 at byte 2"},
		{"text that isn't Base64", store.Files, compressedFrame(websocket.TextMessage, deflated(t, []byte("AAAA*AAA"), 1)), 1007, "invalid Base64 at byte 4"},
		{"nothing", store.Files, compressedFrame(websocket.BinaryMessage, []byte{0}), 1007, "empty image"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			srv := newTestServer(t, Settings{Store: tc.store, MaxImage: limit, Deflate: true})
			conn := srv.dialDeflate(t, "")
			go conn.NetConn().Write(tc.frames)
			closed := readClose(t, conn)
			if closed.Code != tc.code || !strings.Contains(closed.Text, tc.reason) {
				t.Errorf("got close %d %q, want %d %q", closed.Code, closed.Text, tc.code, tc.reason)
			}
			conn.Close()
			checkFiles(t, srv.dir, nil)
			if got := srv.Stats(); got.Images.Refused != 1 || got.Images.Received != 1 || got.CloseCodes[tc.code] != 1 {
				t.Errorf("got %d received, %d refused, closes %v, want 1, 1, one %d", got.Images.Received, got.Images.Refused, got.CloseCodes, tc.code)
			}
		})
	}
}

func TestMarksOutOfPlaceClose1002(t *testing.T) {
	srv := newTestServer(t, Settings{Store: store.Off, Deflate: true})
	begun := compressedFrame(websocket.TextMessage, []byte("begun"))
	begun[0] &^= 0x80
	for name, stream := range map[string][]byte{
		"on a ping":         compressedFrame(websocket.PingMessage, nil),
		"on a continuation": append(begun, compressedFrame(0, nil)...),
		"of RSV2":           {0x80 | 0x20 | 0x2, 0x80, 0, 0, 0, 0},
	} {
		conn := srv.dialDeflate(t, "")
		conn.NetConn().Write(stream)
		if got := readClose(t, conn); got.Code != 1002 {
			t.Errorf("%s: got close %d, want 1002", name, got.Code)
		}
	}
}

// TestBombsTakeBoundedMemory sends what would inflate to 200 times the limit.
func TestBombsTakeBoundedMemory(t *testing.T) {
	const limit = 1_000_000
	srv := newTestServer(t, Settings{Store: store.Off, MaxImage: limit, Deflate: true})
	request := compressedFrame(websocket.BinaryMessage, bomb(t, 200*limit))
	conn := srv.dialDeflate(t, "")
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	conn.NetConn().Write(request)
	closed := readClose(t, conn)
	runtime.ReadMemStats(&after)
	if closed.Code != websocket.CloseMessageTooBig {
		t.Errorf("got close %d, want %d", closed.Code, websocket.CloseMessageTooBig)
	}
	// A buffer doubles until it holds the limit, so all of them twice that.
	if got := after.TotalAlloc - before.TotalAlloc; got > 5*limit {
		t.Errorf("allocated %d bytes for %d inflated ones, want at most %d", got, limit, 5*limit)
	}
}

// FuzzCompressedMessages inflates what may be no compressed message: what it
// returns is within the limit and what compress/flate makes of it, or it is
// refused with a code and a reason.
func FuzzCompressedMessages(f *testing.F) {
	const limit = 3000
	srv, err := New(Settings{Store: store.Off, MaxImage: limit, Deflate: true})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { srv.Shutdown(f.Context()) })
	c := session{server: srv, count: srv.counters.shard(1), checkUTF8: true, lease: srv.budget.Lease()}
	for level := range 10 {
		f.Add(deflated(f, photograph(level*level*40), level), true, level)
		f.Add(deflated(f, bytes.Repeat([]byte("€"), level*150), level), false, level-2)
	}
	f.Fuzz(func(t *testing.T, payload []byte, isBinary bool, level int) {
		m := text
		if isBinary {
			m = binary
		}
		c.level = compression.MinLevel + int(uint(level)%(compression.MaxLevel-compression.MinLevel+1))
		b := srv.buffers.Get(frame.Room + len(payload))
		b.Bytes = append(b.Bytes[:frame.Room], payload...)
		message, err := c.inflate(m, b)
		defer func() { c.giveBack(message) }()
		if err != nil {
			if r, ok := errors.AsType[*refusal](err); !ok || r.code != 1007 && r.code != 1009 || r.reason == "" {
				t.Errorf("got error %v, want 1007 or 1009 and a reason", err)
			}
			return
		}
		got := bytes.Clone(message.Bytes[frame.Room:])
		if len(got) > srv.limits[m] {
			t.Errorf("%s: got %d bytes, want at most %d", m, len(got), srv.limits[m])
		}
		// Where a final block is in the middle, ours goes on.
		if want, err := inflated(payload); err != nil || !bytes.HasPrefix(got, want) {
			t.Errorf("got %d bytes, want %d, error %v", len(got), len(want), err)
		}
		if message, err = c.deflate(m, message); err != nil {
			t.Fatal(err)
		}
		if again, err := inflated(message.Bytes[frame.Room:]); err != nil || !bytes.Equal(again, got) {
			t.Errorf("%d bytes came back as %d, error %v", len(got), len(again), err)
		}
	})
}
