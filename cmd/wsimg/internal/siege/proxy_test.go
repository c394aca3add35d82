package siege

import (
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// echoServer returns the address of a server that sends back what it gets.
func echoServer(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			serving.Go(func() {
				defer c.Close()
				io.Copy(c, c)
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		serving.Wait()
	})
	return l.Addr().String()
}

func startProxy(t *testing.T) *proxy {
	t.Helper()
	p, err := newProxy(echoServer(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.close) // before the server waits for its connections
	return p
}

// through returns a connection through a proxy that has carried something
// already.
func through(t *testing.T, p *proxy) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", p.addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(10 * time.Second))
	said := strings.Repeat("hello ", busy)
	if got, err := exchange(c, said); err != nil || got != said {
		t.Fatalf("through the proxy came %d bytes, %v, want the %d that were sent", len(got), err, len(said))
	}
	return c
}

// exchange sends and returns what comes back, which is to be as long.
func exchange(c net.Conn, said string) (string, error) {
	if _, err := io.WriteString(c, said); err != nil {
		return "", err
	}
	got := make([]byte, len(said))
	n, err := io.ReadFull(c, got)
	return string(got[:n]), err
}

func TestProxyPassesOnTheEndOfEitherDirection(t *testing.T) {
	c := through(t, startProxy(t))
	if err := c.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if n, err := c.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		t.Errorf("after half-closing, Read = %d, %v, want the end", n, err)
	}
}

func TestProxySeversInTheMiddle(t *testing.T) {
	p := startProxy(t)
	c := through(t, p)
	p.sever(1)
	got, err := exchange(c, "a message of some length")
	if err == nil {
		t.Fatalf("all of %q came back over a severed connection", got)
	}
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		t.Errorf("a severed connection only went silent: %v", err)
	}
	through(t, p) // the next one is none the worse
}

func TestProxyFreezes(t *testing.T) {
	p := startProxy(t)
	c := through(t, p)
	p.freeze(1)
	c.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	_, err := exchange(c, "anybody there?")
	if timeout, ok := errors.AsType[net.Error](err); !ok || !timeout.Timeout() {
		t.Errorf("a frozen connection said %v, want silence", err)
	}
}

func TestProxyStallsAndGoesOn(t *testing.T) {
	p := startProxy(t)
	c := through(t, p)
	calm := p.stall()
	echoed := make(chan error, 1)
	go func() {
		_, err := exchange(c, "late")
		echoed <- err
	}()
	select {
	case err := <-echoed:
		calm()
		t.Fatalf("while the proxy was stalled an echo came: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	calm()
	if err := <-echoed; err != nil {
		t.Errorf("after the stall: %v", err)
	}
}
