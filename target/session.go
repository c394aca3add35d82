package target

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/wsimg/wsimg/target/internal/budget"
	"github.com/wsimg/wsimg/target/internal/decoder"
	"github.com/wsimg/wsimg/target/internal/frame"
	"github.com/wsimg/wsimg/target/store"
)

// What a session is doing:
//
//	idle → busy        a message began                 (next)
//	busy → idle        it was answered                 (next)
//	idle → interrupted drain wakes it                  (drain)
//	busy → interrupted to end after the message        (drain)
//	busy → overdue     the message took too long       (pulse)
//	busy → lagging     others waited for its memory    (pulse)
//	idle → silent      no sign of life for too long    (pulse)
//	any  → leaving     it says goodbye                 (sayGoodbye)
const (
	idle int32 = iota
	busy
	interrupted
	overdue
	lagging
	silent
	leaving
)

// session is one connection, served by one goroutine. There may be thousands
// that wait, so it is kept small.
type session struct {
	server  *Server
	id      uint64
	conn    net.Conn
	frames  *frame.Reader    // what comes on conn
	out     *frame.Writer    // what goes
	decoder *decoder.Decoder // shared, by all that want its codec
	saver   store.Saver
	leave   func() // tells the gate of the session's end
	count   *shard
	verbose bool // whether images are logged

	// take does what the store is for with a whole message.
	take func(c *session, m mode, message []byte) (imageBytes int, err error)
	// reply makes the frame that answers it.
	reply replier
	// checkUTF8 is set where nothing else would find out.
	checkUTF8 bool
	// echoes is set when a compressed message is to get a compressed reply, of
	// this level.
	echoes bool
	level  int
	// audited is set when images are to be entered in the books.
	audited bool

	state    atomic.Int32
	progress progress
	arrived  atomic.Int64  // bytes of messages, in all
	lease    budget.Lease  // of the memory that the message takes
	waited   time.Duration // for memory, by the message
	hand     *modeCounters // where the message in hand counts; nil if there is none
	unread   atomic.Bool   // cut by the pulse: the client did not read
	lapped   time.Duration // end of the last stage, since the server started
	pinged   time.Duration // the last ping; the pulse's own
	pace     pace          // its own, too
}

// newSession returns a session on a connection that has been upgraded.
func newSession(s *Server, conn net.Conn, asked wishes, leave func()) *session {
	id := s.number()
	c := &session{
		server:  s,
		id:      id,
		conn:    conn,
		out:     frame.NewWriter(conn),
		decoder: s.decoders[asked.codec],
		saver:   s.store.Session(id),
		leave:   leave,
		count:   s.counters.shard(id),
		verbose: s.log.Enabled(context.Background(), slog.LevelDebug),
		take:    (*session).save,
		reply:   newReplier(asked.reply),
		echoes:  asked.reply == Echo,
		level:   asked.level,
		audited: asked.audit,
		lease:   s.budget.Lease(),
		lapped:  s.now(),
	}
	c.frames = frame.NewReader(conn, &s.masks, c.control)
	c.frames.Deflate = asked.deflate
	c.progress.set(waiting, c.lapped)
	if s.settings.Store == store.Off {
		c.take, c.checkUTF8 = (*session).pass, true
	}
	return c
}

// run serves the connection until it ends. A panic ends this session alone.
func (c *session) run() {
	defer c.server.end(c)
	defer c.saver.Close()
	c.log(slog.LevelInfo, "connected", "client", c.conn.RemoteAddr().String())
	c.sayGoodbye(c.serve())
}

// log tells of this connection. A logger of its own would cost each as much
// memory as all the rest of it.
func (c *session) log(level slog.Level, what string, attrs ...any) {
	c.server.log.Log(context.Background(), level, what, append([]any{"connection", c.id}, attrs...)...)
}

