package loadgen

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/textproto"
	"os"
	"strconv"
	"strings"
	"syscall"

	"github.com/gorilla/websocket"

	"github.com/wsimg/wsimg/loadgen/connect"
)

// Kinds of failure. Every image that was due is verified or counted under
// exactly one of them; so is every attempt to connect that failed. A kind that
// ends in a number is made of a prefix: "handshake-403", "closed-1013".
const (
	// A reply came, and is not the image that was sent.
	Foreign   = "foreign"   // belongs to another client
	Misplaced = "misplaced" // belongs to another image
	Doubled   = "doubled"   // repeats the reply before it
	Unasked   = "unasked"   // nothing was owed, and it is no image of ours
	Short     = "short"     // ends too early
	Long      = "long"      // goes on too long
	Flipped   = "flipped"   // has the right length and wrong bytes
	Retyped   = "retyped"   // has the other frame type
	Rejected  = "rejected"  // acknowledges nothing: {"ok":false}, or no such message at all

	// No reply came in time.
	Late       = "late"       // came after the time an image may take
	Unanswered = "unanswered" // never came
	Lost       = "lost"       // was in flight when its connection failed for another image's sake, or was cut
	Unsent     = "unsent"     // was due and never sent: its connection was not free before the drain ended

	// There was no connection to be had.
	DNS       = "dns"       // the server's name has no address
	Refused   = "refused"   // nobody listens there
	TLS       = "tls"       // no secure channel
	Handshake = "handshake" // the prefix of an HTTP status: the server did not upgrade
	Declined  = "declined"  // the server does not compress, and was asked to
	NoPorts   = "no-ports"  // this machine has no port left to dial from
	NoFiles   = "no-files"  // this process, or machine, may open no more files

	// The connection failed, or could not be had.
	Timeout  = "timeout"
	Reset    = "reset"
	Dropped  = "dropped"   // ended without a close frame
	Closed   = "closed"    // the prefix of a close frame's code
	TooLarge = "too-large" // the server takes no image of this size (code 1009, HTTP 413), or announced a message longer than any may be
	Protocol = "protocol"  // the server broke RFC 6455 or 7692, or does not speak HTTP
	Other    = "other"
)

// ErrDeclined is a server that was asked for permessage-deflate and does not
// agree to it.
var ErrDeclined = connect.ErrDeclined

// What a server must not do about compression, or any extension.
var (
	errUnoffered = connect.ErrUnoffered
	errGarbled   = errors.New("the server's message does not inflate")
)

// Kind names the failure that err is.
func Kind(err error) string {
	if closed, ok := errors.AsType[*websocket.CloseError](err); ok {
		return kindOfClose(closed.Code)
	}
	if refused, ok := errors.AsType[*HandshakeError](err); ok {
		return kindOfStatus(refused.Status)
	}
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		if kind := kindOfErrno(errno); kind != "" {
			return kind
		}
	}
	timeout, ok := errors.AsType[net.Error](err)
	timedOut := ok && timeout.Timeout()
	switch {
	case errors.Is(err, ErrDeclined):
		return Declined
	case errors.Is(err, errUnoffered), errors.Is(err, errGarbled), isA[*connect.GarbledError](err):
		return Protocol
	case isA[*net.DNSError](err):
		return DNS
	case timedOut, errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return Timeout
	case isA[tls.RecordHeaderError](err), isA[*tls.CertificateVerificationError](err), begins(err, "tls:", "x509:"):
		return TLS
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return Dropped
	case errors.Is(err, websocket.ErrReadLimit):
		return TooLarge
	// gorilla's own complaints, and those of net/http about what is no HTTP,
	// have no type.
	case begins(err, "websocket:", "malformed "), isA[textproto.ProtocolError](err):
		return Protocol
	default:
		return Other
	}
}

func kindOfClose(code int) string {
	switch code {
	case websocket.CloseAbnormalClosure:
		return Dropped
	case websocket.CloseMessageTooBig:
		return TooLarge
	}
	return Closed + "-" + strconv.Itoa(code)
}

func kindOfStatus(status int) string {
	if status == http.StatusRequestEntityTooLarge {
		return TooLarge
	}
	return Handshake + "-" + strconv.Itoa(status)
}

// isA reports whether there is an E in err's tree.
func isA[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// begins reports whether what err was at first begins with one of prefixes.
func begins(err error, prefixes ...string) bool {
	for inner := err; inner != nil; inner = errors.Unwrap(inner) {
		err = inner
	}
	for _, prefix := range prefixes {
		if err != nil && strings.HasPrefix(err.Error(), prefix) {
			return true
		}
	}
	return false
}
