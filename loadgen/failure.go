package loadgen

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/gorilla/websocket"

	"github.com/wsimg/wsimg/loadgen/record"
)

// Kinds of failure. Every image that was sent is verified or counted under
// exactly one of them.
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
	Lost       = "lost"       // was in flight when its connection failed for another image's sake
	Unsent     = "unsent"     // was due and never sent: its connection was not free before the drain ended

	// The connection failed; a close frame counts as "closed-" and its code.
	Refused   = "refused"
	Reset     = "reset"
	Timeout   = "timeout"
	DNS       = "dns"
	TLS       = "tls"
	Handshake = "handshake" // the server did not upgrade
	Declined  = "declined"  // the server does not compress, and was asked to
	Dropped   = "dropped"   // ended without a close frame
	Protocol  = "protocol"  // the server broke RFC 6455
	Other     = "other"
)

// ErrDeclined is a server that was asked for permessage-deflate and does not
// agree to it.
var ErrDeclined = errors.New("the server declines permessage-deflate; turn compression on there, or leave +deflate out of the mode")

// What a server must not do about compression, or any extension.
var (
	errUnoffered = errors.New("the server turned an extension on that was not offered (RFC 6455, section 4.1); correct it there")
	errGarbled   = errors.New("the server's message does not inflate; see how it compresses: it has agreed to RFC 7692 without context takeover")
)

// Kind names the failure that err is.
func Kind(err error) string {
	var (
		closed    *websocket.CloseError
		handshake *HandshakeError
		dns       *net.DNSError
		record    tls.RecordHeaderError
		cert      *tls.CertificateVerificationError
		timeout   net.Error
	)
	switch {
	case errors.As(err, &closed) && closed.Code == websocket.CloseAbnormalClosure:
		return Dropped
	case errors.As(err, &closed):
		return "closed-" + strconv.Itoa(closed.Code)
	case errors.As(err, &handshake):
		return Handshake
	case errors.Is(err, ErrDeclined):
		return Declined
	case errors.Is(err, errUnoffered), errors.Is(err, errGarbled):
		return Protocol
	case errors.As(err, &dns):
		return DNS
	case errors.As(err, &record), errors.As(err, &cert):
		return TLS
	case errors.Is(err, syscall.ECONNREFUSED):
		return Refused
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return Reset
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded),
		errors.As(err, &timeout) && timeout.Timeout():
		return Timeout
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return Dropped
	case errors.Is(err, websocket.ErrReadLimit), isProtocol(err):
		return Protocol
	default:
		return Other
	}
}

// isProtocol tells gorilla's own complaints, which have no type, from those of
// the layers below.
func isProtocol(err error) bool {
	var op *net.OpError
	return !errors.As(err, &op) && len(err.Error()) > 10 && err.Error()[:10] == "websocket:"
}

// failures counts failures by kind and keeps the first of each. It is safe for
// concurrent use: failures are rare, and off the path of a verified image.
type failures struct {
	mu       sync.Mutex
	counts   map[string]uint64
	examples map[string]record.Example
	seen     map[string]uint64 // of counts, by since
}

func (f *failures) add(kind string, client int, detail string) { f.addMany(kind, client, 1, detail) }

func (f *failures) addMany(kind string, client int, n uint64, detail string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.counts == nil {
		f.counts = make(map[string]uint64)
		f.examples = make(map[string]record.Example)
	}
	f.counts[kind] += n
	if _, ok := f.examples[kind]; !ok {
		f.examples[kind] = record.Example{Client: client, Detail: detail}
	}
}

// take returns what was added since it was last called.
func (f *failures) take() (map[string]uint64, map[string]record.Example) {
	f.mu.Lock()
	defer f.mu.Unlock()
	counts, examples := f.counts, f.examples
	f.counts, f.examples, f.seen = nil, nil, nil
	return counts, examples
}

// since returns the counts added since it was last called; nil when there are
// none. It takes nothing.
func (f *failures) since() map[string]uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	var added map[string]uint64
	for kind, n := range f.counts {
		if n > f.seen[kind] {
			if added == nil {
				added = make(map[string]uint64)
			}
			added[kind] = n - f.seen[kind]
		}
	}
	f.seen = maps.Clone(f.counts)
	return added
}

// explain says in words what became of a connection, and what to do.
func explain(err error) string {
	var closed *websocket.CloseError
	switch kind := Kind(err); {
	case errors.As(err, &closed) && closed.Code != websocket.CloseAbnormalClosure:
		return fmt.Sprintf("the server closed the connection with code %d %s; see its log", closed.Code, quoted(closed.Text))
	case kind == Dropped:
		return "the server ended the connection without a close frame; it may have died: see whether it still runs"
	case kind == Reset:
		return "the server reset the connection; it may have died: see whether it still runs (" + err.Error() + ")"
	case errors.Is(err, os.ErrDeadlineExceeded):
		return "the server took no more data in time (" + err.Error() + ")"
	default:
		return err.Error()
	}
}

func quoted(reason string) string {
	if reason == "" {
		return "and no reason"
	}
	return fmt.Sprintf("%q", reason)
}

// rounded makes a duration for people to read.
func rounded(ns int64) time.Duration { return time.Duration(ns).Round(time.Millisecond / 10) }
