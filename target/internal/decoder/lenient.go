package decoder

import (
	"bytes"
	"encoding/base64"
)

// decodeLenient decodes what is valid by the lenient rules and returns the
// image's length, else 0. Lines go to the library as they are, but for groups
// of four characters that a line break divides, which are put together first.
func (d Decoder) decodeLenient(dst, text []byte) int {
	text, pads := cutPadding(text)
	// One - or _ decides; then + and / are faults to the library.
	url := bytes.IndexByte(text, '-') >= 0 || bytes.IndexByte(text, '_') >= 0
	lines, groups := d.codec.raw(url), base64.RawStdEncoding.Strict()
	if url {
		groups = base64.RawURLEncoding.Strict()
	}
	var (
		n     int
		group [4]byte
		held  int // characters in group
	)
	for len(text) > 0 {
		line := text
		if end := bytes.IndexAny(text, "\r\n"); end >= 0 {
			line, text = text[:end], text[end+1:]
		} else {
			text = nil
		}
		if held > 0 {
			k := copy(group[held:], line)
			held, line = held+k, line[k:]
			if held < len(group) {
				continue
			}
			k, err := groups.Decode(dst[n:], group[:])
			if err != nil {
				return 0
			}
			n += k
		}
		whole := len(line) / 4 * 4
		k, err := lines.Decode(dst[n:], line[:whole])
		if err != nil {
			return 0
		}
		n += k
		held = copy(group[:], line[whole:])
	}
	if pads > 0 && (held == 0 || held+pads != len(group)) {
		return 0
	}
	k, err := groups.Decode(dst[n:], group[:held])
	if err != nil {
		return 0
	}
	return n + k
}

// cutPadding returns text without the pads and line breaks at its end, and how
// many pads there were.
func cutPadding(text []byte) (rest []byte, pads int) {
	rest = bytes.TrimRight(text, "=\r\n")
	return rest, bytes.Count(text[len(rest):], []byte("="))
}
