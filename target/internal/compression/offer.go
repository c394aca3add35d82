package compression

import (
	"net/http"
	"strconv"
	"strings"
)

// Offer is what is left of a client's offers when one of them is accepted, as
// the value of Sec-WebSocket-Extensions.
const Offer = "permessage-deflate"

// Acceptable reports whether the headers of a handshake offer a
// permessage-deflate that can be accepted with server_no_context_takeover and
// client_no_context_takeover, and nothing else, in the response. Any client
// allows for those two (sections 7.1.1.1 and 7.1.1.2), also for no word of a
// client_max_window_bits (section 7.1.2.2). But server_max_window_bits must be
// answered, 15 too, and compress/flate knows one window only: such an offer is
// declined, as is one that is faulty or unknown (sections 7.1 and 7.1.2.1).
func Acceptable(header http.Header) bool {
	for _, line := range header.Values("Sec-WebSocket-Extensions") {
		for offer := range strings.SplitSeq(line, ",") {
			if acceptable(offer) {
				return true
			}
		}
	}
	return false
}

// acceptable judges one offer: a name and its parameters (RFC 6455 section
// 9.1). A comma or semicolon within a quoted value is not looked out for: no
// value may have one.
func acceptable(offer string) bool {
	name, rest, more := strings.Cut(offer, ";")
	if strings.TrimSpace(name) != "permessage-deflate" {
		return false
	}
	seen := map[string]bool{}
	for more {
		var parameter string
		parameter, rest, more = strings.Cut(rest, ";")
		name, value, valued := strings.Cut(parameter, "=")
		name = strings.TrimSpace(name)
		if seen[name] {
			return false
		}
		seen[name] = true
		switch {
		case (name == "server_no_context_takeover" || name == "client_no_context_takeover") && !valued:
		case name == "client_max_window_bits" && (!valued || windowBits(unquote(value))):
		default:
			return false
		}
	}
	return true
}

// windowBits reports whether s is a size of a window: 8 to 15, in its shortest
// form.
func windowBits(s string) bool {
	n, err := strconv.Atoi(s)
	return err == nil && 8 <= n && n <= 15 && strconv.Itoa(n) == s
}

// unquote returns the value of a parameter, which may be quoted.
func unquote(s string) string {
	s = strings.TrimSpace(s)
	if n := len(s); n >= 2 && s[0] == '"' && s[n-1] == '"' {
		return s[1 : n-1]
	}
	return s
}
