package target

import (
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/gorilla/websocket"
)

// maxReason is the room for a reason in a close frame, in bytes (RFC 6455
// section 5.5: 125, less 2 for the code).
const maxReason = 123

// refusal ends a session with a close code and a reason.
type refusal struct {
	code   int
	reason string
	// cause is the target's own trouble behind it, for its log; nil when the
	// client's.
	cause error
	// told is set when the log has the trouble already.
	told bool
}

func (r *refusal) Error() string { return fmt.Sprintf("close %d: %s", r.code, r.reason) }

func (r *refusal) Unwrap() error { return r.cause }

func invalid(err error) *refusal {
	return &refusal{code: websocket.CloseInvalidFramePayloadData, reason: err.Error()}
}

func tooLarge(m mode, limit int, maxImage int64) *refusal {
	reason := fmt.Sprintf("image is larger than %d bytes", maxImage)
	if m == text {
		reason = fmt.Sprintf("Base64 is longer than %d bytes, of an image larger than %d", limit, maxImage)
	}
	return &refusal{code: websocket.CloseMessageTooBig, reason: reason}
}

func tooLong(limit int) *refusal {
	return &refusal{code: websocket.CloseMessageTooBig, reason: fmt.Sprintf("compressed message is longer than %d bytes", limit)}
}

func tooSlow(limit time.Duration) *refusal {
	return &refusal{code: websocket.ClosePolicyViolation, reason: fmt.Sprintf("the message was not whole within %v, the time limit of a message", limit)}
}

func tooQuiet(limit time.Duration) *refusal {
	return &refusal{code: websocket.ClosePolicyViolation, reason: fmt.Sprintf("no message, ping or pong for %v, the limit of idle time", limit)}
}

func tooSlowForOthers() *refusal {
	return &refusal{code: websocket.ClosePolicyViolation, reason: fmt.Sprintf("the message came slower than %d KB/s while others waited for memory", leastPace/1000)}
}

func noMemory(limit time.Duration) *refusal {
	return &refusal{code: websocket.CloseTryAgainLater, reason: fmt.Sprintf("the message waited %v for memory that other messages take: try again later", limit)}
}

// unsaved is of an image that the store failed to save, of which the log is told
// apart: one fault may cost any number of images.
func unsaved(reason string, err error) *refusal {
	return &refusal{code: websocket.CloseInternalServerErr, reason: reason, cause: err, told: true}
}

func internalError(err error, told bool) *refusal {
	return &refusal{code: websocket.CloseInternalServerErr, reason: "internal error of the target", cause: err, told: told}
}

func drained() *refusal {
	return &refusal{code: websocket.CloseGoingAway, reason: "the target is shutting down"}
}

// frame returns the payload of the close frame.
func (r *refusal) frame() []byte {
	return websocket.FormatCloseMessage(r.code, shorten(r.reason))
}

// shorten cuts a reason to what a close frame can hold, at a character.
func shorten(reason string) string {
	if len(reason) <= maxReason {
		return reason
	}
	end := maxReason
	for !utf8.RuneStart(reason[end]) {
		end--
	}
	return reason[:end]
}
