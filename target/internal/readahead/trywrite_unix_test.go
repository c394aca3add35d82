//go:build unix

package readahead

import (
	"io"
	"net"
	"testing"
)

func TestTryWriteNeverWaits(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	client, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	accepted, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	conn, err := New(accepted.(*net.TCPConn), &Pool{})
	if err != nil {
		t.Fatal(err)
	}
	if n, err := conn.TryWrite([]byte("hi")); n != 2 || err != nil {
		t.Errorf("with room: got %d and %v, want 2 bytes", n, err)
	}
	got := make([]byte, 2)
	if _, err := io.ReadFull(client, got); err != nil || string(got) != "hi" {
		t.Errorf("got %q and %v, want hi", got, err)
	}
	// Nobody reads: at last the kernel takes nothing.
	piece, sent := make([]byte, 64<<10), 0
	for {
		n, err := conn.TryWrite(piece)
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			break
		}
		sent += n
	}
	if sent == 0 {
		t.Error("the kernel took nothing at all")
	}
	conn.Close()
	if n, err := conn.TryWrite(piece); n != 0 || err == nil {
		t.Errorf("after the end: got %d and %v, want an error", n, err)
	}
}
