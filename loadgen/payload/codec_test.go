package payload

import (
	"bytes"
	"encoding/base64"
	"math/rand/v2"
	"testing"
)

func randomBytes(n int) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{1}).Read(b)
	return b
}

// checkCodec compares one encoding with the standard library's, and makes sure
// that nothing is written beside it.
func checkCodec(t *testing.T, k CodecKind, src []byte) {
	t.Helper()
	codec := k.New()
	want := base64.StdEncoding.EncodeToString(src)
	n := codec.EncodedLen(len(src))
	if n != len(want) {
		t.Fatalf("%s: EncodedLen(%d) = %d, want %d", k, len(src), n, len(want))
	}
	const guard = 64
	memory := bytes.Repeat([]byte{'!'}, n+guard)
	codec.Encode(memory[:n], src)
	if got := string(memory[:n]); got != want {
		t.Fatalf("%s: encoding of %d bytes differs\n got %.100q\nwant %.100q", k, len(src), got, want)
	}
	if !bytes.Equal(memory[n:], bytes.Repeat([]byte{'!'}, guard)) {
		t.Fatalf("%s: encoding %d bytes wrote beyond its end", k, len(src))
	}
}

func TestCodec(t *testing.T) {
	for _, k := range []CodecKind{SIMD, Std} {
		t.Run(k.String(), func(t *testing.T) {
			src := randomBytes(3 << 10)
			for n := range 200 {
				checkCodec(t, k, src[:n])
			}
			checkCodec(t, k, src)
		})
	}
}

// TestCodecKindNew looks at types, for the encodings are the same.
func TestCodecKindNew(t *testing.T) {
	if got := Std.New(); got != (stdCodec{}) {
		t.Errorf("Std.New() is a %T, want stdCodec", got)
	}
	if got := SIMD.New(); got != (simdCodec{}) {
		t.Errorf("SIMD.New() is a %T, want simdCodec", got)
	}
}

func TestCodecChunksConcatenate(t *testing.T) {
	const chunk = 3 << 10
	for _, k := range []CodecKind{SIMD, Std} {
		for _, n := range []int{0, 1, chunk - 1, chunk, chunk + 1, 100_000} {
			codec, src := k.New(), randomBytes(n)
			want := base64.StdEncoding.EncodeToString(src)
			var got []byte
			scratch := make([]byte, codec.EncodedLen(chunk))
			for len(src) > 0 {
				part := src[:min(chunk, len(src))]
				text := scratch[:codec.EncodedLen(len(part))]
				codec.Encode(text, part)
				got = append(got, text...)
				src = src[len(part):]
			}
			if string(got) != want {
				t.Errorf("%s: %d bytes in chunks encode differently from the whole", k, n)
			}
		}
	}
}

func TestCodecAllocatesNothing(t *testing.T) {
	src := randomBytes(3 << 10)
	for _, k := range []CodecKind{SIMD, Std} {
		codec := k.New()
		dst := make([]byte, codec.EncodedLen(len(src)))
		if got := testing.AllocsPerRun(100, func() { codec.Encode(dst, src) }); got != 0 {
			t.Errorf("%s: %v allocations a call, want none", k, got)
		}
	}
}

func FuzzCodec(f *testing.F) {
	f.Add([]byte(nil))
	f.Add([]byte("a"))
	f.Add(randomBytes(100))
	f.Fuzz(func(t *testing.T, src []byte) {
		checkCodec(t, SIMD, src)
		checkCodec(t, Std, src)
	})
}

func BenchmarkCodec(b *testing.B) {
	for _, k := range []CodecKind{Std, SIMD} {
		b.Run(k.String(), func(b *testing.B) {
			codec, src := k.New(), randomBytes(3<<10)
			dst := make([]byte, codec.EncodedLen(len(src)))
			b.SetBytes(int64(len(src)))
			b.ReportAllocs()
			for b.Loop() {
				codec.Encode(dst, src)
			}
		})
	}
}
