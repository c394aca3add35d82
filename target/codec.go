package target

import "github.com/wsimg/wsimg/target/internal/decoder"

// Codec names an implementation of Base64. All accept the same texts.
type Codec = decoder.Codec

// The codecs.
const (
	SIMD = decoder.SIMD // vector instructions where the processor has them
	Std  = decoder.Std  // encoding/base64
)

// ParseCodec returns the codec that s names.
func ParseCodec(s string) (Codec, error) { return decoder.ParseCodec(s) }
