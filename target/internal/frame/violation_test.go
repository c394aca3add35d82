package frame

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// Every stream ends with the byte that makes it wrong: the reader must not wait
// for another.
func TestReaderRefusesWhatTheRFCForbids(t *testing.T) {
	begun := sent(0x1, "begun")
	type fault struct {
		name   string
		stream wire
		code   int
		reason string
	}
	faults := []fault{
		{"a reserved bit, first", wire{last | 0x40 | 0x2, 0x80}, 1002, "reserved bits"},
		{"a reserved bit, second", wire{last | 0x20 | 0x2, 0x80}, 1002, "reserved bits"},
		{"a reserved bit, third", wire{last | 0x10 | 0x2, 0x80}, 1002, "reserved bits"},
		{"all reserved bits", wire{last | 0x70 | 0x1, 0x80}, 1002, "reserved bits"},
		{"a reserved bit on a ping", wire{last | 0x40 | 0x9, 0x80}, 1002, "reserved bits"},
		{"a reserved bit on a continuation", join(begun, wire{last | 0x40, 0x80}), 1002, "reserved bits"},

		{"an empty unmasked frame", wire{last | 0x1, 0}, 1002, "not masked"},
		{"an unmasked frame", wire{last | 0x2, 5}, 1002, "not masked"},
		{"an unmasked frame with a long length", wire{last | 0x2, 126}, 1002, "not masked"},
		{"an unmasked ping", wire{last | 0x9, 0}, 1002, "not masked"},
		{"an unmasked close", wire{last | 0x8, 2}, 1002, "not masked"},
		{"an unmasked continuation", join(begun, wire{last, 3}), 1002, "not masked"},

		{"a fragmented ping", wire{0x9, 0x80}, 1002, "fragmented"},
		{"a fragmented pong", wire{0xA, 0x80 | 3}, 1002, "fragmented"},
		{"a fragmented close", wire{0x8, 0x80}, 1002, "fragmented"},
		{"a ping of 126 bytes", wire{last | 0x9, 0x80 | 126}, 1002, "longer than 125"},
		{"a pong of 65,536 bytes", wire{last | 0xA, 0x80 | 127}, 1002, "longer than 125"},
		{"a close of 126 bytes", wire{last | 0x8, 0x80 | 126}, 1002, "longer than 125"},

		{"0 in 16 bits", wire{last | 0x2, 0x80 | 126, 0, 0, 1, 2, 3, 4}, 1002, "shortest form"},
		{"125 in 16 bits", wire{last | 0x2, 0x80 | 126, 0, 125, 1, 2, 3, 4}, 1002, "shortest form"},
		{"0 in 64 bits", wire{last | 0x2, 0x80 | 127, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4}, 1002, "shortest form"},
		{"125 in 64 bits", wire{last | 0x2, 0x80 | 127, 0, 0, 0, 0, 0, 0, 0, 125, 1, 2, 3, 4}, 1002, "shortest form"},
		{"126 in 64 bits", wire{last | 0x2, 0x80 | 127, 0, 0, 0, 0, 0, 0, 0, 126, 1, 2, 3, 4}, 1002, "shortest form"},
		{"65,535 in 64 bits", wire{last | 0x2, 0x80 | 127, 0, 0, 0, 0, 0, 0, 255, 255, 1, 2, 3, 4}, 1002, "shortest form"},
		{"a length with nothing but its top bit", wire{last | 0x2, 0x80 | 127, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4}, 1002, "top bit"},
		{"a length of all ones", wire{last | 0x2, 0x80 | 127, 255, 255, 255, 255, 255, 255, 255, 255, 1, 2, 3, 4}, 1002, "top bit"},

		{"a last fragment of nothing", sent(last, ""), 1002, "continues nothing"},
		{"a fragment of nothing", sent(0x0, ""), 1002, "continues nothing"},
		{"a fragment after the last one", join(begun, sent(last, "end"), sent(last, "")), 1002, "continues nothing"},
		{"a fragment after a whole message", join(sent(last|0x2, "whole"), sent(last, "")), 1002, "continues nothing"},
		{"text within text", join(begun, sent(last|0x1, "")), 1002, "before the last one has ended"},
		{"binary within text", join(begun, sent(last|0x2, "")), 1002, "before the last one has ended"},
		{"a fragment of text within text", join(begun, sent(0x0, "more"), sent(0x1, "")), 1002, "before the last one has ended"},
		{"text within text, after a ping", join(begun, sent(last|0x9, "ping"), sent(last|0x1, "")), 1002, "before the last one has ended"},

		{"half a close code", sent(last|0x8, "\x03"), 1002, "half a code"},
		{"a reason in Latin-1", sent(last|0x8, "\x03\xe8Zo\xeb"), 1007, "not UTF-8"},
		{"a reason with half a character", sent(last|0x8, "\x03\xe8Zo\xc3"), 1007, "not UTF-8"},
		{"a reason with half a surrogate pair", sent(last|0x8, "\x03\xe8\xed\xa0\x80"), 1007, "not UTF-8"},
		{"half a close code within a message", join(begun, sent(last|0x8, "\x03")), 1002, "half a code"},
	}
	for _, opcode := range []byte{0x3, 0x4, 0x5, 0x6, 0x7, 0xB, 0xC, 0xD, 0xE, 0xF} {
		reason := fmt.Sprintf("opcode %#x is reserved", opcode)
		faults = append(faults,
			fault{fmt.Sprintf("opcode %#x", opcode), wire{last | opcode, 0x80}, 1002, reason},
			fault{fmt.Sprintf("opcode %#x in a fragment", opcode), wire{opcode, 0x80}, 1002, reason},
			fault{fmt.Sprintf("opcode %#x within a message", opcode), join(begun, wire{last | opcode, 0x80}), 1002, reason},
		)
	}
	for _, tc := range faults {
		for _, arrival := range arrivals {
			t.Run(tc.name+"/"+arrival.name, func(t *testing.T) {
				err := receive(arrival.conn(tc.stream), 16).Err
				broken, ok := errors.AsType[*Error](err)
				if !ok {
					t.Fatalf("got error %v, want close code %d", err, tc.code)
				}
				if broken.Code != tc.code || !strings.Contains(broken.Reason, tc.reason) {
					t.Errorf("got %d %q, want %d and a reason with %q", broken.Code, broken.Reason, tc.code, tc.reason)
				}
			})
		}
	}
}

