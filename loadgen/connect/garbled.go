package connect

import (
	"errors"
	"net/textproto"
	"strconv"
	"strings"
)

// useTLS is what to do about a server that speaks TLS and was not spoken to so.
const useTLS = "the server speaks TLS there: use wss:// in --url"

// GarbledError is an answer to the handshake that is no HTTP. What it was is
// not shown: it may repeat the request, with what is confidential in it.
type GarbledError struct {
	TLS bool // the answer is of TLS
}

// Error says what came, and what to do.
func (e *GarbledError) Error() string { return e.Answer() + "; " + e.Remedy() }

// Answer says what came, and nothing else.
func (e *GarbledError) Answer() string {
	if e.TLS {
		return "the server answered the WebSocket handshake with TLS"
	}
	return "the server answered the WebSocket handshake with something that is no HTTP"
}

// Remedy is what to do about it.
func (e *GarbledError) Remedy() string {
	if e.TLS {
		return useTLS
	}
	return "see that a WebSocket server listens there, and correct the host and the port of the URL"
}

// garbled returns what is wrong with an answer that net/http could not read;
// nil when err is something else. Those errors have no type, but for those of
// header lines.
func garbled(err error) error {
	if _, ok := errors.AsType[textproto.ProtocolError](err); ok {
		return &GarbledError{}
	}
	inner := err
	for next := err; next != nil; next = errors.Unwrap(next) {
		inner = next
	}
	what, quoted, ok := strings.Cut(inner.Error(), ` "`)
	if !ok || !strings.HasPrefix(what, "malformed HTTP ") {
		return nil
	}
	answer, err := strconv.Unquote(`"` + quoted)
	// RFC 8446, section 5.1: a record begins with its type, an alert or a
	// handshake, and with the version 3.
	return &GarbledError{TLS: err == nil && (strings.HasPrefix(answer, "\x15\x03") || strings.HasPrefix(answer, "\x16\x03"))}
}
