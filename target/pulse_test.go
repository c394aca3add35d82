package target

import (
	"bytes"
	"context"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
)

// fragments returns n fragments of a byte each, a ping after each, and no end.
func fragments(n int) []byte {
	stream := clientFrame(websocket.BinaryMessage, []byte{1})
	stream[0] &^= 0x80 // not the last one
	for range n {
		stream = append(stream, clientFrame(websocket.PingMessage, []byte("still here"))...)
		next := clientFrame(0, []byte{2})
		next[0] &^= 0x80
		stream = append(stream, next...)
	}
	return stream
}

func TestTimeLimitsEndSessions(t *testing.T) {
	const limit, other = 10 * time.Second, time.Hour
	message := Limits{Message: limit, Idle: other, Write: other}
	quiet := Limits{Message: other, Idle: limit, Write: other}
	for _, tc := range []struct {
		name   string
		limits Limits
		client func(net.Conn)
		reason string
		pings  int
	}{
		{"a byte a second", message, func(c net.Conn) {
			message := clientFrame(websocket.BinaryMessage, photograph(100))
			c.Write(message[:6])
			drip(c, message[6:], 1, time.Second)
		}, "time limit of a message", 0},
		{"a message that stops", message, func(c net.Conn) { c.Write(clientFrame(websocket.BinaryMessage, photograph(100))[:50]) }, "time limit of a message", 0},
		{"pings between fragments", message, func(c net.Conn) { drip(c, fragments(100), 23, time.Second) }, "time limit of a message", 0},
		{"nothing", quiet, func(net.Conn) {}, "limit of idle time", 1},
		{"half a header", quiet, func(c net.Conn) { c.Write([]byte{0x82}) }, "limit of idle time", 1},
		{"a header a byte a second", quiet, func(c net.Conn) { drip(c, clientFrame(websocket.BinaryMessage, photograph(70_000)), 1, time.Second) }, "limit of idle time", 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv := virtualTarget(t, Settings{Limits: tc.limits})
				conn := srv.connect(t)
				var client sync.WaitGroup
				client.Go(func() { tc.client(conn) })
				end := readEnding(t, conn)
				if end.code != 1008 || !strings.Contains(end.reason, tc.reason) || !strings.Contains(end.reason, limit.String()) {
					t.Errorf("got close %d %q, want 1008 that names the %s of %v", end.code, end.reason, tc.reason, limit)
				}
				// A message begins some time after its connection.
				if latest := limit + limit/2; end.after < limit || end.after > latest {
					t.Errorf("closed after %v, want %v to %v", end.after, limit, latest)
				}
				if end.pings != tc.pings {
					t.Errorf("got %d pings, want %d", end.pings, tc.pings)
				}
				conn.Close()
				client.Wait()
				synctest.Wait()
				if s := srv.Stats(); s.Images.Received != 0 || s.InFlightBytes != 0 || s.CloseCodes[1008] != 1 || s.Connections.Open != 0 {
					t.Errorf("got %d images, %d bytes in flight, closes %v, %d connections, want none, none, one 1008, none",
						s.Images.Received, s.InFlightBytes, s.CloseCodes, s.Connections.Open)
				}
			})
		})
	}
}

func TestSignsOfLifeKeepASession(t *testing.T) {
	for _, tc := range []struct {
		name string
		sign []byte
	}{
		{"pongs", clientFrame(websocket.PongMessage, nil)},
		{"pings", clientFrame(websocket.PingMessage, nil)},
		{"images", clientFrame(websocket.BinaryMessage, photograph(10))},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv := virtualTarget(t, Settings{Limits: Limits{Idle: 10 * time.Second}})
				conn := srv.connect(t)
				go io.Copy(io.Discard, conn)
				for range 20 {
					time.Sleep(9 * time.Second)
					if _, err := conn.Write(tc.sign); err != nil {
						t.Fatalf("the session has ended: %v", err)
					}
				}
			})
		})
	}
}

func TestWaitingForMemoryIsNotTheClientsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := virtualTarget(t, Settings{Limits: Limits{Message: 10 * time.Second, InFlight: 1 << 20}})
		older, other := srv.budget.Lease(), srv.budget.Lease()
		older.Reserve(1<<20, nil, nil)
		go other.Reserve(1, nil, nil) // which overdraws in place of the session
		synctest.Wait()
		conn := srv.connect(t)
		message := clientFrame(websocket.BinaryMessage, photograph(1000))
		go func() {
			conn.Write(message[:500])
			time.Sleep(8 * time.Second) // within the limit, but for the waiting
			conn.Write(message[500:])
		}()
		time.Sleep(9 * time.Second)
		if got := srv.budget.Waiting(); got != 1 {
			t.Errorf("got %d messages that wait for memory, want 1", got)
		}
		older.Release()
		other.Release()
		if first, echo := readFrame(t, conn); first != 0x82 || !bytes.Equal(echo, photograph(1000)) {
			t.Errorf("got %d bytes in a frame that begins %#x, want the echo", len(echo), first)
		}
		synctest.Wait()
		if got := srv.Stats().InFlightBytes; got != 0 {
			t.Errorf("got %d bytes in flight after the reply, want none", got)
		}
	})
}

func TestShutdownEndsSessionsThatWaitForMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, err := New(Settings{Store: "discard", Limits: Limits{InFlight: 1 << 20}})
		if err != nil {
			t.Fatal(err)
		}
		hog, second := srv.budget.Lease(), srv.budget.Lease()
		hog.Reserve(1<<20, nil, nil)
		go second.Reserve(1, nil, nil)
		synctest.Wait()
		conn := srv.connect(t)
		go conn.Write(clientFrame(websocket.BinaryMessage, photograph(1000)))
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		ended := make(chan error, 1)
		go func() { ended <- srv.Shutdown(ctx) }()
		if end := readEnding(t, conn); end.code != 1001 || end.after != 3*time.Second {
			t.Errorf("got close %d after %v, want 1001 after the drain's 3s", end.code, end.after)
		}
		conn.Close()
		if err := <-ended; err == nil || !strings.Contains(err.Error(), "middle of a message: 1") {
			t.Errorf("got error %v, want one that tells of the session", err)
		}
		if s := srv.Stats(); s.Images.Received != 0 || s.InFlightBytes != hog.Held()+second.Held() {
			t.Errorf("got %d images and %d bytes in flight, want none and those of the test", s.Images.Received, s.InFlightBytes)
		}
	})
}

func TestWhoDoesNotReadIsCut(t *testing.T) {
	message := clientFrame(websocket.BinaryMessage, photograph(1000))
	for _, tc := range []struct {
		name   string
		sent   []byte
		images uint64
	}{
		{"an echo", message, 1},
		{"a pong", clientFrame(websocket.PingMessage, []byte("hello")), 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv := virtualTarget(t, Settings{Limits: Limits{Write: 10 * time.Second, Message: 20 * time.Second, Idle: time.Minute}})
				conn := srv.connect(t)
				conn.Write(tc.sent)
				time.Sleep(9 * time.Second)
				if s := srv.Stats(); s.Connections.Open != 1 || s.InFlightBytes == 0 && tc.images > 0 {
					t.Fatalf("before the limit: got %d connections and %d bytes in flight, want the session at work", s.Connections.Open, s.InFlightBytes)
				}
				time.Sleep(3 * time.Second)
				if n, err := io.Copy(io.Discard, conn); n != 0 || err != nil {
					t.Errorf("got %d bytes and %v, want the end at once", n, err)
				}
				synctest.Wait()
				if s := srv.Stats(); s.Connections != (ConnectionStats{Total: 1, Cut: 1}) || s.InFlightBytes != 0 || s.Images.Saved != tc.images || s.Images.Echoed != 0 {
					t.Errorf("got connections %+v, %d bytes in flight, %d saved, %d echoed, want one, cut, none, %d, none",
						s.Connections, s.InFlightBytes, s.Images.Saved, s.Images.Echoed, tc.images)
				}
			})
		})
	}
}

// TestWhoDoesNotReadHoldsNobodyUp has a client that takes no ping beside one
// that is due to be closed.
func TestWhoDoesNotReadHoldsNobodyUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := virtualTarget(t, Settings{Limits: Limits{Idle: 20 * time.Second, Write: 5 * time.Second}})
		for range 5 {
			srv.connect(t)
		}
		if end := readEnding(t, srv.connect(t)); end.code != 1008 || end.after > 24*time.Second {
			t.Errorf("got close %d after %v, want 1008 after 20s and a little", end.code, end.after)
		}
		time.Sleep(time.Minute)
		if got, want := srv.Stats().Connections, (ConnectionStats{Total: 6, Cut: 5}); got != want {
			t.Errorf("got connections %+v, want %+v", got, want)
		}
	})
}

func TestResetInMidMessageCountsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := virtualTarget(t, Settings{})
		for n := range 60 {
			conn := srv.connect(t)
			conn.Write(clientFrame(websocket.BinaryMessage, photograph(100))[:n])
			conn.Close()
		}
		synctest.Wait()
		if s := srv.Stats(); s.Images.Received != 0 || s.InFlightBytes != 0 || s.Connections.Open != 0 || len(s.CloseCodes) != 0 {
			t.Errorf("got %d images, %d bytes in flight, %d connections, closes %v, want none of any", s.Images.Received, s.InFlightBytes, s.Connections.Open, s.CloseCodes)
		}
	})
}

func TestPulseIsAFractionOfTheShortestLimit(t *testing.T) {
	for _, tc := range []struct {
		message, idle, write, want time.Duration
	}{
		{time.Minute, 2 * time.Minute, 30 * time.Second, time.Second},
		{time.Minute, 2 * time.Minute, 4 * time.Second, 500 * time.Millisecond},
		{8 * time.Millisecond, time.Minute, time.Minute, time.Millisecond},
		{time.Minute, time.Nanosecond, time.Minute, time.Millisecond},
	} {
		if got := pulseInterval(Limits{Message: tc.message, Idle: tc.idle, Write: tc.write}); got != tc.want {
			t.Errorf("limits of %v, %v and %v: got %v, want %v", tc.message, tc.idle, tc.write, got, tc.want)
		}
	}
}

// BenchmarkPulse is one look at 15,000 sessions that wait.
func BenchmarkPulse(b *testing.B) {
	srv, err := New(Settings{Store: "off"})
	if err != nil {
		b.Fatal(err)
	}
	defer srv.Shutdown(b.Context())
	sessions := make(map[*session]struct{})
	for range 15_000 {
		sessions[newSession(srv, nil, wishes{}, nil)] = struct{}{}
	}
	srv.mu.Lock()
	defer srv.mu.Unlock()
	for b.Loop() {
		for c := range sessions {
			if c.due(time.Second, queue{}) != nothing {
				b.Fatal("something to do")
			}
		}
	}
}
