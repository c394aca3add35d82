package frame

import "encoding/binary"

// Room is what the header of a server's frame takes at most, in bytes.
const Room = 10

// Reply makes a final, unmasked frame out of b, whose payload begins at
// b[Room], and returns it: a part of b. Header and payload lie together, so
// the frame takes one write, and nothing is allocated for it.
func Reply(op Opcode, b []byte) []byte {
	const final = 0x80
	n := len(b) - Room
	at := 0
	switch {
	case n < 126:
		at = Room - 2
		b[at+1] = byte(n)
	case n < 1<<16:
		at = Room - 4
		b[at+1] = 126
		binary.BigEndian.PutUint16(b[at+2:], uint16(n))
	default:
		b[1] = 127
		binary.BigEndian.PutUint64(b[2:], uint64(n))
	}
	b[at] = final | byte(op)
	return b[at:]
}

// Compressed marks a frame that Reply made as that of a compressed message (RFC
// 7692 section 6), and returns it.
func Compressed(reply []byte) []byte {
	reply[0] |= rsv1
	return reply
}
