package yardstick

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"testing"
	"time"
)

// serve starts Serve in this process and returns its address. It ends with the
// test, which fails when Serve does.
func serve(t *testing.T) string {
	t.Helper()
	l := listen(t)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- Serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return l.Addr().String()
}

func listen(t *testing.T) *net.TCPListener {
	t.Helper()
	l, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func connect(t *testing.T, addr string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(10 * time.Second))
	return conn
}

func TestServerEchoesHoweverTheBytesArrive(t *testing.T) {
	var stream []byte
	for _, size := range []int{0, 1, 5, chunk - prefix, chunk, chunk + 1, 3 * chunk, 2} {
		stream = append(stream, Messages(size, 7)[0]...)
	}
	for name, piece := range map[string]int{
		"in one write, messages joined": len(stream),
		"in pieces of 1,000 bytes":      1000,
		"in pieces of 7 bytes":          7,
	} {
		conn := connect(t, serve(t))
		go func() {
			for rest := stream; len(rest) > 0; {
				n, err := conn.Write(rest[:min(piece, len(rest))])
				if err != nil {
					return // the reader reports it
				}
				rest = rest[n:]
			}
		}()
		got := make([]byte, len(stream))
		if _, err := io.ReadFull(conn, got); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if !bytes.Equal(got, stream) {
			t.Errorf("%s: the echo differs", name)
		}
	}
}

func TestServerStoresBeforeItForwards(t *testing.T) {
	conn := connect(t, serve(t))
	m := Messages(3*chunk, 1)[0]
	if _, err := conn.Write(m[:len(m)-1]); err != nil {
		t.Fatal(err)
	}
	conn.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	if n, err := conn.Read(make([]byte, 1)); err == nil {
		t.Errorf("got %d bytes back before the last one was sent", n)
	}
}

func TestServerRefusesAnAbsurdLength(t *testing.T) {
	conn := connect(t, serve(t))
	if err := binary.Write(conn, binary.BigEndian, uint32(maxMessage+1)); err != nil {
		t.Fatal(err)
	}
	if n, err := conn.Read(make([]byte, 1)); err == nil {
		t.Errorf("got %d bytes, want the connection closed", n)
	}
}

func TestServeReportsABrokenListener(t *testing.T) {
	l := listen(t)
	l.Close()
	if err := Serve(t.Context(), l); !errors.Is(err, net.ErrClosed) {
		t.Errorf("got %v, want net.ErrClosed", err)
	}
}

func TestServeEndsWithItsConnections(t *testing.T) {
	l := listen(t)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- Serve(ctx, l) }()
	conn := connect(t, l.Addr().String())
	if _, err := conn.Write(Messages(10, 1)[0]); err != nil {
		t.Fatal(err)
	}
	io.ReadFull(conn, make([]byte, prefix+10)) // the session runs
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("got %v, want none for a cancelled context", err)
	}
	if _, err := conn.Read(make([]byte, 1)); err == nil {
		t.Error("the connection is still open")
	}
}
