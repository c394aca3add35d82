package frame

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

// marked is the bit of a frame that begins a compressed message.
const marked = 0x40

// flags reads conn to its end, where permessage-deflate was agreed on, and
// tells for each message whether it is compressed.
func flags(conn io.Reader) (compressed []bool, payloads []string, err error) {
	r := NewReader(conn, &Pool{}, func(Opcode, []byte) error { return nil })
	r.Deflate = true
	for {
		if _, err := r.Next(); err != nil {
			return compressed, payloads, err
		}
		payload, err := io.ReadAll(r)
		if err != nil {
			return compressed, payloads, err
		}
		compressed, payloads = append(compressed, r.Compressed()), append(payloads, string(payload))
	}
}

func TestReaderTellsWhatIsCompressed(t *testing.T) {
	stream := join(
		sent(last|marked|0x1, "whole"),
		sent(last|0x2, "plain"),
		sent(marked|0x2, "in "), sent(last|0x9, "ping"), sent(0x0, "three "), sent(last, "parts"),
		sent(0x1, "plain "), sent(last, "parts"),
		sent(last|marked|0x2, ""),
	)
	for _, arrival := range arrivals {
		compressed, payloads, err := flags(arrival.conn(stream))
		if got, want := fmt.Sprint(compressed, payloads, err), "[true false true false true] [whole plain in three parts plain parts ] EOF"; got != want {
			t.Errorf("%s: got %s, want %s", arrival.name, got, want)
		}
	}
}

// As everywhere, the byte that makes a stream wrong is its last.
func TestReaderRefusesMarksWhereNoneBelongs(t *testing.T) {
	begun := sent(marked|0x1, "begun")
	for _, tc := range []struct {
		name   string
		stream wire
		reason string
	}{
		{"on a ping", wire{last | marked | 0x9, 0x80}, "begins no message"},
		{"on a pong", wire{last | marked | 0xA, 0x80}, "begins no message"},
		{"on a close", wire{last | marked | 0x8, 0x80}, "begins no message"},
		{"on a ping within a message", join(begun, wire{last | marked | 0x9, 0x80}), "begins no message"},
		{"on the last fragment", join(begun, wire{last | marked, 0x80}), "begins no message"},
		{"on a fragment", join(begun, wire{marked, 0x80}), "begins no message"},
		{"on a fragment of a message that is not compressed", join(sent(0x2, "begun"), wire{last | marked, 0x80}), "begins no message"},
		{"RSV2", wire{last | 0x20 | 0x2, 0x80}, "reserved bits"},
		{"RSV3", wire{last | 0x10 | 0x2, 0x80}, "reserved bits"},
		{"all three", wire{last | 0x70 | 0x2, 0x80}, "reserved bits"},
		{"on an opcode of nothing", wire{last | marked | 0x3, 0x80}, "begins no message"},
		{"on a frame that is not masked", wire{last | marked | 0x2, 0x05}, "not masked"},
	} {
		for _, arrival := range arrivals {
			_, _, err := flags(arrival.conn(tc.stream))
			broken, ok := errors.AsType[*Error](err)
			if !ok || broken.Code != 1002 || !strings.Contains(broken.Reason, tc.reason) {
				t.Errorf("%s, %s: got error %v, want 1002 and a reason with %q", tc.name, arrival.name, err, tc.reason)
			}
		}
	}
}

func TestCompressedRepliesAreMarked(t *testing.T) {
	for _, n := range []int{0, 125, 126, 65535, 65536} {
		for op, first := range map[Opcode]byte{Text: last | marked | 0x1, Binary: last | marked | 0x2} {
			b := append(make([]byte, Room), pattern(n)...)
			plain := bytes.Clone(Reply(op, b))
			got := Compressed(Reply(op, b))
			if got[0] != first || !bytes.Equal(got[1:], plain[1:]) {
				t.Errorf("opcode %d, %d bytes: got first byte %#x, want %#x and the rest unchanged", op, n, got[0], first)
			}
		}
	}
}
