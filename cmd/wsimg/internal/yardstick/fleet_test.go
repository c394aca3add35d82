package yardstick

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

func TestFleetVerifiesItsEchoes(t *testing.T) {
	for name, size := range map[string]int{
		"empty":            0,
		"small":            100,
		"one chunk":        chunk - prefix,
		"more than one":    chunk,
		"over many chunks": 300_000,
	} {
		fleet, err := Dial(t.Context(), serve(t), 3, Messages(size, 1))
		if err != nil {
			t.Fatal(err)
		}
		defer fleet.Close()
		for range 2 { // the connections outlive a block
			const d = 50 * time.Millisecond
			b, err := fleet.Run(t.Context(), d)
			if err != nil || b.Messages <= 0 || b.Seconds != d.Seconds() {
				t.Errorf("%s: got %+v, %v", name, b, err)
			}
		}
	}
}

func TestFleetFromAnotherProcess(t *testing.T) {
	fleet, err := Dial(t.Context(), startChild(t), 2, Messages(10_000, 1))
	if err != nil {
		t.Fatal(err)
	}
	defer fleet.Close()
	if b, err := fleet.Run(t.Context(), 50*time.Millisecond); err != nil || b.Messages < 2 {
		t.Errorf("got %+v, %v", b, err)
	}
}

func TestFleetCreditsAtMostWhatFits(t *testing.T) {
	// Replies take at least 20 ms: one client has at most five in 100 ms.
	addr := tamper(t, func(b []byte) []byte { time.Sleep(20 * time.Millisecond); return b })
	fleet, err := Dial(t.Context(), addr, 1, Messages(10, 1))
	if err != nil {
		t.Fatal(err)
	}
	defer fleet.Close()
	b, err := fleet.Run(t.Context(), 100*time.Millisecond)
	if err != nil || b.Messages > 5 || b.Messages < 1 {
		t.Errorf("got %v messages, %v, want 1 to 5", b.Messages, err)
	}
	if b.Messages == float64(int(b.Messages)) {
		t.Errorf("got %v messages, want the last one counted in part", b.Messages)
	}
}

func TestFleetDetectsFaults(t *testing.T) {
	const size = 2 * chunk
	for name, c := range map[string]struct {
		fault func([]byte) []byte
		want  string
	}{
		"a flipped bit at the end": {
			func(b []byte) []byte { b[len(b)-1] ^= 1; return b },
			"byte 131075 of the reply is",
		},
		"a flipped bit in the length": {
			func(b []byte) []byte { b[0] ^= 1; return b },
			"byte 0 of the reply is 0x01, sent 0x00",
		},
		"a short reply": {
			func(b []byte) []byte { return b[:len(b)-1] },
			"after 131075 of 131076 bytes of the reply: EOF",
		},
		"a long reply": {
			func(b []byte) []byte { return append(b, 0) },
			"reply is longer than the 131076 bytes sent",
		},
		"no reply": {
			func([]byte) []byte { return nil },
			"after 0 of 131076 bytes of the reply: EOF",
		},
	} {
		fleet, err := Dial(t.Context(), tamper(t, c.fault), 1, Messages(size, 1))
		if err != nil {
			t.Fatal(err)
		}
		defer fleet.Close()
		b, err := fleet.Run(t.Context(), 30*time.Millisecond)
		if err == nil || !strings.Contains(err.Error(), "client 0: ") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %+v, error %v, want it to say %q", name, b, err, c.want)
		}
	}
}

// tamper starts a server that sends back what fault makes of a message, and
// closes the connection after a message that fault changed in length.
func tamper(t *testing.T, fault func([]byte) []byte) string {
	t.Helper()
	l := listen(t)
	ended := make(chan struct{})
	t.Cleanup(func() { l.Close(); <-ended })
	go func() {
		defer close(ended)
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		for {
			b := make([]byte, prefix, 1<<20)
			if _, err := io.ReadFull(conn, b); err != nil {
				return
			}
			b = b[:prefix+int(b[1])<<16+int(b[2])<<8+int(b[3])]
			if _, err := io.ReadFull(conn, b[prefix:]); err != nil {
				return
			}
			n := len(b)
			b = fault(b)
			if _, err := conn.Write(b); err != nil || len(b) != n {
				return
			}
		}
	}()
	return l.Addr().String()
}

func TestFleetEndsWithItsContext(t *testing.T) {
	// A server that never answers.
	l := listen(t)
	defer l.Close()
	fleet, err := Dial(t.Context(), l.Addr().String(), 2, Messages(10, 1))
	if err != nil {
		t.Fatal(err)
	}
	defer fleet.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	if _, err := fleet.Run(ctx, time.Millisecond); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want the context's error", err)
	}
}

func TestDialSaysWhichClientFailed(t *testing.T) {
	l := listen(t)
	addr := l.Addr().String()
	l.Close()
	_, err := Dial(t.Context(), addr, 4, Messages(10, 1))
	if err == nil || !strings.HasPrefix(err.Error(), "dial client 1 of 4: ") {
		t.Errorf("got %v", err)
	}
	var op *net.OpError
	if !errors.As(err, &op) {
		t.Errorf("got %T, want the cause within", err)
	}
}

func TestRoundTripAllocatesNothing(t *testing.T) {
	if raced {
		t.Skip("pools drop buffers at random under the race detector")
	}
	fleet, err := Dial(t.Context(), startChild(t), 1, Messages(200_000, 1))
	if err != nil {
		t.Fatal(err)
	}
	defer fleet.Close()
	c := fleet.clients[0]
	n := testing.AllocsPerRun(50, func() {
		if err := c.roundTrip(c.messages[0]); err != nil {
			t.Fatal(err)
		}
	})
	if n != 0 {
		t.Errorf("got %v allocations a round trip", n)
	}
}
