package steps

import (
	"math/rand/v2"
	"unicode/utf8"

	"github.com/wsimg/wsimg/loadgen/frame"
)

// How wsimg's target receives a message.
const (
	readAhead = 64 << 10  // of its beginning, unmasked while it is copied on
	received  = 256 << 10 // of the rest at a time, unmasked where it lies
)

// unmasking is a frame → its message, as it arrives.
type unmasking struct {
	pass
	mask    frame.Mask
	ahead   [readAhead]byte // as the kernel has just written it
	message [received]byte  // the piece that is being received, where it will stay
}

// newUnmasking returns the step for messages of the lengths given.
func newUnmasking(t turns, length func(i int) int) *unmasking {
	u := new(unmasking)
	u.pass = pass{t, func(i int) { u.unmask(length(i)) }}
	return u
}

// unmask does so for a message of n bytes.
func (u *unmasking) unmask(n int) {
	r := rand.Uint32()
	u.mask.Set([4]byte{byte(r), byte(r >> 8), byte(r >> 16), byte(r >> 24)})
	n -= u.mask.Copy(u.message[:], u.ahead[:min(readAhead, n)])
	for n > 0 {
		piece := u.message[:min(received, n)]
		n -= u.mask.Copy(piece, piece)
	}
}

// checking is a text message → whether it is valid UTF-8, as it arrives.
type checking struct {
	pass
	message [received]byte // the piece that has just been unmasked
	invalid int            // pieces: none, for Base64 is ASCII
}

func newChecking(m messages) *checking {
	c := new(checking)
	for to := c.message[:]; len(to) > 0; {
		to = to[copy(to, m.plain[0]):]
	}
	c.pass = pass{m.turns(), func(i int) { c.check(len(m.plain[i])) }}
	return c
}

// check does so for a message of n bytes.
func (c *checking) check(n int) {
	for limit := readAhead; n > 0; limit = received {
		piece := c.message[:min(limit, n)]
		if !utf8.Valid(piece) {
			c.invalid++
		}
		n -= len(piece)
	}
}
