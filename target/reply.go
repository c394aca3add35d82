package target

import (
	"fmt"
	"strconv"

	"github.com/wsimg/wsimg/target/internal/frame"
)

// Reply names what an image is answered with, once it is saved.
type Reply string

// The replies. The bytes of an ack are those of the raw image, whatever the
// mode; with store off nothing decodes a text, and its length gives them.
const (
	Echo Reply = "echo" // the message as it came, its type and bytes
	Ack  Reply = "ack"  // one text frame, {"ok":true,"bytes":n}
)

// ParseReply returns the reply that s names.
func ParseReply(s string) (Reply, error) {
	switch r := Reply(s); r {
	case Echo, Ack:
		return r, nil
	}
	return "", fmt.Errorf("unknown reply %q: choose %s or %s", s, Echo, Ack)
}

// replier makes the frame that answers a message. The message's payload begins
// at frame.Room; the frame takes its place in memory, so that none is
// allocated.
type replier func(m mode, message []byte, imageBytes int) []byte

func newReplier(r Reply) replier {
	if r == Ack {
		return ackFrame
	}
	return echoFrame
}

func echoFrame(m mode, message []byte, _ int) []byte {
	op := frame.Binary
	if m == text {
		op = frame.Text
	}
	return frame.Reply(op, message)
}

// ackFrame allocates only where the largest image taken is shorter than an ack.
func ackFrame(_ mode, message []byte, imageBytes int) []byte {
	b := append(message[:frame.Room], `{"ok":true,"bytes":`...)
	b = strconv.AppendInt(b, int64(imageBytes), 10)
	return frame.Reply(frame.Text, append(b, '}'))
}