func TestReaderDeliversWhatCameBeforeAViolation(t *testing.T) {
	stream := join(sent(last|0x1, "whole"), sent(last|0x9, "ping"), sent(0x2, "begun"), wire{last | 0x3, 0x80})
	for _, arrival := range arrivals {
		t.Run(arrival.name, func(t *testing.T) {
			got := receive(arrival.conn(stream), 16)
			if _, ok := errors.AsType[*Error](got.Err); !ok {
				t.Errorf("got error %v, want a violation", got.Err)
			}
			check(t, got, received{
				Messages: []message{{Text, "whole"}},
				Controls: []message{{Ping, "ping"}},
				Partial:  "begun",
				Err:      got.Err,
			})
		})
	}
}

// A reason travels in a close frame, after two bytes of code.
func TestReasonsFitACloseFrame(t *testing.T) {
	for _, stream := range []wire{
		{last | 0x70 | 0x1, 0x80},
		{last | 0xF, 0x80},
		{last | 0x9, 0x80 | 127},
		{last | 0x2, 0x80 | 127, 0, 0, 0, 0, 0, 0, 255, 255, 1, 2, 3, 4},
		sent(last|0x8, "\x03\xe8\xff"),
		sent(last|0x8, "\xff\xff"),
		join(sent(0x1, ""), sent(0x1, "")),
	} {
		broken, ok := errors.AsType[*Error](receive(arrivals[0].conn(stream), 16).Err)
		if !ok {
			t.Errorf("%x: want a violation", stream)
		} else if n := len(broken.Reason); n == 0 || n > maxControl-2 {
			t.Errorf("the reason %q has %d bytes, want 1 to %d", broken.Reason, n, maxControl-2)
		}
	}
}
