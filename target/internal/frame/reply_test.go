package frame

import (
	"bytes"
	"fmt"
	"testing"
)

func TestReplyIsAFinalUnmaskedFrame(t *testing.T) {
	for _, tc := range []struct {
		length int
		header string // after the first byte
	}{
		{0, "\x00"},
		{1, "\x01"},
		{125, "\x7d"},
		{126, "\x7e\x00\x7e"},
		{127, "\x7e\x00\x7f"},
		{256, "\x7e\x01\x00"},
		{65535, "\x7e\xff\xff"},
		{65536, "\x7f\x00\x00\x00\x00\x00\x01\x00\x00"},
		{1_333_336, "\x7f\x00\x00\x00\x00\x00\x14\x58\x58"},
	} {
		for op, first := range map[Opcode]string{Text: "\x81", Binary: "\x82"} {
			t.Run(fmt.Sprintf("opcode %d, %d bytes", op, tc.length), func(t *testing.T) {
				// What was in the room does not matter.
				b := append(bytes.Repeat([]byte{0xff}, Room), pattern(tc.length)...)
				got := Reply(op, b)
				header, payload := got[:len(got)-tc.length], got[len(got)-tc.length:]
				if want := first + tc.header; string(header) != want {
					t.Errorf("got header %x, want %x", header, want)
				}
				if string(payload) != pattern(tc.length) {
					t.Error("the payload changed")
				}
				if &got[len(got)-1] != &b[len(b)-1] {
					t.Error("got a copy, want a part of the argument")
				}
			})
		}
	}
}

func TestReplyAllocatesNothing(t *testing.T) {
	b := make([]byte, Room+100_000)
	if got := testing.AllocsPerRun(100, func() { Reply(Binary, b) }); got != 0 {
		t.Errorf("got %v allocations, want 0", got)
	}
}
