package payload

import (
	stdbase64 "encoding/base64"
	"fmt"

	simdbase64 "github.com/segmentio/asm/base64"
)

// CodecKind names an implementation of Base64.
type CodecKind uint8

const (
	// SIMD is github.com/segmentio/asm/base64, the default; where the CPU has
	// no suitable instructions it falls back to portable code by itself.
	SIMD CodecKind = iota
	// Std is encoding/base64 of the standard library.
	Std
)

// String returns the name the codec has in a mode.
func (k CodecKind) String() string {
	if k == Std {
		return "std"
	}
	return "simd"
}

func parseCodec(name string) (CodecKind, error) {
	switch name {
	case "simd":
		return SIMD, nil
	case "std":
		return Std, nil
	}
	return 0, fmt.Errorf("unknown codec %q; take simd or std", name)
}

// New returns the implementation. It holds no state: take it once, before the
// loop, and share it.
func (k CodecKind) New() Codec {
	if k == Std {
		return stdCodec{}
	}
	return simdCodec{}
}

// Codec turns raw bytes into Base64: the padded standard alphabet of RFC 4648
// section 4, without line breaks. It allocates nothing and is safe for
// concurrent use.
//
// Chunks whose length is a multiple of three concatenate to the encoding of
// the whole; only the last may have another length.
type Codec interface {
	// Encode writes the EncodedLen(len(src)) bytes of src's encoding to dst,
	// which must hold them and must not overlap src.
	Encode(dst, src []byte)
	// EncodedLen returns 4⌈n/3⌉, the length of n bytes encoded.
	EncodedLen(n int) int
}

var (
	_ Codec = stdCodec{}
	_ Codec = simdCodec{}
)

type stdCodec struct{}

func (stdCodec) Encode(dst, src []byte) { stdbase64.StdEncoding.Encode(dst, src) }
func (stdCodec) EncodedLen(n int) int   { return stdbase64.StdEncoding.EncodedLen(n) }

type simdCodec struct{}

func (simdCodec) Encode(dst, src []byte) { simdbase64.StdEncoding.Encode(dst, src) }
func (simdCodec) EncodedLen(n int) int   { return simdbase64.StdEncoding.EncodedLen(n) }
