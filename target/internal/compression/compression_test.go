package compression

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/wsimg/wsimg/target/internal/buffer"
)

// noise returns n bytes that can't be compressed.
func noise(n int) []byte {
	rnd := rand.New(rand.NewPCG(uint64(n), 5))
	p := make([]byte, n)
	for i := range p {
		p[i] = byte(rnd.Uint32())
	}
	return p
}

const room = 10

// deflated returns the payload of a compressed message.
func deflated(p *Pool, message []byte, level int) []byte {
	b := buffer.NewPool(room+Bound(len(message)), 0).Get(room + Bound(len(message)))
	b.Bytes = b.Bytes[:room]
	if err := p.Deflate(b, message, level); err != nil {
		panic(err)
	}
	return b.Bytes[room:]
}

// inflated reads a compressed message to its end, by pieces of odd sizes.
func inflated(p *Pool, payload []byte) ([]byte, error) {
	r := p.Inflate(payload)
	defer r.Close()
	var message []byte
	for piece := make([]byte, 1000); ; {
		n, err := r.Read(piece)
		message = append(message, piece[:n]...)
		if err == io.EOF {
			return message, nil
		}
		if err != nil {
			return message, err
		}
	}
}

func TestReaderReadsTheExamplesOfTheRFC(t *testing.T) {
	for name, payload := range map[string]string{
		"one block":                     "\xf2\x48\xcd\xc9\xc9\x07\x00",
		"a block without compression":   "\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00",
		"a final block":                 "\xf3\x48\xcd\xc9\xc9\x07\x00\x00",
		"a final block without padding": "\xf3\x48\xcd\xc9\xc9\x07\x00",
		"two blocks":                    "\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00",
	} {
		if got, err := inflated(NewPool(), []byte(payload)); string(got) != "Hello" || err != nil {
			t.Errorf("%s: got %q and %v, want Hello", name, got, err)
		}
	}
	if got, err := inflated(NewPool(), []byte("\x00")); len(got) != 0 || err != nil {
		t.Errorf("an empty message: got %q and %v", got, err)
	}
}

func TestMessagesGoOnBehindAFinalBlock(t *testing.T) {
	const final, block = "\xf3\x48\xcd\xc9\xc9\x07\x00", "\xf2\x48\xcd\xc9\xc9\x07\x00"
	if got, err := inflated(NewPool(), []byte(final+final+block)); string(got) != "HelloHelloHello" || err != nil {
		t.Errorf("got %q and %v, want Hello three times", got, err)
	}
	if got, err := inflated(NewPool(), []byte(final+"\xff")); !errors.As(err, new(*Corrupt)) {
		t.Errorf("garbage behind a final block: got %q and %v, want an error", got, err)
	}
}

func TestReaderRefusesWhatIsCorrupt(t *testing.T) {
	pool := NewPool()
	whole := deflated(pool, []byte(strings.Repeat("some text to compress ", 100)), 6)
	for _, tc := range []struct {
		name, payload, want string
	}{
		{"nothing", "", "before byte 0"},
		{"a reserved type of block", "\x07", "before byte 1"},
		{"a length that is not its complement's", "\x00\x05\x00\x00\x00Hello", "before byte 5"},
		{"a distance beyond the beginning", "\x03\x02\x00", "before byte"},
		{"a message that was cut off", string(whole[:len(whole)/2]), "before byte"},
		{"a block that was cut off", "\x00\x20\x00\xdf\xffHello", "too early"},
		{"noise", string(noise(1000)), "before byte"},
	} {
		got, err := inflated(pool, []byte(tc.payload))
		if _, ok := errors.AsType[*Corrupt](err); !ok || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: got %q and %v, want an error with %q", tc.name, got, err, tc.want)
		}
		// A reader is none the worse for it.
		if got, err := inflated(pool, []byte("\xf2\x48\xcd\xc9\xc9\x07\x00")); string(got) != "Hello" || err != nil {
			t.Fatalf("after %s: got %q and %v, want Hello", tc.name, got, err)
		}
	}
}

func TestDeflatedMessagesInflateToThemselves(t *testing.T) {
	pool := NewPool()
	for level := MinLevel; level <= MaxLevel; level++ {
		for _, n := range []int{0, 1, 2, 1000, 66_000} {
			image := noise(n)
			for kind, message := range map[string][]byte{
				"noise":  image,
				"Base64": []byte(base64.StdEncoding.EncodeToString(image)),
				"zeros":  make([]byte, n),
			} {
				payload := deflated(pool, message, level)
				if len(payload) > Bound(len(message)) {
					t.Errorf("level %d: %d bytes of %s became %d, want at most %d", level, len(message), kind, len(payload), Bound(len(message)))
				}
				if got, err := inflated(pool, payload); err != nil || !bytes.Equal(got, message) {
					t.Errorf("level %d: %d bytes of %s came back as %d, error %v", level, len(message), kind, len(got), err)
				}
			}
		}
	}
}

func TestLevelsCompressAsTheySay(t *testing.T) {
	message := []byte(strings.Repeat("some text to compress, ", 3000))
	length := func(level int) int { return len(deflated(NewPool(), message, level)) }
	stored, huffman, fast, best := length(0), length(-2), length(1), length(9)
	if stored <= len(message) || huffman >= stored || fast >= huffman || best > fast {
		t.Errorf("%d bytes became %d, %d, %d and %d at levels 0, -2, 1 and 9, want ever fewer", len(message), stored, huffman, fast, best)
	}
}

