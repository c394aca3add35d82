package target

import (
	"fmt"
	"unicode/utf8"
)

// utf8Check validates a text message while it arrives (RFC 6455 section 8.1):
// what is wrong shows before the rest is received.
type utf8Check struct {
	valid int // bytes found valid so far
}

// advance looks at what was added to the message. A character whose end is
// still missing is left for the next call, unless the message is complete.
func (c *utf8Check) advance(message []byte, complete bool) error {
	rest := message[c.valid:]
	if !complete {
		rest = rest[:len(rest)-unfinished(rest)]
	}
	if utf8.Valid(rest) {
		c.valid += len(rest)
		return nil
	}
	for len(rest) > 0 {
		r, n := utf8.DecodeRune(rest)
		if r == utf8.RuneError && n == 1 {
			break
		}
		c.valid += n
		rest = rest[n:]
	}
	return fmt.Errorf("invalid UTF-8 at byte %d", c.valid)
}

// unfinished returns how many bytes at the end of p may be the beginning of a
// character, at most three.
func unfinished(p []byte) int {
	for n := 1; n <= min(len(p), utf8.UTFMax-1); n++ {
		if b := p[len(p)-n]; utf8.RuneStart(b) {
			if utf8.FullRune(p[len(p)-n:]) {
				return 0
			}
			return n
		}
	}
	return 0
}
