package target

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"time"

	"github.com/gorilla/websocket"

	"github.com/wsimg/wsimg/target/internal/frame"
)

const (
	// closeTimeout is how long a close frame may take to be accepted.
	closeTimeout = time.Second
	// lingerTime and lingerBytes bound how much of what the client still sends
	// is read, for it to come to the close frame.
	lingerTime  = time.Second
	lingerBytes = 256 << 20
)

// drain ends the session when it is idle, else after the message it is at. It
// is called by others than the session's goroutine.
func (c *session) drain() {
	for {
		was := c.state.Load()
		if was != idle && was != busy {
			return
		}
		if c.state.CompareAndSwap(was, interrupted) {
			if was == idle {
				c.wake()
			}
			return
		}
	}
}

// cut ends the session in the middle of the message that drain left it, and
// reports whether there was one.
func (c *session) cut() bool {
	if c.state.Load() != interrupted {
		return false
	}
	c.wake()
	return true
}

// wake ends whatever the session waits for.
func (c *session) wake() {
	c.conn.NetConn().SetDeadline(time.Unix(1, 0))
}

// sayGoodbye closes the connection in the way that its end calls for.
func (c *session) sayGoodbye(end error) {
	defer c.conn.Close()
	was := c.state.Swap(leaving)
	var (
		r       *refusal
		broken  *frame.Error
		goodbye *frame.Closed
	)
	switch {
	case errors.As(end, &r):
	case errors.As(end, &broken):
		r = &refusal{code: broken.Code, reason: broken.Reason}
	case errors.As(end, &goodbye):
		c.log.Info("disconnected", "end", end)
		c.closeBack(goodbye)
		return
	case was == interrupted && isTimeout(end):
		r = drained()
	default:
		c.log.Info("disconnected", "end", end)
		return
	}
	level := slog.LevelInfo
	if r.cause != nil {
		level = slog.LevelError
	}
	attrs := []any{"code", r.code, "reason", r.reason}
	if r.cause != nil {
		attrs = append(attrs, "cause", r.cause)
	}
	c.log.Log(context.Background(), level, "closed", attrs...)
	c.count.closed(r.code)
	c.sendClose(r.frame())
}

// closeBack answers the client's close frame with its own code (RFC 6455 section
// 5.5.1), after which the server is the one to close the connection.
func (c *session) closeBack(to *frame.Closed) {
	code := to.Code
	if code == 0 {
		code = websocket.CloseNoStatusReceived // makes an empty payload
	}
	c.sendClose(websocket.FormatCloseMessage(code, ""))
}

// sendClose sends a close frame and sees to it that it arrives.
func (c *session) sendClose(payload []byte) {
	if c.conn.WriteControl(websocket.CloseMessage, payload, time.Now().Add(closeTimeout)) == nil {
		c.linger()
	}
}

// linger reads what the client still sends: closing a connection that holds
// unread data resets it, and a reset overtakes the close frame.
func (c *session) linger() {
	conn := c.conn.NetConn()
	if half, ok := conn.(interface{ CloseWrite() error }); ok && half.CloseWrite() != nil {
		return
	}
	conn.SetReadDeadline(time.Now().Add(lingerTime))
	io.CopyN(io.Discard, conn, lingerBytes)
}

// isTimeout reports whether a deadline passed.
func isTimeout(err error) bool {
	network, ok := errors.AsType[net.Error](err)
	return ok && network.Timeout()
}
