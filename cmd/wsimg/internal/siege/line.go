package siege

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// Of a frame's first byte (RFC 6455 section 5.2).
const (
	final        = 0x80
	compressed   = 0x40 // RSV1, of RFC 7692
	continuation = 0x0
	text         = 0x1
	binaryImage  = 0x2
	closing      = 0x8
	ping         = 0x9
	pong         = 0xA
)

// dialTimeout is how long a connection may take to be accepted, and its request
// to be answered.
const dialTimeout = 20 * time.Second

// line is a connection whose every byte is ours to choose. One goroutine may
// write to it while another one reads; whatever they do ends with the context
// that it was dialed with.
type line struct {
	net.Conn
	in       *bufio.Reader
	released func() bool
}

// dial connects to host:port.
func dial(ctx context.Context, addr string) (*line, error) {
	d := net.Dialer{Timeout: dialTimeout}
	conn, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	return &line{
		Conn:     conn,
		in:       bufio.NewReaderSize(conn, 512), // there are thousands
		released: context.AfterFunc(ctx, func() { conn.Close() }),
	}, nil
}

// hangUp closes the connection.
func (l *line) hangUp() {
	l.released()
	l.Close()
}

// reset closes the connection as a crash does: with RST.
func (l *line) reset() {
	if tcp, ok := l.Conn.(*net.TCPConn); ok {
		tcp.SetLinger(0)
	}
	l.hangUp()
}

// refusal is an HTTP status where a session was asked for.
type refusal int

func (r refusal) Error() string { return fmt.Sprintf("the target answered HTTP %d", int(r)) }

// request is a handshake (RFC 6455 section 4.1) without the line that ends it.
func request(path, extensions string) string {
	r := "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
	if extensions != "" {
		r += "Sec-WebSocket-Extensions: " + extensions + "\r\n"
	}
	return r
}

// upgrade begins a session. Its error is a refusal when the target answers and
// declines.
func (l *line) upgrade(path, extensions string) error {
	l.SetDeadline(time.Now().Add(dialTimeout))
	defer l.SetDeadline(time.Time{})
	if _, err := io.WriteString(l, request(path, extensions)+"\r\n"); err != nil {
		return err
	}
	resp, err := http.ReadResponse(l.in, nil)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusSwitchingProtocols {
		resp.Body.Close()
		return refusal(resp.StatusCode)
	}
	return nil
}

// appendFrame appends a frame that says it carries length bytes, and carries
// payload. The mask is of zeros, which a server can't tell from any other.
func appendFrame(dst []byte, first byte, length int, payload []byte) []byte {
	const masked = 0x80
	dst = append(dst, first)
	switch {
	case length < 126:
		dst = append(dst, masked|byte(length))
	case length < 1<<16:
		dst = binary.BigEndian.AppendUint16(append(dst, masked|126), uint16(length))
	default:
		dst = binary.BigEndian.AppendUint64(append(dst, masked|127), uint64(length))
	}
	dst = append(dst, 0, 0, 0, 0)
	return append(dst, payload...)
}

// send writes one whole frame.
func (l *line) send(first byte, payload []byte) error {
	_, err := l.Write(appendFrame(nil, first, len(payload), payload))
	return err
}

// next reads a frame. The payload of a control frame is returned, that of
// another one is skipped.
func (l *line) next() (opcode byte, control []byte, err error) {
	var header [2]byte
	if _, err := io.ReadFull(l.in, header[:]); err != nil {
		return 0, nil, err
	}
	opcode = header[0] & 0xF
	length := int64(header[1] & 0x7F)
	var extended [8]byte
	switch length {
	case 126:
		_, err = io.ReadFull(l.in, extended[6:])
		length = int64(binary.BigEndian.Uint64(extended[:]))
	case 127:
		_, err = io.ReadFull(l.in, extended[:])
		length = int64(binary.BigEndian.Uint64(extended[:]))
	}
	if err != nil {
		return 0, nil, err
	}
	if opcode < closing {
		_, err = io.CopyN(io.Discard, l.in, length)
		return opcode, nil, err
	}
	control = make([]byte, length)
	_, err = io.ReadFull(l.in, control)
	return opcode, control, err
}
