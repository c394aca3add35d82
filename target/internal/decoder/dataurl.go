package decoder

import (
	"fmt"
	"strings"
)

const (
	scheme = "data:"
	marker = ";base64"

	// maxHead is how many bytes a data URL may have before its payload, the
	// comma included.
	maxHead = 256
)

// findPayload returns where the Base64 in text begins: behind the comma of a
// data URL (RFC 2397), in whatever case,
//
//	data:[type][;parameter]*;base64,
//
// else at 0. Type and parameters are not interpreted: what the image is, its
// bytes say. A colon is in no alphabet of Base64, so other texts pay no more
// than a look at their fifth byte.
func findPayload(text []byte) (int, *Fault) {
	if len(text) < len(scheme) || text[len(scheme)-1] != ':' || !strings.EqualFold(string(text[:len(scheme)]), scheme) {
		return 0, nil
	}
	head := text[:min(len(text), maxHead)]
	for i := len(scheme); i < len(head); i++ {
		switch c := head[i]; {
		case c == ',':
			if !endsInMarker(head[len(scheme):i]) {
				return 0, urlFault(i, "it is not Base64; send data:<type>;base64,")
			}
			return i + 1, nil
		case !isHead(c):
			return 0, urlFault(i, fmt.Sprintf("%+q doesn't belong before the comma", rune(c)))
		}
	}
	if len(text) < maxHead {
		return 0, urlFault(len(text), "it ends before its comma; send data:<type>;base64,")
	}
	return 0, urlFault(maxHead, fmt.Sprintf("no comma within %d bytes; leave parameters out", maxHead))
}

// isHead reports whether c may stand in the type and parameters of a data URL:
// a character of a token (RFC 9110 section 5.6.2), or what divides tokens.
func isHead(c byte) bool {
	return 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || '0' <= c && c <= '9' ||
		strings.IndexByte("!#$%&'*+-.^_`|~"+"/;=", c) >= 0
}

func endsInMarker(head []byte) bool {
	start := len(head) - len(marker)
	return start >= 0 && strings.EqualFold(string(head[start:]), marker)
}
