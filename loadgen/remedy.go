package loadgen

import (
	"crypto/tls"
	"errors"
	"os"
	"strconv"
	"strings"

	"github.com/gorilla/websocket"

	"github.com/wsimg/wsimg/loadgen/connect"
)

// remedyOfKind is what to do about a failure of a kind without a number.
func remedyOfKind(kind string) string {
	switch kind {
	case Foreign:
		return "the server mixes connections up: look there at what its sessions share"
	case Misplaced:
		return "the server mixes images up: it must answer them in the order in which they come"
	case Doubled, Unasked:
		return "the server sends what nobody asked for: it must answer each image once"
	case Short, Long, Flipped:
		return "the server changes images: --reply echo expects every byte back; look at what it does with them, or ask for --reply ack"
	case Retyped:
		return "the server must answer with a frame of the type that it was sent; if it acknowledges images, ask for --reply ack"
	case Rejected:
		return "see the server's log for what it has against the image; where it echoes, ask for --reply echo"
	case Late, Unanswered:
		return "see what holds the server up; lower the load, or give images more time with --timeout"
	case Lost:
		return "see the other failures of that time: one of them ended the connection"
	case Unsent:
		return "the server can't carry this rate over so many connections: lower --rate, or raise --clients"
	case DNS:
		return "correct the host in --url, or mend the resolution of names here"
	case Refused:
		return "start the server, or correct --url; if it was there before, it has ended: see its log"
	case TLS:
		return "see that the server speaks TLS there and which certificate it has: --ca, --insecure, or ws:// in --url"
	case Declined:
		return "turn compression on there, or leave +deflate out of the mode"
	case NoPorts:
		return "give more source addresses with --local-addr (each has some 28,000 ports to one destination), or ask for fewer --clients"
	case NoFiles:
		return "raise the limit of open files (ulimit -n), or ask for fewer --clients"
	case Timeout:
		return "see whether the server can be reached from here and what holds it up; where many connect at once, lower --connect-rate"
	case Reset, Dropped:
		return "the server, or something on the way, may have died or run out of something: see whether it still runs, and its log"
	case TooLarge:
		return "send smaller images (text is a third longer than binary), or raise the server's limit"
	case Protocol:
		return "correct the server, or what stands before it; see that --url names a WebSocket server"
	}
	return "see the server's log"
}

// remedy is what to do about a failure of some kind.
func remedy(kind string) string {
	if code, ok := numbered(kind, Closed); ok {
		return remedyOfClose(code)
	}
	if status, ok := numbered(kind, Handshake); ok {
		return connect.Remedy(status)
	}
	return remedyOfKind(kind)
}

// remedyOf is what to do about a failure that is err.
func remedyOf(err error) string {
	if call, ok := errors.AsType[*os.SyscallError](err); ok && call.Syscall == "bind" && Kind(err) == NoPorts {
		return "the source address is not one of this machine's: correct --local-addr"
	}
	if isA[*tls.CertificateVerificationError](err) {
		return "give the file of its certificate, or of the authority that signed it, with --ca; use the name that is in it; or do without the check, with --insecure"
	}
	if isA[tls.RecordHeaderError](err) {
		return "the server does not speak TLS there: use ws:// in --url"
	}
	if refused, ok := errors.AsType[*HandshakeError](err); ok {
		return refused.Remedy()
	}
	if garbled, ok := errors.AsType[*connect.GarbledError](err); ok {
		return garbled.Remedy()
	}
	if errors.Is(err, errGarbled) {
		return "see how the server compresses: it has agreed to RFC 7692 without context takeover"
	}
	return remedy(Kind(err))
}

// numbered returns the number of a kind that has this prefix.
func numbered(kind, prefix string) (n int, ok bool) {
	if digits, found := strings.CutPrefix(kind, prefix+"-"); found {
		n, err := strconv.Atoi(digits)
		return n, err == nil
	}
	return 0, false
}

// closeBadGateway is 1014, which gorilla/websocket does not know.
const closeBadGateway = 1014

func remedyOfClose(code int) string {
	switch code {
	case websocket.CloseNormalClosure, websocket.CloseGoingAway:
		return "the server ends sessions by itself: see whether it is being stopped, or limits how long they last"
	case websocket.CloseProtocolError:
		return "the server takes what it was sent for a breach of RFC 6455: see its log, and what stands before it"
	case websocket.CloseUnsupportedData:
		return "the server does not take this type of message: choose another mode"
	case websocket.CloseInvalidFramePayloadData:
		return "the server can't read the text: choose the alphabet it expects, as in text+codec=std"
	case websocket.ClosePolicyViolation:
		return "see there what it allows a client, and give what it wants: --token, a lower rate, smaller images"
	case websocket.CloseInternalServerErr:
		return "see the server's log: its disk or its memory may be full"
	case websocket.CloseServiceRestart, websocket.CloseTryAgainLater, closeBadGateway:
		return "lower the load, or try later; see the log of the server and of what stands before it"
	}
	return "see the server's log for what this code means there"
}
