package interop

import (
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// The opcodes (RFC 6455 section 5.2).
const (
	opContinuation = 0x0
	opText         = 0x1
	opBinary       = 0x2
	opClose        = 0x8
	opPing         = 0x9
	opPong         = 0xA
)

// frame is one of either direction. It can break any rule but those of masks
// and of lengths.
type frame struct {
	opcode  byte
	more    bool // FIN is not set: it is a fragment, and another follows
	rsv     byte // the reserved bits as a number, RSV1 being 4
	payload []byte
}

// rsv1 marks the beginning of a compressed message (RFC 7692 section 6).
const rsv1 = 4

func text(s string) frame       { return frame{opcode: opText, payload: []byte(s)} }
func binaryOf(b []byte) frame   { return frame{opcode: opBinary, payload: b} }
func continued(s string) frame  { return frame{opcode: opContinuation, payload: []byte(s)} }
func ping(s string) frame       { return frame{opcode: opPing, payload: []byte(s)} }
func pong(s string) frame       { return frame{opcode: opPong, payload: []byte(s)} }
func unknown(opcode byte) frame { return frame{opcode: opcode} }

// goodbye is a close frame with a code.
func goodbye(code int, reason string) frame {
	return frame{opcode: opClose, payload: append(binary.BigEndian.AppendUint16(nil, uint16(code)), reason...)}
}

// fragment returns the frame with another to follow.
func (f frame) fragment() frame {
	f.more = true
	return f
}

// reserved returns the frame with reserved bits set.
func (f frame) reserved(rsv byte) frame {
	f.rsv = rsv
	return f
}

// with returns the frame with a payload.
func (f frame) with(s string) frame {
	f.payload = []byte(s)
	return f
}

// fragments cuts a message into frames of at most size bytes. Reserved bits stay
// with the first.
func (f frame) fragments(size int) []frame {
	var cut []frame
	for rest := f.payload; ; {
		n := min(size, len(rest))
		f.payload, rest = rest[:n], rest[n:]
		f.more = len(rest) > 0
		cut = append(cut, f)
		if !f.more {
			return cut
		}
		f.opcode, f.rsv = opContinuation, 0
	}
}

// masks is a key, repeated so that masking is fast. It being the same in every
// frame is of no concern to a server.
var masks = func() []byte {
	key := []byte{0x37, 0xfa, 0x21, 0x3d}
	var repeated []byte
	for range 1024 {
		repeated = append(repeated, key...)
	}
	return repeated
}()

// appendTo appends the frame as a client sends it.
func (f frame) appendTo(b []byte) []byte {
	first := f.rsv<<4 | f.opcode
	if !f.more {
		first |= 0x80
	}
	const masked = 0x80
	switch n := len(f.payload); {
	case n < 126:
		b = append(b, first, masked|byte(n))
	case n < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, first, masked|126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, first, masked|127), uint64(n))
	}
	b = append(b, masks[:4]...)
	start := len(b)
	b = append(b, f.payload...)
	for rest := b[start:]; len(rest) > 0; {
		rest = rest[subtle.XORBytes(rest, rest, masks):]
	}
	return b
}

// readFrame reads a frame as a server sends it, no longer than an echo can be.
func readFrame(from io.Reader) (f frame, err error) {
	var head [8]byte
	if _, err := io.ReadFull(from, head[:2]); err != nil {
		return f, err
	}
	f.opcode, f.more, f.rsv = head[0]&0x0f, head[0]&0x80 == 0, head[0]>>4&7
	if head[1]&0x80 != 0 {
		return f, errors.New("the target's frame is masked")
	}
	length := uint64(head[1])
	var long []byte
	switch length {
	case 126:
		long = head[6:]
	case 127:
		long = head[:]
	}
	if long != nil {
		clear(head[:])
		if _, err := io.ReadFull(from, long); err != nil {
			return f, cutOff(err)
		}
		length = binary.BigEndian.Uint64(head[:])
	}
	if length > largest+1<<10 {
		return f, fmt.Errorf("the target's frame has %d bytes", length)
	}
	f.payload = make([]byte, length)
	_, err = io.ReadFull(from, f.payload)
	return f, cutOff(err)
}

// cutOff tells the end of a stream in mid-frame from that between two.
func cutOff(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// String describes the frame.
func (f frame) String() string {
	kind, known := map[byte]string{
		opContinuation: "continuation", opText: "text", opBinary: "binary", opClose: "close", opPing: "ping", opPong: "pong",
	}[f.opcode]
	if !known {
		kind = fmt.Sprintf("opcode %#x", f.opcode)
	}
	payload := fmt.Sprintf("%d bytes", len(f.payload))
	switch {
	case f.opcode == opClose && len(f.payload) >= 2:
		payload = fmt.Sprintf("%d %q", binary.BigEndian.Uint16(f.payload), f.payload[2:])
	case len(f.payload) <= 40:
		payload = fmt.Sprintf("%q", f.payload)
	}
	if f.more {
		kind += " fragment"
	}
	if f.rsv != 0 {
		kind += fmt.Sprintf(" with reserved bits %03b", f.rsv)
	}
	return kind + " " + payload
}
