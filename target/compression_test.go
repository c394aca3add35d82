package target

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/wsimg/wsimg/target/store"
)

func TestCompressedImagesAreEchoedVerbatimAndSavedAsTheyAre(t *testing.T) {
	for kind, level := range map[store.Kind]int{store.Files: 1, store.Discard: -2, store.Off: 9} {
		t.Run(fmt.Sprintf("%s/level %d", kind, level), func(t *testing.T) {
			srv := newTestServer(t, Settings{Store: kind, Deflate: true})
			conn := srv.dialDeflate(t, fmt.Sprintf("?deflate=%d", level))
			if err := conn.SetCompressionLevel(level); err != nil {
				t.Fatal(err)
			}
			var want [][]byte
			for _, n := range []int{1, 94, 127, 4096, 65537, 200_000} {
				image := photograph(n)
				copy(image[n/3:], bytes.Repeat([]byte("compressible "), n/30))
				for frame, message := range map[int][]byte{websocket.BinaryMessage: image, websocket.TextMessage: asText(image)} {
					for _, compress := range []bool{true, false} {
						conn.EnableWriteCompression(compress)
						got, reply := send(t, conn, frame, message)
						if got != frame || !bytes.Equal(reply, message) {
							t.Fatalf("%d bytes in a frame of type %d came back as %d in one of type %d", len(message), frame, len(reply), got)
						}
						want = append(want, image)
					}
				}
			}
			if kind != store.Files {
				want = nil
			}
			checkFiles(t, srv.dir, want)
		})
	}
}

func TestRepliesAreCompressedAsTheirMessagesAre(t *testing.T) {
	image := bytes.Repeat([]byte("an image "), 5000)
	for _, tc := range []struct {
		name, query string
		compressed  bool
		first       byte
	}{
		{"the echo of a compressed message", "", true, 0x80 | marked | 0x2},
		{"the echo of another", "", false, 0x80 | 0x2},
		{"the ack of a compressed message", "?reply=ack", true, 0x80 | 0x1},
		{"the ack of another", "?reply=ack", false, 0x80 | 0x1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			srv := newTestServer(t, Settings{Store: store.Discard, Deflate: true})
			conn := srv.dialDeflate(t, tc.query).NetConn()
			request := clientFrame(websocket.BinaryMessage, image)
			if tc.compressed {
				request = compressedFrame(websocket.BinaryMessage, deflated(t, image, 6))
			}
			if _, err := conn.Write(request); err != nil {
				t.Fatal(err)
			}
			first, payload := readFrame(t, conn)
			if first != tc.first {
				t.Errorf("got first byte %#x, want %#x", first, tc.first)
			}
			if first&marked != 0 {
				var err error
				if payload, err = inflated(payload); err != nil {
					t.Fatal(err)
				}
			}
			want := string(image)
			if strings.Contains(tc.query, "ack") {
				want = ackOf(len(image))
			}
			if string(payload) != want {
				t.Errorf("got %d bytes, %.30q…, want %.30q…", len(payload), payload, want)
			}
		})
	}
}

func TestSessionsChooseTheirLevel(t *testing.T) {
	srv := newTestServer(t, Settings{Store: store.Off, Deflate: true})
	message := []byte(strings.Repeat("some text to compress, ", 3000))
	length := func(query string) int {
		conn := srv.dialDeflate(t, query).NetConn()
		conn.Write(compressedFrame(websocket.TextMessage, deflated(t, message, 6)))
		_, payload := readFrame(t, conn)
		return len(payload)
	}
	for query, level := range map[string]int{"": 1, "?deflate=": 1, "?deflate=-2": -2, "?deflate=-1": -1, "?deflate=0": 0, "?deflate=9": 9} {
		if got, want := length(query), len(deflated(t, message, level)); got != want {
			t.Errorf("%q: got a reply of %d bytes, want the %d of level %d", query, got, want, level)
		}
	}
}

func TestEchoesAreCompressedForTheWindowAgreedOn(t *testing.T) {
	srv := newTestServer(t, Settings{Store: store.Off, Deflate: true})
	message := []byte(strings.Repeat("some text to compress, ", 3000))
	for _, tc := range []struct {
		offer, query string
		level        int // of the echo
	}{
		{"permessage-deflate", "", 1},
		{"permessage-deflate; server_max_window_bits=15", "?deflate=9", 9},
		{"permessage-deflate; server_max_window_bits=14", "", -2},
		{"permessage-deflate; server_max_window_bits=9", "?deflate=9", -2},
		{"permessage-deflate; server_max_window_bits=8", "?deflate=0", 0},
	} {
		conn := offering(t, srv, tc.query, http.Header{"Sec-Websocket-Extensions": {tc.offer}})
		conn.Write(compressedFrame(websocket.TextMessage, deflated(t, message, 6)))
		_, payload := readFrame(t, conn)
		if want := deflated(t, message, tc.level); !bytes.Equal(payload, want) {
			t.Errorf("%s, %q: got an echo of %d bytes, want the %d of level %d", tc.offer, tc.query, len(payload), len(want), tc.level)
		}
	}
}

