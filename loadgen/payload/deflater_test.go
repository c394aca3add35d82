package payload

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/gorilla/websocket"
	"pgregory.net/rapid"
)

// deflaters is one of each level, made once: a compressor is large.
var deflaters = sync.OnceValue(func() map[int]*Deflater {
	all := make(map[int]*Deflater)
	for level := MinLevel; level <= MaxLevel; level++ {
		all[level] = NewDeflater(level)
	}
	return all
})

// TestDeflateAndInflate compresses what compresses well, badly and in part, at
// all levels, with compressors that have done other work before.
func TestDeflateAndInflate(t *testing.T) {
	inflater := NewInflater()
	noise := randomBytes(40_000)
	rapid.Check(t, func(t *rapid.T) {
		level := rapid.IntRange(MinLevel, MaxLevel).Draw(t, "level")
		var message []byte
		for range rapid.IntRange(0, 4).Draw(t, "parts") {
			n := rapid.IntRange(0, 40_000).Draw(t, "length")
			if rapid.Bool().Draw(t, "noise") {
				message = append(message, noise[:n]...)
			} else {
				message = append(message, bytes.Repeat([]byte("image"), n/5)...)
			}
		}
		const before = "what was there"
		compressed, err := deflaters()[level].Append([]byte(before), message)
		if err != nil || !bytes.HasPrefix(compressed, []byte(before)) {
			t.Fatalf("level %d: what was in dst is lost (%v)", level, err)
		}
		got, err := inflater.Append([]byte(before), compressed[len(before):])
		if err != nil || string(got) != before+string(message) {
			t.Fatalf("level %d: got %d bytes back, want %d and those before (%v)", level, len(got), len(message), err)
		}
	})
}

func TestDeflateIsReproducible(t *testing.T) {
	image := randomBytes(40_001) // longer, as text, than a window
	text := []byte(base64.StdEncoding.EncodeToString(image))
	for _, level := range []int{-2, 1, 2, 6} {
		t.Run(fmt.Sprintf("level %d", level), func(t *testing.T) {
			used := deflaters()[level]
			want, err := NewDeflater(level).Append(nil, text)
			if err != nil {
				t.Fatal(err)
			}
			var all sync.WaitGroup
			for k := range 3 {
				all.Go(func() {
					codec := []CodecKind{SIMD, Std}[k%2].New()
					if _, err := used.Append(nil, image[k:]); err != nil {
						t.Error(err)
					}
					if got, err := used.AppendText(nil, image, codec); err != nil || !bytes.Equal(got, want) {
						t.Errorf("encoded while it is compressed: got other %d bytes than of the whole text, %d (%v)", len(got), len(want), err)
					}
				})
			}
			all.Wait()
		})
	}
}

func TestDeflateEdges(t *testing.T) {
	t.Run("an empty message is one byte", func(t *testing.T) { // RFC 7692, section 7.2.3.6
		for level, d := range deflaters() {
			if got, err := d.Append(nil, nil); err != nil || !bytes.Equal(got, []byte{0}) {
				t.Errorf("level %d: got %x, %v, want 00", level, got, err)
			}
		}
	})
	t.Run("a level that there is not", func(t *testing.T) {
		d := NewDeflater(10)
		for range 100 { // nobody waits for what could not be made
			if _, err := d.Append(nil, nil); err == nil || !strings.Contains(err.Error(), "from -2 to 9") {
				t.Fatalf("got %v, want the levels there are", err)
			}
		}
	})
	compressed, err := deflaters()[1].Append(nil, bytes.Repeat([]byte("image"), 1000))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name    string
		payload []byte
	}{
		{"no DEFLATE data", []byte("\xffimage")},
		{"half of it", compressed[:len(compressed)/2]},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got, err := NewInflater().Append(nil, tt.payload); err == nil {
				t.Errorf("got %d bytes and no error", len(got))
			}
		})
	}
}

