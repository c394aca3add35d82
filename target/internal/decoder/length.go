package decoder

import "bytes"

// lineLength is the shortest line that the text limit of a lenient decoder
// allows for: RFC 7468 (PEM) has 64 characters, RFC 2045 (MIME) 76.
const lineLength = 64

// EncodedLen returns the length of n bytes as padded Base64.
func EncodedLen(n int64) int64 { return (n + 2) / 3 * 4 }

// MaxLen returns how many bytes n bytes of text decode to at most.
func MaxLen(n int) int { return n/4*3 + n%4*3/4 }

// MaxText returns how long a text may be whose image has n bytes: its Base64,
// the head of a data URL, and, if the decoder is lenient, a line break of two
// bytes after every 64 characters.
//
// An image in a text without these can be somewhat larger than n: Len tells.
func (d Decoder) MaxText(n int64) int64 {
	text := EncodedLen(n)
	if d.lenient {
		text += (text + lineLength - 1) / lineLength * int64(len("\r\n"))
	}
	return text + maxHead
}

// Len returns the length of the image in text, without decoding it. Of a text
// that Decode would refuse it returns anything from 0 to MaxLen.
func (d Decoder) Len(text []byte) int {
	start, fault := findPayload(text)
	if fault != nil {
		return 0
	}
	text = text[start:]
	if d.lenient {
		return MaxLen(len(text) - bytes.Count(text, []byte("\r")) - bytes.Count(text, []byte("\n")) - bytes.Count(text, []byte("=")))
	}
	return unbrokenLen(text)
}

// unbrokenLen is Len of padded Base64 without line breaks.
func unbrokenLen(text []byte) int {
	n := len(text)
	for i := n - 1; i >= max(0, len(text)-2) && text[i] == '='; i-- {
		n--
	}
	return MaxLen(n)
}
