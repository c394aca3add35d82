// Package compression compresses and decompresses messages by the WebSocket
// extension permessage-deflate (RFC 7692), each message by itself: no context
// is taken over from one to the next, in either direction.
//
// [Acceptable] judges what a client offers. A [Pool] lends the state of
// compress/flate, which is too large for each connection to have its own: a
// writer takes 640 KB and more, a reader 40 KB. It is held for one message:
//
//	r := pool.Inflate(compressed)
//	n, err := r.Read(p) // io.EOF at the message's end, *Corrupt if there is none
//	r.Close()
//
// Inflated messages have no length beforehand, and may be a thousand times as
// long as what came: the reader's caller keeps the limit.
//
// Compressed messages stand in the buffers of a [buffer.Pool], behind room for
// the header of their frame.
package compression

import "sync"

// The levels of compression, those of compress/flate: 0 stores, and -1 is the
// library's own choice.
const (
	MinLevel     = -2 // Huffman coding only
	MaxLevel     = 9
	DefaultLevel = 1 // what WebSocket servers commonly use
)

// flushed ends each compressed message: an empty stored block, as a flush
// leaves it. It is not sent (RFC 7692 section 7.2.1).
const flushed = "\x00\x00\xff\xff"

// Pool lends readers and writers to the sessions of one server. The zero value
// is ready. It is safe for concurrent use.
type Pool struct {
	readers sync.Pool                          // of *Reader
	writers [MaxLevel - MinLevel + 1]sync.Pool // of *writer, by level
}

// Bound returns how long a message of n bytes may be when it is compressed and
// grows by it: the 5 bytes of each stored block, which common libraries put
// around 16 KB or more.
func Bound(n int) int { return n + n>>10 + 64 }
