package target

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/wsimg/wsimg/target/internal/buffer"
	"github.com/wsimg/wsimg/target/store"
)

// photograph returns n bytes that begin like a JPEG.
func photograph(n int) []byte {
	p := make([]byte, n)
	rand.NewChaCha8([32]byte{byte(n), byte(n >> 8), byte(n >> 16), byte(n >> 24)}).Read(p)
	copy(p, "\xff\xd8\xff\xe0")
	return p
}

func asText(image []byte) []byte {
	return []byte(base64.StdEncoding.EncodeToString(image))
}

// sizes lie around every edge that a message can have: of frame headers, of
// buffers, of reads.
var sizes = []int{1, 2, 3, 93, 94, 125, 126, 127, 2047, 2048, 2049, 4096, 24575, 32 << 10, 49151, 49152,
	65535, 65536, 65537, 100_000, buffer.Smallest * 2, buffer.Smallest*4 + 1, 1_000_000}

func TestImagesAreEchoedVerbatimAndSavedAsTheyAre(t *testing.T) {
	for _, kind := range []store.Kind{store.Files, store.Latest, store.Discard, store.Off} {
		for _, codec := range []Codec{SIMD, Std} {
			t.Run(string(kind)+"/"+string(codec), func(t *testing.T) {
				srv := newTestServer(t, Settings{Store: kind})
				conn := srv.dial(t, "?codec="+string(codec))
				var want [][]byte
				for _, n := range sizes {
					image := photograph(n)
					for frame, message := range map[int][]byte{websocket.BinaryMessage: image, websocket.TextMessage: asText(image)} {
						got, reply := send(t, conn, frame, message)
						if got != frame || !bytes.Equal(reply, message) {
							t.Fatalf("%d bytes in a frame of type %d came back as %d in one of type %d", len(message), frame, len(reply), got)
						}
						want = append(want, image)
					}
				}
				switch kind {
				case store.Latest:
					want = want[len(want)-1:]
				case store.Discard, store.Off:
					want = nil
				}
				checkFiles(t, srv.dir, want)
			})
		}
	}
}

// checkFiles holds the files in dir to the images, in any order.
func checkFiles(t *testing.T, dir string, images [][]byte) {
	t.Helper()
	files := savedIn(t, dir)
	left := map[string]int{}
	for _, image := range images {
		left[string(image)]++
	}
	for _, f := range files {
		content, err := os.ReadFile(filepath.Join(dir, f))
		if err != nil {
			t.Fatal(err)
		}
		if left[string(content)] == 0 {
			t.Errorf("%s holds %d bytes that nobody sent", f, len(content))
		}
		left[string(content)]--
		if len(content) > 2 && filepath.Ext(f) != ".jpg" {
			t.Errorf("%s holds a JPEG", f)
		}
	}
	if len(files) != len(images) {
		t.Errorf("got %d files, want %d", len(files), len(images))
	}
}

