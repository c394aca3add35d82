package compression

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// The sizes of windows that can be asked for, in bits (section 7.1.2.1).
// compress/flate knows the largest alone.
const (
	minWindowBits = 8
	maxWindowBits = 15
)

// Agreement is what comes of a client's offer that is accepted: no context is
// taken over in either direction. Any client allows for that (sections 7.1.1.1
// and 7.1.1.2), also for no word of a client_max_window_bits (section 7.1.2.2).
type Agreement struct {
	// window is the server_max_window_bits that the client asks for, 0 if it
	// doesn't; then it may not be told of one.
	window int
}

// Agree returns what comes of the offers in the headers of a handshake, and
// whether one is accepted: the first of permessage-deflate that isn't faulty or
// of unknown parameters (section 7.1), which is the one that the client likes
// best.
func Agree(header http.Header) (Agreement, bool) {
	for _, line := range header.Values("Sec-WebSocket-Extensions") {
		for offer := range strings.SplitSeq(line, ",") {
			if agreed, ok := agree(offer); ok {
				return agreed, true
			}
		}
	}
	return Agreement{}, false
}

// String returns the agreement as the value of Sec-WebSocket-Extensions in the
// response. A server_max_window_bits is answered, 15 too (section 7.1.2.1).
func (a Agreement) String() string {
	const s = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
	if a.window == 0 {
		return s
	}
	return s + "; server_max_window_bits=" + strconv.Itoa(a.window)
}

// Level returns the level to compress at when the client asks for one, from
// MinLevel to MaxLevel: that, if the window is the largest. What is compressed
// for a smaller one is Huffman coded only, or stored as asked: with nothing in it
// that refers back, it is at home in any window.
func (a Agreement) Level(asked int) int {
	if a.window == 0 || a.window == maxWindowBits || asked == stored {
		return asked
	}
	return huffmanOnly
}

// agree judges one offer: a name and its parameters (RFC 6455 section 9.1). A
// comma or semicolon within a quoted value is not looked out for: no value may
// have one.
func agree(offer string) (agreed Agreement, ok bool) {
	parts := strings.Split(offer, ";")
	if strings.TrimSpace(parts[0]) != "permessage-deflate" {
		return Agreement{}, false
	}
	var seen []string
	for _, parameter := range parts[1:] {
		name, value, valued := strings.Cut(parameter, "=")
		name = strings.TrimSpace(name)
		if slices.Contains(seen, name) {
			return Agreement{}, false
		}
		seen = append(seen, name)
		switch name {
		case "server_no_context_takeover", "client_no_context_takeover":
			ok = !valued
		case "client_max_window_bits":
			_, ok = windowBits(value)
			ok = ok || !valued
		case "server_max_window_bits":
			agreed.window, ok = windowBits(value)
		default:
			ok = false
		}
		if !ok {
			return Agreement{}, false
		}
	}
	return agreed, true
}

// windowBits returns the size of a window in the value of a parameter, which may
// be quoted, and whether it is one, in its shortest form.
func windowBits(value string) (bits int, ok bool) {
	s := unquote(value)
	n, err := strconv.Atoi(s)
	if err != nil || n < minWindowBits || n > maxWindowBits || strconv.Itoa(n) != s {
		return 0, false
	}
	return n, true
}

// unquote returns the value of a parameter, which may be quoted.
func unquote(s string) string {
	s = strings.TrimSpace(s)
	if n := len(s); n >= 2 && s[0] == '"' && s[n-1] == '"' {
		return s[1 : n-1]
	}
	return s
}
