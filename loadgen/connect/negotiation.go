package connect

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// ErrDeclined is a server that was asked for permessage-deflate and does not
// agree to it.
var ErrDeclined = errors.New("the server declines permessage-deflate; turn compression on there, or leave +deflate out of the mode")

// ErrUnoffered is a server that agrees to an extension that was not offered.
var ErrUnoffered = errors.New("the server turned an extension on that was not offered (RFC 6455, section 4.1); correct it there")

// extension is one that a server says it will use, as RFC 6455, section 9.1
// has it: "permessage-deflate; server_max_window_bits=10".
type extension struct {
	name       string
	parameters map[string]string
}

// extensions reads those of a server's answer. Values may be quoted; none that
// matters here holds a separator.
func extensions(answer string) []extension {
	var all []extension
	for part := range strings.SplitSeq(answer, ",") {
		name, rest, _ := strings.Cut(part, ";")
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		e := extension{strings.ToLower(name), map[string]string{}}
		for parameter := range strings.SplitSeq(rest, ";") {
			key, value, _ := strings.Cut(parameter, "=")
			e.parameters[strings.ToLower(strings.TrimSpace(key))] = strings.Trim(strings.TrimSpace(value), `"`)
		}
		delete(e.parameters, "")
		all = append(all, e)
	}
	return all
}

// negotiated returns nil when the server's answer to the handshake is what was
// asked for: permessage-deflate without context takeover, or no extension at
// all.
//
// Without server_no_context_takeover a reply could be inflated only after all
// those before it, and with client_max_window_bits below 15 messages would
// have to be compressed for a smaller window than compress/flate has (RFC
// 7692, sections 7.1.1 and 7.1.2). That client_no_context_takeover is left out
// would do no harm, but gorilla/websocket insists on it. The server's own
// window is its own affair: one of 15 bits inflates whatever a smaller made.
func negotiated(header http.Header, deflate bool) error {
	answer := strings.Join(header.Values("Sec-WebSocket-Extensions"), ", ")
	got := extensions(answer)
	switch {
	case len(got) == 0 && deflate:
		return ErrDeclined
	case len(got) == 0:
		return nil
	case !deflate || len(got) > 1 || got[0].name != "permessage-deflate":
		return fmt.Errorf("%w (it answered %q)", ErrUnoffered, answer)
	}
	for _, needed := range []string{"server_no_context_takeover", "client_no_context_takeover"} {
		if _, ok := got[0].parameters[needed]; !ok {
			return fmt.Errorf("%w (it answered %q, without %s)", ErrDeclined, answer, needed)
		}
	}
	for key, value := range got[0].parameters {
		switch key {
		case "server_no_context_takeover", "client_no_context_takeover", "server_max_window_bits":
		case "client_max_window_bits":
			if value != "15" {
				return fmt.Errorf("%w (it answered %q, and a smaller window was not offered)", ErrDeclined, answer)
			}
		default:
			return fmt.Errorf("%w (it answered %q)", ErrUnoffered, answer)
		}
	}
	return nil
}