// TestDeflateAsGorillaDoes compares every byte with gorilla's as a server,
// which uses the same library: the tail left out, the level kept.
func TestDeflateAsGorillaDoes(t *testing.T) {
	message := []byte(base64.StdEncoding.EncodeToString(randomBytes(20_000)))
	levels := []int{-2, -1, 0, 1, 6}
	raw := make(chan []byte, 1)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		up := websocket.Upgrader{EnableCompression: true, WriteBufferSize: 1 << 20}
		ws, err := up.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer ws.Close()
		ws.ReadMessage() // until nothing more is read through the client's buffer
		for _, level := range levels {
			ws.SetCompressionLevel(level)
			ws.WriteMessage(websocket.TextMessage, message)
		}
	}))
	defer srv.Close()
	d := websocket.Dialer{EnableCompression: true}
	ws, _, err := d.Dial("ws"+strings.TrimPrefix(srv.URL, "http"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	if err := ws.WriteMessage(websocket.TextMessage, nil); err != nil {
		t.Fatal(err)
	}
	go func() {
		all, _ := io.ReadAll(ws.NetConn())
		raw <- all
	}()
	stream := <-raw
	for _, level := range levels {
		var got []byte // of a message's frames: the last is an empty one
		for final := false; !final; {
			n, head := int(stream[1]), 2
			switch n {
			case 126:
				n, head = int(stream[2])<<8|int(stream[3]), 4
			case 127:
				n, head = int(stream[7])<<16|int(stream[8])<<8|int(stream[9]), 10
			}
			final = stream[0]&0x80 != 0
			got = append(got, stream[head:head+n]...)
			stream = stream[head+n:]
		}
		if want, err := deflaters()[level].Append(nil, message); err != nil || !bytes.Equal(got, want) {
			t.Errorf("level %d: gorilla sends other %d bytes than our %d (%v)", level, len(got), len(want), err)
		}
	}
}

// TestDeflateWinsTheThirdBack keeps what the levels make of photographs known:
// a constant payload would compress to nothing and make every figure a lie.
func TestDeflateWinsTheThirdBack(t *testing.T) {
	src, err := Synthetic(context.Background(), 20_000, 2, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, level := range []int{-2, 1, 6} {
		t.Run(fmt.Sprintf("level %d", level), func(t *testing.T) {
			var text, binary int
			for i, image := range src.Images() {
				b, err := deflaters()[level].Append(nil, image)
				if err != nil {
					t.Fatal(err)
				}
				x, err := deflaters()[level].Append(nil, src.Texts()[i])
				if err != nil {
					t.Fatal(err)
				}
				binary, text = binary+len(b), text+len(x)
			}
			share := func(n int) float64 { return float64(n) / float64(20_000*src.Len()) }
			if got := share(text); got < 0.98 || got > 1.01 {
				t.Errorf("text: got %.4f of uncompressed binary, want about 1", got)
			}
			if got := share(binary); got < 0.98 || got > 1.01 {
				t.Errorf("binary: got %.4f of uncompressed, want next to nothing won or lost", got)
			}
		})
	}
}

func BenchmarkDeflate(b *testing.B) {
	src, err := Synthetic(context.Background(), 100_000, 4, 1)
	if err != nil {
		b.Fatal(err)
	}
	codec := SIMD.New()
	for _, level := range []int{-2, 1, 6} {
		d := deflaters()[level]
		whole := make([]byte, codec.EncodedLen(100_000))
		for _, way := range []struct {
			name string
			make func(dst, image []byte) ([]byte, error)
		}{
			{"binary", d.Append},
			{"text by pieces", func(dst, image []byte) ([]byte, error) { return d.AppendText(dst, image, codec) }},
			{"text as a whole", func(dst, image []byte) ([]byte, error) {
				codec.Encode(whole, image)
				return d.Append(dst, whole)
			}},
		} {
			b.Run(fmt.Sprintf("level=%d/%s", level, way.name), func(b *testing.B) {
				b.ReportAllocs()
				var dst []byte
				i := 0
				for b.Loop() {
					if dst, err = way.make(dst[:0], src.Images()[i%src.Len()]); err != nil {
						b.Fatal(err)
					}
					i++
				}
			})
		}
		for name, images := range map[string][][]byte{"inflate binary": src.Images(), "inflate text": src.Texts()} {
			compressed, err := d.Append(nil, images[0])
			if err != nil {
				b.Fatal(err)
			}
			b.Run(fmt.Sprintf("level=%d/%s", level, name), func(b *testing.B) {
				b.ReportAllocs()
				inflater, dst := NewInflater(), []byte(nil)
				for b.Loop() {
					if dst, err = inflater.Append(dst[:0], compressed); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
