package target

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"time"

	"github.com/gorilla/websocket"

	"github.com/wsimg/wsimg/target/internal/budget"
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
		switch c.state.Load() {
		case idle:
			if c.stop(idle, interrupted) {
				return
			}
		case busy:
			if c.state.CompareAndSwap(busy, interrupted) {
				return
			}
		default:
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
func (c *session) wake() { c.conn.SetDeadline(time.Unix(1, 0)) }

// stop ends the session's reading if its state is still from, and reports
// whether it was.
func (c *session) stop(from, to int32) bool {
	if !c.state.CompareAndSwap(from, to) {
		return false
	}
	c.conn.SetReadDeadline(time.Unix(1, 0))
	return true
}

// called returns why the session was called away in the state that another
// goroutine put it into.
func (c *session) called(state int32) *refusal {
	switch limits := &c.server.settings.Limits; state {
	case overdue:
		return tooSlow(limits.Message)
	case lagging:
		return tooSlowForOthers()
	case silent:
		return tooQuiet(limits.Idle)
	default:
		return drained()
	}
}

// sayGoodbye closes the connection in the way that its end calls for, and gives
// the session's place to another.
func (c *session) sayGoodbye(end error) {
	defer c.conn.Close()
	defer c.makeRoom()
	was := c.state.Swap(leaving)
	var (
		r       *refusal
		broken  *frame.Error
		goodbye *frame.Closed
	)
	switch {
	case c.unread.Load():
		c.server.counters.cut.Add(1)
		c.log(slog.LevelInfo, "cut off", "reason", fmt.Sprintf("a frame was not accepted within %v", c.server.settings.Limits.Write))
		return
	case c.out.Ended():
		c.log(slog.LevelInfo, "disconnected", "end", end)
		return
	case errors.As(end, &r):
	case errors.As(end, &broken):
		r = &refusal{code: broken.Code, reason: broken.Reason}
	case errors.As(end, &goodbye):
		c.log(slog.LevelInfo, "disconnected", "end", end)
		c.closeBack(goodbye)
		return
	case was > busy && (isTimeout(end) || errors.Is(end, budget.ErrStopped)):
		r = c.called(was)
	default:
		c.log(slog.LevelInfo, "disconnected", "end", end)
		return
	}
	level := slog.LevelInfo
	attrs := []any{"code", r.code, "reason", r.reason}
	if r.cause != nil {
		if !r.told {
			level = slog.LevelError
		}
		attrs = append(attrs, "cause", r.cause)
	}
	c.log(level, "closed", attrs...)
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
	if c.out.Close(websocket.FormatCloseMessage(code, ""), c.server.now(), closeTimeout) == nil {
		// Before the client sees the end: it may come again at once, to a target that
		// is otherwise full.
		c.makeRoom()
		c.linger()
	}
}

// sendClose sends a close frame and sees to it that it arrives.
func (c *session) sendClose(payload []byte) {
	if c.out.Close(payload, c.server.now(), closeTimeout) == nil {
		c.linger()
	}
}

// makeRoom tells the gate, once, that the session has ended.
func (c *session) makeRoom() {
	if c.leave != nil {
		c.leave()
		c.leave = nil
	}
}

// linger reads what the client still sends: closing a connection that holds
// unread data resets it, and a reset overtakes the close frame.
func (c *session) linger() {
	if half, ok := c.conn.(interface{ CloseWrite() error }); ok && half.CloseWrite() != nil {
		return
	}
	c.conn.SetReadDeadline(time.Now().Add(lingerTime))
	io.CopyN(io.Discard, c.conn, lingerBytes)
}

// isTimeout reports whether a deadline passed.
func isTimeout(err error) bool {
	network, ok := errors.AsType[net.Error](err)
	return ok && network.Timeout()
}
