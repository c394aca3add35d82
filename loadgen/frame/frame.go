// Package frame writes the WebSocket frames of a client: header, copy and mask
// in one pass, so that a message leaves in one frame, under one mask, with one
// write. Reading stays with gorilla/websocket.
//
// A client must mask every frame with a fresh, unpredictable key (RFC 6455,
// sections 5.1 and 5.3). Where the key comes from is the caller's business.
package frame

import "encoding/binary"

// Opcode is the four-bit frame type of RFC 6455, section 5.2.
type Opcode byte

// The opcodes a client sends. Data opcodes equal gorilla/websocket's message
// types.
const (
	Text   Opcode = 0x1
	Binary Opcode = 0x2
	Close  Opcode = 0x8
	Pong   Opcode = 0xA
)

// Deflated marks the first frame of a compressed message with RSV1 (RFC 7692,
// section 6): it goes with an opcode, Text|Deflated.
const Deflated Opcode = 0x40

// MaxHeader is the longest header AppendHeader writes, in bytes.
const MaxHeader = 14

const (
	final  = 0x80
	masked = 0x80
)

// HeaderLen returns the length in bytes of the masked header before a payload
// of n bytes.
func HeaderLen(n int) int {
	switch {
	case n < 126:
		return 6
	case n < 1<<16:
		return 8
	default:
		return MaxHeader
	}
}

// AppendHeader appends to dst the header of a final, masked frame with a
// payload of n bytes, in the shortest form (RFC 6455, section 5.2).
func AppendHeader(dst []byte, op Opcode, n int, key [4]byte) []byte {
	switch {
	case n < 126:
		dst = append(dst, final|byte(op), masked|byte(n))
	case n < 1<<16:
		dst = append(dst, final|byte(op), masked|126)
		dst = binary.BigEndian.AppendUint16(dst, uint16(n))
	default:
		dst = append(dst, final|byte(op), masked|127)
		dst = binary.BigEndian.AppendUint64(dst, uint64(n))
	}
	return append(dst, key[:]...)
}
