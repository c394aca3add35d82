package readahead

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"runtime"
	"testing"
	"testing/iotest"
	"time"
)

// pair returns the two ends of a loopback connection, the second one reading
// ahead.
func pair(t testing.TB) (*net.TCPConn, *Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	near, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	far, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	conn, err := New(far.(*net.TCPConn), new(Pool))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { near.Close(); conn.Close() })
	return near.(*net.TCPConn), conn
}

func TestConnDeliversEveryByteInOrder(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	sent := make([]byte, 3<<20)
	for i := range sent {
		sent[i] = byte(rnd.Uint32())
	}
	near, far := pair(t)
	go func() {
		for p := sent; len(p) > 0; {
			n := min(len(p), 1+rnd.IntN(200_000))
			near.Write(p[:n])
			p = p[n:]
		}
		near.CloseWrite()
	}()
	sizes := rand.New(rand.NewPCG(5, 6))
	var got []byte
	for {
		p := make([]byte, []int{1, 14, 512, 4096, Direct - 1, Direct, 100_000}[sizes.IntN(7)])
		n, err := far.Read(p)
		got = append(got, p[:n]...)
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("read after %d bytes: %v", len(got), err)
		}
	}
	if !bytes.Equal(got, sent) {
		t.Errorf("got %d bytes that differ from the %d sent", len(got), len(sent))
	}
	if far.held != nil {
		t.Error("the drained connection still holds read-ahead memory")
	}
}

func TestConnIsAReader(t *testing.T) {
	near, far := pair(t)
	content := bytes.Repeat([]byte("image "), 5000)
	go func() { near.Write(content); near.CloseWrite() }()
	if err := iotest.TestReader(far, content); err != nil {
		t.Error(err)
	}
}

func TestWriteToDoesNotSkipWhatWasReadAhead(t *testing.T) {
	near, far := pair(t)
	go func() { near.Write([]byte("abcdef")); near.CloseWrite() }()
	if _, err := io.ReadFull(far, make([]byte, 2)); err != nil {
		t.Fatal(err)
	}
	var rest bytes.Buffer
	if _, err := io.Copy(&rest, far); err != nil {
		t.Fatal(err)
	}
	if got, want := rest.String(), "cdef"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestWaitingConnHoldsNothingAndHonoursDeadlines(t *testing.T) {
	near, far := pair(t)
	far.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
	if _, err := far.Read(make([]byte, 2)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("read of nothing: got error %v, want a deadline exceeded", err)
	}
	if far.held != nil {
		t.Error("a connection without data holds read-ahead memory")
	}
	far.SetReadDeadline(time.Time{})
	near.Write([]byte("hello"))
	p := make([]byte, 2)
	if _, err := io.ReadFull(far, p); err != nil || string(p) != "he" {
		t.Errorf("read after the deadline was lifted: got %q, %v, want \"he\"", p, err)
	}
}

func TestCloseWakesAReader(t *testing.T) {
	_, far := pair(t)
	failed := make(chan error)
	go func() {
		_, err := far.Read(make([]byte, 2))
		failed <- err
	}()
	time.Sleep(5 * time.Millisecond)
	far.Close()
	if err := <-failed; !errors.Is(err, net.ErrClosed) {
		t.Errorf("got error %v, want %v", err, net.ErrClosed)
	}
}

func TestResetIsAnError(t *testing.T) {
	near, far := pair(t)
	near.SetLinger(0)
	near.Close()
	if _, err := far.Read(make([]byte, 2)); err == nil || err == io.EOF {
		t.Errorf("read of a connection that was reset: got error %v, want one that is not EOF", err)
	}
}

func BenchmarkSmallThenLargeRead(b *testing.B) {
	near, far := pair(b)
	const message = 100_000
	b.SetBytes(message)
	b.ReportAllocs()
	header, body := make([]byte, 512), make([]byte, message-512)
	go func() {
		p := make([]byte, message)
		for {
			if _, err := near.Write(p); err != nil {
				return
			}
		}
	}()
	for b.Loop() {
		if _, err := io.ReadFull(far, header); err != nil {
			b.Fatal(err)
		}
		if _, err := io.ReadFull(far, body); err != nil {
			b.Fatal(err)
		}
	}
	runtime.KeepAlive(body)
}
