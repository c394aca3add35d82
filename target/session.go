package target

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"github.com/wsimg/wsimg/target/internal/buffer"
	"github.com/wsimg/wsimg/target/internal/compression"
	"github.com/wsimg/wsimg/target/internal/frame"
	"github.com/wsimg/wsimg/target/store"
)

const (
	// trusted is how much memory the length in a frame's header is worth by
	// itself, in bytes; beyond it a buffer grows with what has arrived.
	trusted = 4 << 20
	// piece is how much is received, unmasked and checked at a time: what fits
	// the cache is still there for the next step.
	piece = 256 << 10
	// pongTimeout is how long a client may take to accept a pong.
	pongTimeout = 5 * time.Second
	// replyTimeout is how long a client may take to accept its reply.
	replyTimeout = 30 * time.Second
)

// What a session is doing:
//
//	idle → busy        a message began          (next)
//	busy → idle        it was answered          (next)
//	idle → interrupted drain wakes it           (drain)
//	busy → interrupted to end after the message (drain)
//	any  → leaving     it says goodbye          (sayGoodbye)
const (
	idle int32 = iota
	busy
	interrupted
	leaving
)

// session is one connection, served by one goroutine.
type session struct {
	server  *Server
	id      uint64
	conn    *websocket.Conn // after the handshake, for control frames
	frames  *frame.Reader   // of what comes on conn
	decoder decoder
	saver   store.Saver
	count   *shard
	log     *slog.Logger
	verbose bool // whether images are logged

	// take does what the store is for with a whole message.
	take func(m mode, message []byte) (imageBytes int, err error)
	// reply makes the frame that answers it.
	reply replier
	// checkUTF8 is set where nothing else would find out.
	checkUTF8 bool
	// echoes is set when a compressed message is to get a compressed reply, of
	// this level.
	echoes bool
	level  int

	state  atomic.Int32
	lapped time.Duration // end of the last stage, since the server started
}

func newSession(s *Server, conn *websocket.Conn, codec Codec, reply Reply) *session {
	id := s.number()
	c := &session{
		server:  s,
		id:      id,
		conn:    conn,
		decoder: newDecoder(codec),
		reply:   newReplier(reply),
		echoes:  reply == Echo,
		saver:   s.store.Session(id),
		count:   s.counters.shard(id),
		log:     s.log.With("connection", id),
	}
	c.frames = frame.NewReader(conn.NetConn(), c.control)
	c.verbose = c.log.Enabled(context.Background(), slog.LevelDebug)
	c.take = c.save
	if s.settings.Store == store.Off {
		c.take, c.checkUTF8 = c.pass, true
	}
	return c
}

// run serves the connection until it ends. A panic ends this session alone.
func (c *session) run() {
	defer c.server.end(c)
	defer c.saver.Close()
	c.log.Info("connected", "client", c.conn.RemoteAddr().String())
	c.sayGoodbye(c.serve())
}

// serve answers messages until an error, which it returns.
func (c *session) serve() (err error) {
	defer func() {
		if p := recover(); p != nil {
			c.log.Error("panic in a session", "panic", p, "stack", string(debug.Stack()))
			err = unsaved("internal error of the target", fmt.Errorf("panic: %v", p))
		}
	}()
	for {
		if err := c.exchange(); err != nil {
			return err
		}
	}
}

// exchange receives a message, takes its image and replies.
func (c *session) exchange() error {
	m, err := c.next()
	if err != nil {
		return err
	}
	message, err := c.receive(m)
	defer func() { c.server.buffers.Put(message) }()
	if err != nil {
		return c.refused(m, err)
	}
	c.lap(m, receive)
	compressed := c.frames.Compressed()
	if compressed {
		if message, err = c.inflate(m, message); err != nil {
			return c.refused(m, err)
		}
	}
	payload := message.Bytes[frame.Room:]
	imageBytes, err := c.take(m, payload)
	if err != nil {
		return c.refused(m, err)
	}
	count := &c.count.modes[m]
	count.taken.Add(1)
	count.takenBytes.Add(uint64(imageBytes))
	if c.verbose {
		c.log.Debug("image", "mode", m.String(), "bytes", imageBytes, "message_bytes", len(payload))
	}
	reply := c.reply(m, message.Bytes, imageBytes)
	if compressed && c.echoes {
		message = c.deflate(m, message)
		reply = frame.Compressed(echoFrame(m, message.Bytes, imageBytes))
	}
	if err := c.send(m, reply); err != nil {
		return fmt.Errorf("reply: %w", err)
	}
	count.echoed.Add(1)
	count.echoedBytes.Add(uint64(imageBytes))
	return nil
}

