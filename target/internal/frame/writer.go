package frame

import (
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// ErrEnded is why nothing more is written: a close frame was the last, or a
// write failed, and what followed would begin in the middle of a frame.
var ErrEnded = errors.New("nothing may follow on this connection")

// Writer writes frames to a client. It is safe for concurrent use: a reply, a
// pong and a ping don't mix. It sets no deadline but for Close; others find out
// by Since that a write takes too long, and Cut it.
type Writer struct {
	conn net.Conn

	mu    sync.Mutex // held while writing
	ended atomic.Bool
	since atomic.Int64 // when the write in progress began; 0: there is none
}

// NewWriter returns a writer of frames to conn.
func NewWriter(conn net.Conn) *Writer { return &Writer{conn: conn} }

// Write writes a frame that Reply made, with one write(2). Now, of whatever
// clock, is what Since will tell. After an error the connection is of no use
// but to be closed.
func (w *Writer) Write(frame []byte, now time.Duration) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.write(frame, now)
}

// Control writes a control frame; its payload has at most 125 bytes (section
// 5.5).
func (w *Writer) Control(op Opcode, payload []byte, now time.Duration) error {
	return w.Write(controlFrame(op, payload), now)
}

// Ping sends an empty ping and waits for nothing: when somebody is writing, or
// the kernel takes no more, there is none.
func (w *Writer) Ping(now time.Duration) {
	if !w.mu.TryLock() {
		return
	}
	ping := controlFrame(Ping, nil)
	if direct, ok := w.conn.(interface{ TryWrite([]byte) (int, error) }); ok {
		defer w.mu.Unlock()
		if w.ended.Load() {
			return
		}
		n, err := direct.TryWrite(ping)
		if err != nil || n > 0 && n < len(ping) {
			w.ended.Store(true)
			w.conn.Close()
		}
		return
	}
	// It ends at the latest when the connection is closed.
	go func() {
		defer w.mu.Unlock()
		if w.write(ping, now) != nil {
			w.conn.Close()
		}
	}()
}

// Close writes a close frame, the last frame there is, unless that takes longer
// than within. The payload is that of section 5.5.1; now is as for Write.
func (w *Writer) Close(payload []byte, now, within time.Duration) error {
	// Before the lock: it ends the write of another who holds it.
	w.conn.SetWriteDeadline(time.Now().Add(within))
	w.mu.Lock()
	defer w.mu.Unlock()
	err := w.write(controlFrame(Close, payload), now)
	w.ended.Store(true)
	return err
}

// Ended reports whether nothing may follow.
func (w *Writer) Ended() bool { return w.ended.Load() }

// Since returns when the write that is in progress began, and whether one is.
func (w *Writer) Since() (begun time.Duration, writing bool) {
	at := w.since.Load()
	return time.Duration(at), at != 0
}

// Cut ends the connection at once, and a write in progress with it; the kernel
// forgets what it still had to send. It never blocks.
func (w *Writer) Cut() {
	conn := w.conn
	// TLS would take leave first, for which there is no room.
	if secure, ok := conn.(interface{ NetConn() net.Conn }); ok {
		conn = secure.NetConn()
	}
	if tcp, ok := conn.(interface{ SetLinger(int) error }); ok {
		tcp.SetLinger(0)
	}
	conn.Close()
}

func (w *Writer) write(frame []byte, now time.Duration) error {
	if w.ended.Load() {
		return ErrEnded
	}
	w.since.Store(int64(max(now, 1)))
	_, err := w.conn.Write(frame)
	w.since.Store(0)
	if err != nil {
		w.ended.Store(true)
	}
	return err
}

func controlFrame(op Opcode, payload []byte) []byte {
	return Reply(op, append(make([]byte, Room, Room+maxControl), payload...))
}