func TestWritersAppendAndStopWhereTheBufferEnds(t *testing.T) {
	message := noise(300_000)
	for _, tc := range []struct {
		name     string
		capacity int
		want     error
	}{
		{"as much room as there should be", room + Bound(len(message)), nil},
		{"too little room", len(message), io.ErrShortBuffer},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := buffer.NewPool(tc.capacity, 0).Get(tc.capacity)
			b.Bytes = append(b.Bytes, "in front.."...)
			whole := cap(b.Bytes)
			if err := NewPool().Deflate(b, message, 0); err != tc.want {
				t.Errorf("got error %v, want %v", err, tc.want)
			}
			if string(b.Bytes[:room]) != "in front.." || cap(b.Bytes) != whole {
				t.Errorf("what was in the buffer, or the buffer, is another")
			}
		})
	}
}

func TestWritersWaitForAPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pool := NewPool()
		for range cap(pool.places) {
			pool.places <- struct{}{}
		}
		var all sync.WaitGroup
		var done atomic.Int64
		message := noise(2000)
		for range 4 * cap(pool.places) {
			all.Go(func() {
				if got, err := inflated(pool, deflated(pool, message, 1)); err != nil || !bytes.Equal(got, message) {
					t.Errorf("got %d bytes and %v, want the %d that were compressed", len(got), err, len(message))
				}
				done.Add(1)
			})
		}
		synctest.Wait()
		if got := done.Load(); got != 0 {
			t.Errorf("got %d messages compressed without a place", got)
		}
		<-pool.places // one is enough for all, in turn
		all.Wait()
	})
}

// TestStatesAreNotLargerThanSaid holds the constants to what is allocated.
func TestStatesAreNotLargerThanSaid(t *testing.T) {
	pool := NewPool()
	payload := deflated(pool, noise(1000), 1)
	if got := allocated(func() { pool.Inflate(payload) }); got > ReaderBytes {
		t.Errorf("a reader: got %d bytes, want at most %d", got, ReaderBytes)
	}
	for level := MinLevel; level <= MaxLevel; level++ {
		if got := allocated(func() { flate.NewWriter(io.Discard, level) }); got > WriterBytes {
			t.Errorf("a writer of level %d: got %d bytes, want at most %d", level, got, WriterBytes)
		}
	}
}

// allocated returns how many bytes a call of f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// FuzzReader inflates arbitrary bytes: it ends, with an error of the kind
// promised, and what it made compresses to the same again.
func FuzzReader(f *testing.F) {
	pool := NewPool()
	f.Add([]byte{})
	f.Add(deflated(pool, []byte(strings.Repeat("abc", 1000)), 6))
	f.Add([]byte("\xf3\x48\xcd\xc9\xc9\x07\x00\xf3\x48\xcd\xc9\xc9\x07\x00\x00"))
	f.Fuzz(func(t *testing.T, payload []byte) {
		message, err := inflated(pool, payload)
		if err != nil {
			if _, ok := errors.AsType[*Corrupt](err); !ok {
				t.Errorf("got error %v, want a *Corrupt", err)
			}
			return
		}
		if most := 1032 * (len(payload) + len(ending)); len(message) > most {
			t.Errorf("%d bytes made %d, want at most %d", len(payload), len(message), most)
		}
		if again, err := inflated(pool, deflated(pool, message, 1)); err != nil || !bytes.Equal(again, message) {
			t.Errorf("%d bytes came back as %d, error %v", len(message), len(again), err)
		}
	})
}

// FuzzWriter has any message return from any level, within its bound.
func FuzzWriter(f *testing.F) {
	pool := NewPool()
	for level := MinLevel; level <= MaxLevel; level++ {
		f.Add(noise(level*level*50), level, uint8(level+2))
	}
	f.Fuzz(func(t *testing.T, message []byte, level int, times uint8) {
		level = MinLevel + int(uint(level)%uint(MaxLevel-MinLevel+1))
		message = bytes.Repeat(message, int(times)+1)
		payload := deflated(pool, message, level)
		if len(payload) > Bound(len(message)) {
			t.Errorf("level %d: %d bytes became %d, want at most %d", level, len(message), len(payload), Bound(len(message)))
		}
		if got, err := inflated(pool, payload); err != nil || !bytes.Equal(got, message) {
			t.Errorf("level %d: %d bytes came back as %d, error %v", level, len(message), len(got), err)
		}
	})
}

func BenchmarkDeflate(b *testing.B) {
	image := noise(75_000)
	into := buffer.NewPool(1<<20, 0).Get(1 << 20)
	for kind, message := range map[string][]byte{"binary": noise(100_000), "text": []byte(base64.StdEncoding.EncodeToString(image))} {
		for _, level := range []int{-2, 1, 6} {
			b.Run(fmt.Sprintf("%s/level %d", kind, level), func(b *testing.B) {
				pool := NewPool()
				b.SetBytes(int64(len(message)))
				b.ReportAllocs()
				for b.Loop() {
					into.Bytes = into.Bytes[:room]
					if err := pool.Deflate(into, message, level); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func BenchmarkInflate(b *testing.B) {
	image := noise(75_000)
	for kind, message := range map[string][]byte{"binary": noise(100_000), "text": []byte(base64.StdEncoding.EncodeToString(image))} {
		for _, level := range []int{-2, 1, 6} {
			b.Run(fmt.Sprintf("%s/level %d", kind, level), func(b *testing.B) {
				pool := NewPool()
				payload := deflated(pool, message, level)
				into := make([]byte, 256<<10)
				b.SetBytes(int64(len(message)))
				b.ReportAllocs()
				for b.Loop() {
					r := pool.Inflate(payload)
					for {
						if _, err := r.Read(into); err != nil {
							break
						}
					}
					r.Close()
				}
			})
		}
	}
}
