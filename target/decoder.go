package target

import (
	"encoding/base64"
	"fmt"

	simd "github.com/segmentio/asm/base64"
)

// Codec names an implementation of Base64. All accept the same texts.
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

// decoding is the part of a Base64 library that is needed here.
type decoding interface {
	Decode(dst, src []byte) (int, error)
}

// decoder decodes Base64 strictly: the standard alphabet of RFC 4648 section 4,
// padded, no line breaks, no bits beyond the last byte, nothing after the
// padding. It is safe for concurrent use.
type decoder struct {
	strict decoding
}

func newDecoder(c Codec) decoder {
	if c == Std {
		return decoder{base64.StdEncoding.Strict()}
	}
	return decoder{simd.StdEncoding.Strict()}
}

// decodedLen returns how many bytes n bytes of Base64 decode to at most.
func decodedLen(n int) int { return n / 4 * 3 }

// encodedLen returns the length of n bytes as Base64.
func encodedLen(n int64) int64 { return (n + 2) / 3 * 4 }

// imageLen returns how many bytes text decodes to if it is valid, and never
// less than none.
func imageLen(text []byte) int {
	n := decodedLen(len(text))
	for i := len(text) - 1; i >= max(0, len(text)-2) && text[i] == '='; i-- {
		n--
	}
	return max(n, 0)
}

// decode writes the image that text encodes to dst, which must have room for
// decodedLen bytes, and returns its length. Its error is a *base64Fault.
func (d decoder) decode(dst, text []byte) (int, error) {
	if len(text)%4 != 0 {
		return 0, findFault(text)
	}
	n, err := d.strict.Decode(dst[:decodedLen(len(text))], text)
	// Both libraries skip line breaks, strict or not. The length of what they
	// decoded gives it away: four breaks, the least that fit, cost three bytes.
	if err != nil || n != imageLen(text) {
		return 0, findFault(text)
	}
	return n, nil
}

// base64Fault is the first thing wrong with a text.
type base64Fault struct {
	offset int // in bytes of the text
	what   string
}

func (f *base64Fault) Error() string {
	return fmt.Sprintf("invalid Base64 at byte %d: %s", f.offset, f.what)
}

// findFault looks a faulty text through. It is slower than the libraries, and
// tells what they don't: an offset from the beginning, whatever decoded the
// part before it.
func findFault(text []byte) *base64Fault {
	for i, c := range text {
		switch {
		case isBase64(c):
		case c == '=':
			return paddingFault(text, i)
		case c == '\r' || c == '\n':
			return &base64Fault{i, "line break; send it unbroken"}
		case c == '-' || c == '_':
			return &base64Fault{i, fmt.Sprintf("%q is of the URL alphabet; send the standard one, with + and /", c)}
		default:
			return &base64Fault{i, fmt.Sprintf("%+q is not in the alphabet", rune(c))}
		}
	}
	return &base64Fault{len(text), "it ends too early; pad it with = to a multiple of 4 bytes"}
}

// paddingFault judges a text whose padding begins at byte i.
func paddingFault(text []byte, i int) *base64Fault {
	end := (i/4 + 1) * 4
	if i%4 < 2 {
		return &base64Fault{i, "padding where a character belongs"}
	}
	for j := i; j < end; j++ {
		if j >= len(text) {
			return &base64Fault{j, "it ends too early; pad it with = to a multiple of 4 bytes"}
		}
		if text[j] != '=' {
			return &base64Fault{j, "something follows the padding"}
		}
	}
	if len(text) > end {
		return &base64Fault{end, "something follows the padding"}
	}
	return &base64Fault{i - 1, "bits set beyond the last byte"}
}

func isBase64(c byte) bool {
	return 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '+' || c == '/'
}
