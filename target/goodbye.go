package target

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"strings"
	"time"

	"github.com/gorilla/websocket"
)

const (
	// closeTimeout is how long a close frame may take to be accepted.
	closeTimeout = time.Second
	// lingerTime and lingerBytes bound how much of what a refused client still
	// sends is read, for it to come to the close frame.
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
	r, refused := errors.AsType[*refusal](end)
	switch {
	case refused:
	case was == interrupted && isTimeout(end):
		r = drained()
	case errors.Is(end, websocket.ErrReadLimit):
		// Only a length of 2^63 or more comes here, and gorilla sent nothing.
		r = &refusal{code: websocket.CloseMessageTooBig, reason: "frame length is out of range"}
	case isProtocolError(end):
		// gorilla has sent the close frame.
		c.count.closed(websocket.CloseProtocolError)
		c.log.Info("closed", "code", websocket.CloseProtocolError, "error", end)
		c.linger()
		return
	default:
		// The client closed, or is gone.
		c.log.Info("disconnected", "end", end)
		return
	}
	level := slog.LevelInfo
	if r.cause != nil {
		level = slog.LevelError
	}
	c.log.Log(context.Background(), level, "closed", "code", r.code, "reason", r.reason, "cause", r.cause)
	c.count.closed(r.code)
	if c.conn.WriteControl(websocket.CloseMessage, r.frame(), time.Now().Add(closeTimeout)) == nil {
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

// isProtocolError reports whether gorilla found a frame to break RFC 6455. It
// has no type for that.
func isProtocolError(err error) bool {
	_, closed := errors.AsType[*websocket.CloseError](err)
	_, network := errors.AsType[net.Error](err)
	return !closed && !network && strings.HasPrefix(err.Error(), "websocket: ")
}

// isTimeout reports whether a deadline passed. gorilla hides the error it got.
func isTimeout(err error) bool {
	network, ok := errors.AsType[net.Error](err)
	return ok && network.Timeout()
}
