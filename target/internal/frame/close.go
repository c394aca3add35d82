package frame

import (
	"encoding/binary"
	"fmt"
	"unicode/utf8"
)

// Closed is the client's close frame (section 5.5.1). Code is 0 when it had
// none.
type Closed struct {
	Code   int
	Reason string
}

func (c *Closed) Error() string { return fmt.Sprintf("the client closed with %d %q", c.Code, c.Reason) }

// parseClose returns the close frame as an error: Closed, or what is wrong
// with it.
func parseClose(payload []byte) error {
	if len(payload) == 0 {
		return &Closed{}
	}
	if len(payload) == 1 {
		return violation("a close frame has half a code")
	}
	code := int(binary.BigEndian.Uint16(payload))
	if !sendable(code) {
		return violation("close code %d is not to be sent", code)
	}
	if !utf8.Valid(payload[2:]) {
		return &Error{Code: 1007, Reason: "the reason of a close frame is not UTF-8"}
	}
	return &Closed{Code: code, Reason: string(payload[2:])}
}

// sendable reports whether a close frame may carry the code (section 7.4, and
// the IANA registry for 1012 to 1014).
func sendable(code int) bool {
	switch {
	case code >= 1000 && code <= 1003, code >= 1007 && code <= 1014:
		return true
	default:
		return code >= 3000 && code <= 4999
	}
}