func TestFragmentsMakeOneImage(t *testing.T) {
	srv := newTestServer(t, Settings{})
	dialer := websocket.Dialer{WriteBufferSize: 1000} // a client's frames end where its buffer does
	conn, _, err := dialer.Dial(srv.url, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	image := photograph(300_000)
	w, err := conn.NextWriter(websocket.TextMessage)
	if err != nil {
		t.Fatal(err)
	}
	for i, part := range bytes.SplitAfter(asText(image), []byte("A")) {
		if i%1000 == 0 {
			conn.WriteControl(websocket.PingMessage, []byte("between fragments"), time.Now().Add(time.Second))
		}
		if _, err := w.Write(part); err != nil {
			t.Fatal(err)
		}
	}
	w.Close()
	kind, reply, err := conn.ReadMessage()
	if err != nil || kind != websocket.TextMessage || !bytes.Equal(reply, asText(image)) {
		t.Errorf("got %d bytes in a frame of type %d, error %v", len(reply), kind, err)
	}
	checkFiles(t, srv.dir, [][]byte{image})
}

func TestRefusals(t *testing.T) {
	const limit = 1000
	for _, tc := range []struct {
		name    string
		store   store.Kind
		kind    int
		message []byte
		code    int
		reason  string
	}{
		{"text that isn't Base64", store.Files, websocket.TextMessage, []byte("AAAA*AAA"), 1007, "invalid Base64 at byte 4"},
		{"Base64 with a line break", store.Files, websocket.TextMessage, []byte("AAAA\r\n\r\n"), 1007, "byte 4: line break"},
		{"Base64 without padding", store.Files, websocket.TextMessage, []byte("AAAAAA"), 1007, "byte 6: it ends too early"},
		{"Base64 with trailing bits", store.Discard, websocket.TextMessage, []byte("AB=="), 1007, "byte 1: bits set"},
		{"empty text", store.Files, websocket.TextMessage, nil, 1007, "empty image"},
		{"empty binary", store.Files, websocket.BinaryMessage, nil, 1007, "empty image"},
		{"binary above the limit", store.Files, websocket.BinaryMessage, make([]byte, limit+1), 1009, "larger than 1000 bytes"},
		{"binary far above the limit", store.Files, websocket.BinaryMessage, make([]byte, 12<<20), 1009, "larger than 1000 bytes"},
		{"text of an image above the limit", store.Files, websocket.TextMessage, asText(make([]byte, limit+3)), 1009, "larger than 1000 bytes"},
		{"text of an image above the limit, unseen", store.Off, websocket.TextMessage, asText(make([]byte, limit+3)), 1009, "larger than 1000 bytes"},
		{"text above the limit", store.Files, websocket.TextMessage, asText(make([]byte, limit+200)), 1009, "longer than 1592 bytes"},
		{"text above the limit, unseen", store.Off, websocket.TextMessage, asText(make([]byte, limit+200)), 1009, "longer than 1592 bytes"},
		{"text that isn't UTF-8, unseen", store.Off, websocket.TextMessage, []byte("ab\xc3\x28"), 1007, "invalid UTF-8 at byte 2"},
		{"text that ends within a character, unseen", store.Off, websocket.TextMessage, []byte("ab\xe2\x82"), 1007, "invalid UTF-8 at byte 2"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			srv := newTestServer(t, Settings{Store: tc.store, MaxImage: limit})
			conn := srv.dial(t, "")
			// The whole message is sent before the reply is looked at, as
			// most clients do: they must not be cut off in between.
			if err := conn.WriteMessage(tc.kind, tc.message); err != nil {
				t.Fatalf("send: %v", err)
			}
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

func TestTheLargestImageIsTaken(t *testing.T) {
	const limit = 200_000
	srv := newTestServer(t, Settings{MaxImage: limit})
	conn := srv.dial(t, "")
	image := photograph(limit)
	send(t, conn, websocket.BinaryMessage, image)
	send(t, conn, websocket.TextMessage, asText(image))
	checkFiles(t, srv.dir, [][]byte{image, image})
}

func TestStoreOffTakesAnyText(t *testing.T) {
	srv := newTestServer(t, Settings{Store: store.Off})
	conn := srv.dial(t, "")
	for _, message := range []string{"", "not Base64: ä€😀", strings.Repeat("€", 200_000)} {
		if _, reply := send(t, conn, websocket.TextMessage, []byte(message)); string(reply) != message {
			t.Errorf("%d bytes came back as %d", len(message), len(reply))
		}
	}
}

func TestDiskFailureCloses1011(t *testing.T) {
	for _, kind := range []store.Kind{store.Files, store.Latest} {
		t.Run(string(kind), func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "images")
			log := &syncBuffer{}
			srv := newTestServer(t, Settings{Store: kind, Dir: dir, Logger: logTo(log)})
			conn := srv.dial(t, "")
			if err := os.RemoveAll(dir); err != nil {
				t.Fatal(err)
			}
			if err := conn.WriteMessage(websocket.BinaryMessage, photograph(1000)); err != nil {
				t.Fatal(err)
			}
			if got := readClose(t, conn); got.Code != 1011 || got.Text != "the image could not be saved" {
				t.Errorf("got close %d %q, want 1011 with a reason that names no path", got.Code, got.Text)
			}
			if !strings.Contains(log.String(), "level=ERROR") {
				t.Errorf("the log lacks the cause:\n%s", log)
			}
		})
	}
}

// faultyStore stands in for a store that misbehaves.
type faultyStore struct{ save func() error }

func (s faultyStore) Session(uint64) store.Saver         { return s }
func (s faultyStore) Save(context.Context, []byte) error { return s.save() }
func (s faultyStore) Close() error                       { return nil }

func TestFullDiskSaysSo(t *testing.T) {
	srv := newTestServer(t, Settings{})
	srv.store = faultyStore{func() error { return fmt.Errorf("%w: 0.5 GB free", store.ErrNoSpace) }}
	conn := srv.dial(t, "")
	conn.WriteMessage(websocket.BinaryMessage, photograph(10))
	if got := readClose(t, conn); got.Code != 1011 || !strings.Contains(got.Text, "no space left") {
		t.Errorf("got close %d %q, want 1011 and that space is short", got.Code, got.Text)
	}
}

func TestAPanicEndsOnlyItsSession(t *testing.T) {
	srv := newTestServer(t, Settings{})
	bystander := srv.dial(t, "")
	send(t, bystander, websocket.BinaryMessage, photograph(10))
	srv.store = faultyStore{func() error { panic("no such luck") }}
	conn := srv.dial(t, "")
	conn.WriteMessage(websocket.BinaryMessage, photograph(10))
	if got := readClose(t, conn); got.Code != 1011 || !strings.Contains(got.Text, "internal error") {
		t.Errorf("got close %d %q, want 1011", got.Code, got.Text)
	}
	send(t, bystander, websocket.BinaryMessage, photograph(20))
}

// TestWhatIsReceivedIsInHandUntilItIsCounted has images wait in the store, and
// then meet every fate.
func TestWhatIsReceivedIsInHandUntilItIsCounted(t *testing.T) {
	const each = 3
	fates := []func() error{
		func() error { return nil },
		func() error { return errors.New("no such luck") },
		func() error { panic("no such luck") },
	}
	srv := newTestServer(t, Settings{Store: store.Discard})
	fate, asked := make(chan func() error), make(chan struct{})
	srv.store = faultyStore{func() error { asked <- struct{}{}; return (<-fate)() }}
	for range each * len(fates) {
		srv.dial(t, "").WriteMessage(websocket.BinaryMessage, photograph(10))
	}
	for range each * len(fates) {
		<-asked
	}
	if c := srv.Stats().Images; c.InHand != 9 || c.Received != 0 {
		t.Errorf("all in hand: got %+v, want 9 in hand, and none received yet", c)
	}
	for range each {
		for _, f := range fates {
			fate <- f
		}
	}
	eventually(t, "every image is saved or refused", func() bool {
		c := srv.Stats().Images
		return c.InHand == 0 && c.Saved == each && c.Refused == 2*each
	})
}

func TestProtocolErrorsClose1002(t *testing.T) {
	srv := newTestServer(t, Settings{})
	conn := srv.dial(t, "")
	conn.NetConn().Write([]byte{0x82, 0x01, 'x'}) // not masked
	if got := readClose(t, conn); got.Code != 1002 {
		t.Errorf("got close %d, want 1002", got.Code)
	}
	eventually(t, "the close is counted", func() bool { return srv.Stats().CloseCodes[1002] == 1 })
}

func TestImpossibleLengthCloses1002(t *testing.T) {
	srv := newTestServer(t, Settings{})
	conn := srv.dial(t, "")
	conn.NetConn().Write([]byte{0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4})
	if got := readClose(t, conn); got.Code != 1002 {
		t.Errorf("got close %d, want 1002", got.Code)
	}
}

// TestWhatFollowsACloseResetsNothing sends an image, a close and then more in
// one go: neither the echo nor the close frame may be lost to a reset.
func TestWhatFollowsACloseResetsNothing(t *testing.T) {
	srv := newTestServer(t, Settings{Store: store.Off})
	conn := srv.dial(t, "")
	image := photograph(256 << 10)
	stream := clientFrame(websocket.BinaryMessage, image)
	stream = append(stream, clientFrame(websocket.CloseMessage, websocket.FormatCloseMessage(1000, ""))...)
	stream = append(stream, clientFrame(websocket.PingMessage, []byte("too late"))...)
	go conn.NetConn().Write(stream)
	if _, got, err := conn.ReadMessage(); err != nil || !bytes.Equal(got, image) {
		t.Errorf("the echo is lost: %v", err)
	}
	if got := readClose(t, conn); got.Code != 1000 {
		t.Errorf("got close %d, want 1000", got.Code)
	}
	if n, err := io.Copy(io.Discard, conn.NetConn()); n != 0 || err != nil {
		t.Errorf("after the close: got %d bytes and %v, want a clean end", n, err)
	}
}

func TestIdleAndClosedSessionsHoldNoBuffer(t *testing.T) {
	srv := newTestServer(t, Settings{})
	conn := srv.dial(t, "")
	send(t, conn, websocket.TextMessage, asText(photograph(100_000)))
	conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(1000, ""), time.Now().Add(time.Second))
	if got := readClose(t, conn); got.Code != 1000 {
		t.Errorf("got close %d, want the 1000 that was sent", got.Code)
	}
	eventually(t, "the session is forgotten", func() bool { return srv.Stats().Connections.Open == 0 })
	if got := srv.Stats().CloseCodes; len(got) != 0 {
		t.Errorf("counted %v, want only closes of the target's own", got)
	}
}

func TestReasonsFitACloseFrame(t *testing.T) {
	for _, reason := range []string{"short", strings.Repeat("x", 200), strings.Repeat("€", 60), strings.Repeat("x", 122) + "€"} {
		got := (&refusal{code: 1007, reason: reason}).frame()
		if len(got) > 125 {
			t.Errorf("frame of %d bytes, want at most 125", len(got))
		}
		if short := string(got[2:]); !strings.HasPrefix(reason, short) || !bytes.Equal(bytes.ToValidUTF8(got[2:], nil), got[2:]) {
			t.Errorf("got %q, want a valid beginning of the reason", short)
		}
	}
	if r := tooLarge(text, 1<<60, 1<<59); len(r.reason) > maxReason {
		t.Errorf("reason %q has %d bytes, want at most %d", r.reason, len(r.reason), maxReason)
	}
	if err := invalid(errors.New("x")); err.code != 1007 {
		t.Errorf("got code %d, want 1007", err.code)
	}
}
