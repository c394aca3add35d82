// Package decoder turns text messages into images.
//
// A text is Base64, by itself or in a data URL, which is recognised by its
// first bytes. A decoder is strict unless told otherwise:
//
//	                           strict                   lenient, besides
//	alphabet (RFC 4648)        standard, section 4      URL, section 5; never both in one text
//	padding                    whole                    none at all
//	CR, LF                     none                     anywhere
//	other space                none                     none
//	after the padding          nothing                  CR, LF
//	bits beyond the last byte  zero                     zero
//	image                      a byte or more           a byte or more
//
// A text that isn't so is refused with a [Fault], which tells where and what:
//
//	d := decoder.New(decoder.SIMD, false)
//	n, err := d.Decode(dst[:decoder.MaxLen(len(text))], text)
//
// Texts take one pass, by vector instructions where there are some, those with
// line breaks line by line. What that refuses is looked through byte by byte for
// its fault. Nothing but a fault allocates memory.
package decoder

import "bytes"

// Decoder decodes texts. It is safe for concurrent use; make one with New.
type Decoder struct {
	codec   Codec
	strict  library
	lenient bool
}

// New returns a decoder by a codec, SIMD if it is none of the others.
func New(c Codec, lenient bool) Decoder {
	return Decoder{codec: c, strict: c.padded(), lenient: lenient}
}

// Decode writes the image in text to dst, which must have room for
// MaxLen(len(text)) bytes and not overlap text, and returns its length. What it
// leaves in dst beyond that length, or after an error, is undefined. Its error
// is a *Fault.
func (d Decoder) Decode(dst, text []byte) (int, error) {
	dst = dst[:MaxLen(len(text))]
	start, fault := findPayload(text)
	if fault != nil {
		return 0, fault
	}
	text = text[start:]
	n := 0
	// The strict way would go over all line breaks before it finds them.
	if !d.lenient || bytes.IndexByte(text, '\n') < 0 {
		n = d.decodeStrict(dst, text)
	}
	if n == 0 && d.lenient {
		n = d.decodeLenient(dst, text)
	}
	if n == 0 {
		fault = d.findFault(text)
		fault.Offset += start
		return 0, fault
	}
	return n, nil
}

// decodeStrict decodes what is valid by the strict rules and returns the
// image's length, else 0.
func (d Decoder) decodeStrict(dst, text []byte) int {
	if len(text)%4 != 0 {
		return 0
	}
	n, err := d.strict.Decode(dst[:MaxLen(len(text))], text)
	// Both libraries skip line breaks, strict or not. The length of what they
	// decoded gives it away: four breaks, the least that fit, cost three bytes.
	if err != nil || n != unbrokenLen(text) {
		return 0
	}
	return n
}
