package frame

import (
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// FuzzReader reads arbitrary bytes: the reader ends, with an error of the kinds
// promised, has not made up anything, and how the bytes came in changes
// nothing.
func FuzzReader(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte(join(sent(0x1, "in "), sent(last|0x9, "ping"), sent(0x0, ""), sent(last, "parts"))))
	f.Add([]byte(join(sent(last|0x2, pattern(300)), sent(last|0x8, "\x03\xe8bye"))))
	f.Add([]byte(head(last|0x2, exampleKey, 1<<63-1)))
	f.Add([]byte(head(last|0x2, exampleKey, 1<<63)))
	f.Fuzz(func(t *testing.T, stream []byte) {
		var first received
		for i, arrival := range arrivals {
			got := receive(&impatient{t: t, conn: arrival.conn(stream), left: 4 * (len(stream) + 1)}, 1+len(stream)/3)
			if i == 0 {
				first = got
				checkSane(t, stream, got)
			} else if diff := cmp.Diff(first, got, cmpopts.EquateEmpty(), cmp.Comparer(sameError)); diff != "" {
				t.Errorf("%s instead of %s (-want +got):\n%s", arrival.name, arrivals[0].name, diff)
			}
		}
	})
}

func checkSane(t *testing.T, stream []byte, got received) {
	t.Helper()
	const shortest = 6 // header and key
	total := len(got.Partial)
	for _, m := range got.Messages {
		total += shortest + len(m.Payload)
		if m.Kind != Text && m.Kind != Binary {
			t.Errorf("got a message with opcode %d", m.Kind)
		}
	}
	for _, c := range got.Controls {
		total += shortest + len(c.Payload)
		if c.Kind != Ping && c.Kind != Pong || len(c.Payload) > maxControl {
			t.Errorf("got a control frame with opcode %d and %d bytes", c.Kind, len(c.Payload))
		}
	}
	if total > len(stream) {
		t.Errorf("got %d bytes out of %d", total, len(stream))
	}
	switch err := got.Err.(type) {
	case *Error:
		if err.Code != 1002 && err.Code != 1007 || err.Reason == "" {
			t.Errorf("got %v, want 1002 or 1007 with a reason", err)
		}
	case *Closed:
	default:
		if err != io.EOF && err != io.ErrUnexpectedEOF {
			t.Errorf("got error %v, which nobody made", err)
		}
	}
}

func sameError(a, b error) bool { return a.Error() == b.Error() }

// impatient fails a test that reads on and on.
type impatient struct {
	t    *testing.T
	conn io.Reader
	left int // reads
}

func (c *impatient) Read(p []byte) (int, error) {
	if c.left--; c.left < 0 {
		c.t.Fatal("the reader does not come to an end")
	}
	return c.conn.Read(p)
}

// FuzzRoundTrip sends random messages, in random fragments with random control
// frames between them.
func FuzzRoundTrip(f *testing.F) {
	for seed := range uint64(20) {
		f.Add(seed, []byte(pattern(int(seed*seed*seed*11))))
	}
	f.Fuzz(func(t *testing.T, seed uint64, content []byte) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		frame := func(first byte, payload []byte) wire {
			r := rnd.Uint32()
			return masked(first, [4]byte{byte(r), byte(r >> 8), byte(r >> 16), byte(r >> 24)}, payload)
		}
		var stream wire
		want := received{Err: io.EOF}
		controls := func() {
			for rnd.IntN(3) == 0 {
				op := []Opcode{Ping, Pong}[rnd.IntN(2)]
				payload := content[:rnd.IntN(min(len(content), maxControl)+1)]
				stream = append(stream, frame(last|byte(op), payload)...)
				want.Controls = append(want.Controls, message{op, string(payload)})
			}
		}
		for rest := content; len(want.Messages) < 5; {
			kind := []Opcode{Text, Binary}[rnd.IntN(2)]
			first := byte(kind)
			var whole strings.Builder
			for end := false; !end; first = byte(Continuation) {
				controls()
				fragment := rest[:rnd.IntN(len(rest)+1)]
				rest = rest[len(fragment):]
				if end = rnd.IntN(3) > 0; end {
					first |= last
				}
				stream = append(stream, frame(first, fragment)...)
				whole.Write(fragment)
			}
			want.Messages = append(want.Messages, message{kind, whole.String()})
		}
		controls()
		for _, arrival := range arrivals {
			got := receive(arrival.conn(stream), 1+rnd.IntN(3*span))
			if !cmp.Equal(got, want, cmpopts.EquateEmpty(), cmp.Comparer(func(a, b error) bool { return errors.Is(a, b) })) {
				t.Errorf("%s: got %s, want %s", arrival.name, brief(got), brief(want))
			}
		}
	})
}