// serve answers messages until an error, which it returns.
func (c *session) serve() (err error) {
	defer func() {
		if p := recover(); p != nil {
			c.log(slog.LevelError, "panic in a session", "panic", p, "stack", string(debug.Stack()))
			err = c.refused(internalError(fmt.Errorf("panic: %v", p), true))
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
	c.lease.Begin(c.lapped)
	c.waited = 0
	message, err := c.receive(m)
	defer func() { c.giveBack(message) }()
	if err != nil {
		return c.refusedEarly(m, err)
	}
	c.received(m)
	c.lap(m, receive)
	c.progress.set(working, c.lapped)
	compressed := c.frames.Compressed()
	if compressed {
		if message, err = c.inflate(m, message); err != nil {
			return c.refused(err)
		}
	}
	payload := message.Bytes[frame.Room:]
	imageBytes, err := c.take(c, m, payload)
	if err != nil {
		return c.refused(err)
	}
	c.taken(imageBytes)
	if c.verbose {
		c.log(slog.LevelDebug, "image", "mode", m.String(), "bytes", imageBytes, "message_bytes", len(payload))
	}
	reply := c.reply(m, message.Bytes, imageBytes)
	if compressed && c.echoes {
		if message, err = c.deflate(m, message); err != nil {
			return err
		}
		reply = frame.Compressed(echoFrame(m, message.Bytes, imageBytes))
	}
	if err := c.send(m, reply); err != nil {
		return fmt.Errorf("reply: %w", err)
	}
	count := &c.count.modes[m]
	count.echoed.Add(1)
	count.echoedBytes.Add(uint64(imageBytes))
	return nil
}

// next waits for a message to begin.
func (c *session) next() (mode, error) {
	if !c.state.CompareAndSwap(busy, idle) {
		if state := c.state.Load(); state != idle {
			return 0, c.called(state)
		}
	}
	c.progress.set(waiting, c.lapped)
	kind, err := c.frames.Next()
	if err != nil {
		return 0, err
	}
	if !c.state.CompareAndSwap(idle, busy) {
		return 0, c.called(c.state.Load())
	}
	c.lapped = c.server.now()
	c.progress.set(receiving, c.lapped)
	if kind == frame.Text {
		return text, nil
	}
	return binary, nil
}

// control answers a ping. A pong that was not written ends the session: a part
// of it may have been, and the next reply would begin in its middle.
func (c *session) control(op frame.Opcode, payload []byte) error {
	now := c.server.now()
	c.progress.alive(now)
	if op != frame.Ping {
		return nil
	}
	if err := c.out.Control(frame.Pong, payload, now); err != nil {
		return fmt.Errorf("pong: %w", err)
	}
	return nil
}

// save decodes a message if it is text and gives its image to the store.
func (c *session) save(m mode, message []byte) (imageBytes int, err error) {
	if len(message) == 0 {
		return 0, invalid(errors.New("empty image"))
	}
	image := message
	if m == text {
		b, err := c.lend(decoder.MaxLen(len(message)))
		if err != nil {
			return 0, err
		}
		defer c.server.buffers.Put(b)
		n, err := c.decoder.Decode(b.Bytes[:cap(b.Bytes)], message)
		if err != nil {
			return 0, invalid(err)
		}
		image = b.Bytes[:n]
		c.lap(m, decode)
	}
	if maxImage := c.server.settings.MaxImage; int64(len(image)) > maxImage {
		return 0, tooLarge(binary, 0, maxImage)
	}
	// An image in hand is saved even while the server drains.
	if err := c.saver.Save(context.Background(), image); err != nil {
		reason := "the image could not be saved"
		if errors.Is(err, store.ErrNoSpace) {
			reason = err.Error()
		}
		c.server.faults.begin(c.server.log, c.server.now(), err)
		return 0, unsaved(reason, err)
	}
	c.server.faults.end(c.server.log, c.lapped)
	if c.audited {
		c.server.tally.Add(image)
	}
	c.lap(m, save)
	return len(image), nil
}

// pass looks at nothing but the length.
func (c *session) pass(m mode, message []byte) (imageBytes int, err error) {
	n := len(message)
	if m == text {
		n = c.decoder.Len(message)
	}
	if maxImage := c.server.settings.MaxImage; int64(n) > maxImage {
		return 0, tooLarge(binary, 0, maxImage)
	}
	return n, nil
}

// send writes the reply, one frame, with one write(2).
func (c *session) send(m mode, reply []byte) error {
	if err := c.out.Write(reply, c.lapped); err != nil {
		return err
	}
	c.lap(m, echo)
	return nil
}

// lap counts the time since the last lap as spent on a stage.
func (c *session) lap(m mode, s stage) {
	now := c.server.now()
	c.count.modes[m].stages[s].add(now - c.lapped)
	c.lapped = now
}

// received counts a message that is whole. It is in hand from here until its image
// is taken or refused.
func (c *session) received(m mode) {
	c.hand = &c.count.modes[m]
	c.hand.entered.Add(1)
}

// taken counts the image in hand as taken.
func (c *session) taken(imageBytes int) {
	c.hand.taken.Add(1)
	c.hand.takenBytes.Add(uint64(imageBytes))
	c.hand = nil
}

// refused counts the message in hand, if there is one, as refused, for whatever
// reason, which it returns.
func (c *session) refused(why error) error {
	if c.hand != nil {
		c.hand.refused.Add(1)
		c.hand = nil
	}
	return why
}

// refusedEarly counts a message that is refused before it is whole. What the
// connection broke off was never received.
func (c *session) refusedEarly(m mode, why error) error {
	if _, ok := errors.AsType[*refusal](why); ok {
		c.received(m)
	}
	return c.refused(why)
}