// next waits for a message to begin.
func (c *session) next() (mode, error) {
	if !c.state.CompareAndSwap(busy, idle) && c.state.Load() == interrupted {
		return 0, drained()
	}
	kind, err := c.frames.Next()
	if err != nil {
		return 0, err
	}
	if !c.state.CompareAndSwap(idle, busy) {
		return 0, drained()
	}
	c.lapped = c.now()
	if kind == frame.Text {
		return text, nil
	}
	return binary, nil
}

// control answers a ping. A pong that was not written ends the session: a part
// of it may have been, and the next reply would begin in its middle.
func (c *session) control(op frame.Opcode, payload []byte) error {
	if op != frame.Ping {
		return nil
	}
	if err := c.conn.WriteControl(websocket.PongMessage, payload, time.Now().Add(pongTimeout)); err != nil {
		return fmt.Errorf("pong: %w", err)
	}
	return nil
}

// receive reads the whole message into one buffer, behind room for the header
// of its reply, and the caller gives it back even after an error. A message too
// large is refused as soon as a header says so.
func (c *session) receive(m mode) (*buffer.Buffer, error) {
	limit, checkUTF8 := c.server.limits[m], m == text && c.checkUTF8
	if c.frames.Compressed() {
		limit, checkUTF8 = compression.Bound(limit), false
	}
	b := c.server.buffers.Get(frame.Room + int(min(c.frames.Left(), trusted)))
	b.Bytes = b.Bytes[:frame.Room]
	var check utf8Check
	for {
		end := len(b.Bytes)
		if c.frames.Left() > int64(frame.Room+limit-end) {
			if c.frames.Compressed() {
				return b, tooLong(limit)
			}
			return b, tooLarge(m, limit, c.server.settings.MaxImage)
		}
		if end == cap(b.Bytes) {
			b = c.server.buffers.Grow(b)
		}
		n, err := c.frames.Read(b.Bytes[end:min(cap(b.Bytes), end+piece)])
		b.Bytes = b.Bytes[:end+n]
		if checkUTF8 {
			if err := check.advance(b.Bytes[frame.Room:], err == io.EOF); err != nil {
				return b, invalid(err)
			}
		}
		if err != nil {
			if err == io.EOF {
				err = nil
			}
			return b, err
		}
	}
}

// save decodes a message if it is text and gives its image to the store.
func (c *session) save(m mode, message []byte) (imageBytes int, err error) {
	if len(message) == 0 {
		return 0, invalid(errors.New("empty image"))
	}
	image := message
	if m == text {
		b := c.server.buffers.Get(decodedLen(len(message)))
		defer c.server.buffers.Put(b)
		n, err := c.decoder.decode(b.Bytes[:cap(b.Bytes)], message)
		if err != nil {
			return 0, invalid(err)
		}
		image = b.Bytes[:n]
		c.lap(m, decode)
	}
	// An image in hand is saved even while the server drains.
	if err := c.saver.Save(context.Background(), image); err != nil {
		reason := "the image could not be saved"
		if errors.Is(err, store.ErrNoSpace) {
			reason = err.Error()
		}
		return 0, unsaved(reason, err)
	}
	c.lap(m, save)
	return len(image), nil
}

// pass looks at nothing but the length.
func (c *session) pass(m mode, message []byte) (imageBytes int, err error) {
	if m == text {
		return imageLen(message), nil
	}
	return len(message), nil
}

// send writes the reply, one frame, with one write(2). Nobody else writes to
// the connection but this goroutine.
func (c *session) send(m mode, reply []byte) error {
	conn := c.conn.NetConn()
	conn.SetWriteDeadline(c.server.started.Add(c.lapped + replyTimeout))
	if _, err := conn.Write(reply); err != nil {
		return err
	}
	c.lap(m, echo)
	return nil
}

// now returns the time since the server started, for half of what time.Now
// costs.
func (c *session) now() time.Duration { return time.Since(c.server.started) }

// lap counts the time since the last lap as spent on a stage.
func (c *session) lap(m mode, s stage) {
	now := c.now()
	c.count.modes[m].stages[s].add(now - c.lapped)
	c.lapped = now
}

// refused counts the image if the error is a refusal of it.
func (c *session) refused(m mode, err error) error {
	if _, ok := errors.AsType[*refusal](err); ok {
		c.count.modes[m].refused.Add(1)
	}
	return err
}
