package payload

import (
	"fmt"
	"strconv"
)

// Deflate says whether messages are compressed, and how hard. The zero value is
// not at all.
type Deflate struct {
	On    bool
	Level int // of compress/flate; 0 stores and -1 is the library's own choice
}

// The levels of Deflate, those of compress/flate.
const (
	// DefaultLevel is that of +deflate without a level: what WebSocket servers
	// that do compress commonly use, gorilla/websocket among them.
	DefaultLevel = 1
	MinLevel     = -2 // Huffman coding only
	MaxLevel     = 9
)

// String returns the suffix of a mode, deflate or deflate=6, or nothing.
func (d Deflate) String() string {
	switch {
	case !d.On:
		return ""
	case d.Level == DefaultLevel:
		return "deflate"
	}
	return "deflate=" + strconv.Itoa(d.Level)
}

func parseDeflate(level string, given bool) (Deflate, error) {
	if !given {
		return Deflate{On: true, Level: DefaultLevel}, nil
	}
	n, err := strconv.Atoi(level)
	if err != nil || n < MinLevel || n > MaxLevel || strconv.Itoa(n) != level {
		return Deflate{}, fmt.Errorf("deflate takes a level from %d (Huffman coding only) to %d, not %q", MinLevel, MaxLevel, level)
	}
	return Deflate{On: true, Level: n}, nil
}
