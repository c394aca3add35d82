package decoder

import (
	"encoding/base64"
	"fmt"

	simd "github.com/segmentio/asm/base64"
)

// Codec names an implementation of Base64. All accept the same texts, find the
// same faults and return the same images.
type Codec string

// The codecs.
const (
	SIMD Codec = "simd" // vector instructions where the processor has them
	Std  Codec = "std"  // encoding/base64
)

// ParseCodec returns the codec that s names.
func ParseCodec(s string) (Codec, error) {
	switch c := Codec(s); c {
	case SIMD, Std:
		return c, nil
	}
	return "", fmt.Errorf("unknown codec %q: choose %s or %s", s, SIMD, Std)
}

// library is the part of a Base64 library that is needed here.
type library interface {
	Decode(dst, src []byte) (int, error)
}

// padded returns the codec's decoder of the standard alphabet with padding,
// without the line breaks apart as strict as this package.
func (c Codec) padded() library {
	if c == Std {
		return base64.StdEncoding.Strict()
	}
	return simd.StdEncoding.Strict()
}

// raw returns the codec's decoder of an alphabet without padding. The URL
// alphabet is the standard library's: the vector one takes / for _.
func (c Codec) raw(url bool) library {
	switch {
	case url:
		return base64.RawURLEncoding
	case c == Std:
		return base64.RawStdEncoding
	}
	return simd.RawStdEncoding
}