func TestParseLevel(t *testing.T) {
	for _, s := range []string{"", "10", "-3", "+1", "01", "1.5", "high"} {
		if n, err := parseLevel(s); err == nil || !strings.Contains(err.Error(), "choose -2 (Huffman coding only) to 9") {
			t.Errorf("%q: got %d and %v, want an error that names what there is", s, n, err)
		}
	}
}

// TestCharactersSpanWhatIsInflatedAtOnce has three-byte characters at every
// edge of what the checking of UTF-8 gets to see, a power of two.
func TestCharactersSpanWhatIsInflatedAtOnce(t *testing.T) {
	srv := newTestServer(t, Settings{Store: store.Off, Deflate: true})
	conn := srv.dialDeflate(t, "")
	for _, before := range []string{"", "x", "xx"} {
		message := before + strings.Repeat("€", 50_000)
		if _, reply := send(t, conn, websocket.TextMessage, []byte(message)); string(reply) != message {
			t.Errorf("%d bytes came back as %d", len(message), len(reply))
		}
	}
}

func TestTheLargestImageIsTakenCompressed(t *testing.T) {
	const limit = 70_000
	srv := newTestServer(t, Settings{Store: store.Discard, MaxImage: limit, Deflate: true})
	image := photograph(limit)
	for _, level := range []int{-2, 0, 1, 6} {
		conn := srv.dialDeflate(t, fmt.Sprintf("?deflate=%d", level))
		conn.SetCompressionLevel(level)
		for frame, message := range map[int][]byte{websocket.BinaryMessage: image, websocket.TextMessage: asText(image)} {
			if _, reply := send(t, conn, frame, message); !bytes.Equal(reply, message) {
				t.Errorf("level %d: %d bytes came back as %d", level, len(message), len(reply))
			}
		}
	}
}

func TestStagesOfCompressedMessages(t *testing.T) {
	srv := newTestServer(t, Settings{Store: store.Discard, Deflate: true})
	conn, acked := srv.dialDeflate(t, ""), srv.dialDeflate(t, "?reply=ack")
	image := photograph(50_000)
	for range 3 {
		send(t, conn, websocket.BinaryMessage, image)
		send(t, conn, websocket.TextMessage, asText(image))
	}
	send(t, acked, websocket.TextMessage, asText(image))
	conn.EnableWriteCompression(false)
	send(t, conn, websocket.TextMessage, asText(image))
	eventually(t, "all replies are counted", func() bool { return srv.Stats().Images.Echoed == 8 })
	stages := srv.Stats().Stages
	for _, c := range []struct {
		stage string
		got   Stage
		want  uint64
	}{
		{"text receive", stages.Text.Receive, 5},
		{"text inflate", stages.Text.Inflate, 4},
		{"text decode", stages.Text.Decode, 5},
		{"text save", stages.Text.Save, 5},
		{"text deflate", stages.Text.Deflate, 3},
		{"text echo", stages.Text.Echo, 5},
		{"binary inflate", stages.Binary.Inflate, 3},
		{"binary deflate", stages.Binary.Deflate, 3},
		{"binary echo", stages.Binary.Echo, 3},
	} {
		if c.got.Count != c.want || c.got.TotalNs <= 0 {
			t.Errorf("stage %s: got %d times in %d ns, want %d times", c.stage, c.got.Count, c.got.TotalNs, c.want)
		}
	}
}

// TestEchoesAreVerbatimHoweverMessagesCome sends random messages, compressed or
// not, in random fragments with pings between them.
func TestEchoesAreVerbatimHoweverMessagesCome(t *testing.T) {
	srv := newTestServer(t, Settings{Store: store.Off, Deflate: true})
	conn := srv.dialDeflate(t, "").NetConn()
	conn.SetDeadline(time.Now().Add(20 * time.Second))
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 100 {
		kind := websocket.BinaryMessage
		message := photograph(rnd.IntN(1 << rnd.IntN(18)))
		if rnd.IntN(2) == 0 {
			kind, message = websocket.TextMessage, asText(message)
		}
		compressed, payload := rnd.IntN(2) == 0, message
		first := byte(kind)
		if compressed {
			payload = deflated(t, message, rnd.IntN(4)-2)
			first |= marked
		}
		var stream []byte
		for end := false; !end; first = 0 {
			fragment := payload[:rnd.IntN(len(payload)+1)]
			payload = payload[len(fragment):]
			end = len(payload) == 0
			frame := clientFrame(0, fragment)
			frame[0] = first
			if end {
				frame[0] |= 0x80
			}
			stream = append(stream, frame...)
			if !end && rnd.IntN(4) == 0 {
				stream = append(stream, clientFrame(websocket.PongMessage, []byte("unasked"))...)
			}
		}
		go conn.Write(stream)
		first, reply := readFrame(t, conn)
		want := 0x80 | byte(kind)
		if compressed {
			want |= marked
			var err error
			if reply, err = inflated(reply); err != nil {
				t.Fatal(err)
			}
		}
		if first != want || !bytes.Equal(reply, message) {
			t.Fatalf("%d bytes, compressed %v: got first byte %#x and %d bytes, want %#x and the message", len(message), compressed, first, len(reply), want)
		}
	}
}
