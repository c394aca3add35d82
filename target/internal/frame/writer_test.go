package frame

import (
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// scripted is a connection that takes what it is told to take.
type scripted struct {
	net.Conn
	written []byte
	most    int // bytes a write takes; 0: all
	closed  bool
}

func (c *scripted) Write(p []byte) (int, error) {
	n := len(p)
	if c.most > 0 && n > c.most {
		c.written = append(c.written, p[:c.most]...)
		return c.most, io.ErrShortWrite
	}
	c.written = append(c.written, p...)
	return n, nil
}

func (c *scripted) SetWriteDeadline(time.Time) error { return nil }
func (c *scripted) Close() error                     { c.closed = true; return nil }

// direct is one that can be written to without waiting.
type direct struct {
	scripted
	takes int
	err   error
}

func (c *direct) TryWrite(p []byte) (int, error) {
	n := min(len(p), c.takes)
	c.written = append(c.written, p[:n]...)
	return n, c.err
}

func TestWriterWritesControlFrames(t *testing.T) {
	conn := &scripted{}
	w := NewWriter(conn)
	longest := strings.Repeat("x", 125)
	for _, err := range []error{
		w.Control(Pong, []byte("hello"), 1),
		w.Control(Ping, []byte(longest), 1),
		w.Close([]byte("\x03\xe8bye"), 1, time.Second),
	} {
		if err != nil {
			t.Error(err)
		}
	}
	if got, want := string(conn.written), "\x8a\x05hello"+"\x89\x7d"+longest+"\x88\x05\x03\xe8bye"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestNothingFollowsTheEnd(t *testing.T) {
	for _, tc := range []struct {
		name string
		conn *scripted
		end  func(*Writer) error
		fail bool
	}{
		{"a close frame", &scripted{}, func(w *Writer) error { return w.Close(nil, 1, time.Second) }, false},
		{"part of a reply", &scripted{most: 3}, func(w *Writer) error { return w.Write([]byte("reply"), 1) }, true},
		{"part of a pong", &scripted{most: 1}, func(w *Writer) error { return w.Control(Pong, nil, 1) }, true},
		{"part of a close frame", &scripted{most: 1}, func(w *Writer) error { return w.Close(nil, 1, time.Second) }, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := NewWriter(tc.conn)
			if err := tc.end(w); (err != nil) != tc.fail {
				t.Errorf("got error %v, want one: %v", err, tc.fail)
			}
			if !w.Ended() {
				t.Error("it has not ended")
			}
			before := slices.Clone(tc.conn.written)
			w.Ping(1)
			for _, err := range []error{w.Write([]byte("more"), 1), w.Control(Pong, nil, 1), w.Close(nil, 1, time.Second)} {
				if !errors.Is(err, ErrEnded) {
					t.Errorf("got error %v, want ErrEnded", err)
				}
			}
			if !slices.Equal(tc.conn.written, before) {
				t.Errorf("got %q after the end, want nothing", tc.conn.written[len(before):])
			}
		})
	}
}

func TestPingsWithoutWaiting(t *testing.T) {
	for _, tc := range []struct {
		name    string
		takes   int
		err     error
		written string
		ended   bool
	}{
		{"there is room", 2, nil, "\x89\x00", false},
		{"there is none", 0, nil, "", false},
		{"there is room for half", 1, nil, "\x89", true},
		{"the connection is broken", 0, io.ErrClosedPipe, "", true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			conn := &direct{takes: tc.takes, err: tc.err}
			w := NewWriter(conn)
			w.Ping(1)
			if string(conn.written) != tc.written || w.Ended() != tc.ended || conn.closed != tc.ended {
				t.Errorf("got %q, ended %v, closed %v, want %q, %v and the same", conn.written, w.Ended(), conn.closed, tc.written, tc.ended)
			}
		})
	}
}

// TestOnlyOneWrites has a reply wait for its reader, and others come to write.
func TestOnlyOneWrites(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, client := net.Pipe()
		w := NewWriter(server)
		if _, writing := w.Since(); writing {
			t.Error("it writes before it begins")
		}
		var all sync.WaitGroup
		all.Go(func() { w.Write([]byte("a reply"), 7) })
		synctest.Wait()
		if since, writing := w.Since(); !writing || since != 7 {
			t.Errorf("got %v since %v, want a write since 7ns", writing, since)
		}
		w.Ping(8) // returns, and leaves it
		first := make([]byte, 3)
		io.ReadFull(client, first)
		rest := make([]byte, 4)
		io.ReadFull(client, rest)
		all.Wait()
		if got := string(first) + string(rest); got != "a reply" {
			t.Errorf("got %q, want the reply", got)
		}
		if _, writing := w.Since(); writing {
			t.Error("it writes after the end")
		}
		w.Ping(9)
		ping := make([]byte, 2)
		if _, err := io.ReadFull(client, ping); err != nil || string(ping) != "\x89\x00" {
			t.Errorf("got %q and %v, want a ping", ping, err)
		}
		w.Cut()
		if _, err := client.Read(ping); err != io.EOF {
			t.Errorf("got %v after the cut, want the end", err)
		}
	})
}

// TestACloseFrameTellsSinceWhen has it wait for its reader: whoever cuts slow
// writes must not take it for one since the beginning of time.
func TestACloseFrameTellsSinceWhen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, client := net.Pipe()
		w := NewWriter(server)
		closed := make(chan error)
		go func() { closed <- w.Close(nil, time.Hour, time.Second) }()
		synctest.Wait()
		if since, writing := w.Since(); !writing || since != time.Hour {
			t.Errorf("got %v since %v, want a write since 1h0m0s", writing, since)
		}
		client.Close()
		<-closed
	})
}

func TestCutEndsAWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, client := net.Pipe()
		defer client.Close()
		w := NewWriter(server)
		written := make(chan error)
		go func() { written <- w.Write([]byte("a reply"), 1) }()
		synctest.Wait()
		w.Cut()
		if err := <-written; err == nil || !w.Ended() {
			t.Errorf("got error %v and ended %v, want an error and the end", err, w.Ended())
		}
	})
}

func TestWritingAllocatesNothing(t *testing.T) {
	conn := &scripted{}
	w := NewWriter(conn)
	reply := make([]byte, 100)
	if got := testing.AllocsPerRun(100, func() { conn.written = conn.written[:0]; w.Write(reply, 1) }); got != 0 {
		t.Errorf("got %v allocations, want none", got)
	}
}
