package connect

import (
	"bufio"
	"bytes"
	"crypto/sha1"
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"time"
)

// answered is a connection to a server that has agreed before it is asked, and
// is silent afterwards: it costs nothing but what the dialer makes of it.
type answered struct {
	net.Conn
	answer io.Reader
}

func (c *answered) Write(request []byte) (int, error) {
	if r, err := http.ReadRequest(newReader(bytes.NewReader(request))); err == nil {
		c.answer = bytes.NewReader([]byte("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
			"Server: one that says something of itself\r\nSec-WebSocket-Accept: " + acceptKey(r.Header.Get("Sec-WebSocket-Key")) + "\r\n\r\n"))
	}
	return len(request), nil
}

func (c *answered) Read(p []byte) (int, error) {
	n, err := c.answer.Read(p)
	if err == io.EOF {
		c.answer = nil
	}
	return n, err
}

func (c *answered) SetDeadline(time.Time) error { return nil }
func (c *answered) Close() error                { return nil }

func newReader(r io.Reader) *bufio.Reader { return bufio.NewReader(r) }

// acceptKey is a server's proof that it speaks WebSocket (RFC 6455, section
// 4.2.2).
func acceptKey(challenge string) string {
	sum := sha1.Sum([]byte(challenge + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}
