// Package compression compresses and decompresses messages by the WebSocket
// extension permessage-deflate (RFC 7692), each message by itself: no context
// is taken over from one to the next, in either direction.
//
// [Agree] finds what can be accepted among a client's offers; the [Agreement] is
// the answer to them, and what compressed messages must keep to:
//
//	agreed, ok := compression.Agree(request.Header)
//	answer := agreed.String() // the response's Sec-WebSocket-Extensions
//	level = agreed.Level(level)
//
// A client that has little memory may ask, by server_max_window_bits, that nothing
// refers back further than a window of 256 bytes to 32 KB. compress/flate knows the
// one of 32 KB alone, so messages for a smaller one refer back not at all: they
// are Huffman coded only. That suits any window, and for images, whose bytes
// seldom repeat, it is about as short; text with repetitions is longer for it.
//
// A [Pool] lends the state of compress/flate, which is too large for each
// connection to have its own. It is held for one message:
//
//	r := pool.Inflate(compressed)
//	n, err := r.Read(p) // io.EOF at the message's end, *Corrupt if there is none
//	r.Close()
//	err := pool.Deflate(into, message, level)
//
// Inflated messages have no length beforehand, and may be a thousand times as
// long as what came: the reader's caller keeps the limit. It may wait while it
// holds a reader, so their number is its affair; each takes ReaderBytes. Of
// writers, which take up to WriterBytes, there are never more than the pool has
// places: who compresses waits for one, and waits for nothing while it has it.
package compression

import (
	"compress/flate"
	"runtime"
	"sync"
)

// The levels of compression, those of compress/flate: 0 stores, and -1 is the
// library's own choice.
const (
	MinLevel     = huffmanOnly
	MaxLevel     = flate.BestCompression
	DefaultLevel = flate.BestSpeed // what WebSocket servers commonly use
)

// Levels at which nothing refers back to what came before.
const (
	huffmanOnly = flate.HuffmanOnly
	stored      = flate.NoCompression
)

// flushed ends each compressed message: an empty stored block, as a flush
// leaves it. It is not sent (RFC 7692 section 7.2.1).
const flushed = "\x00\x00\xff\xff"

// What states of compress/flate take, in bytes; measured, rounded up.
const (
	ReaderBytes = 48 << 10
	WriterBytes = 1280 << 10
)

// placesPerCore is how many messages are compressed at once for each core: one
// more than can be, for those that lost the core in between.
const placesPerCore = 2

// levels is how many there are.
const levels = MaxLevel - MinLevel + 1

// Pool lends readers and writers to the sessions of one server; make it with
// NewPool. It is safe for concurrent use.
type Pool struct {
	readers sync.Pool         // of *Reader
	places  chan struct{}     // holds an element for each writer lent
	writers [levels]sync.Pool // of *writer, by level
}

// NewPool returns a pool with two places a core for those who compress.
func NewPool() *Pool {
	return &Pool{places: make(chan struct{}, placesPerCore*runtime.GOMAXPROCS(0))}
}

// MemoryBound returns how many bytes the states of writers take at most: those of
// all places, at every level that clients ask for. Unused ones go with the
// garbage.
func (p *Pool) MemoryBound() int64 { return int64(cap(p.places)) * levels * WriterBytes }

// Bound returns how long a message of n bytes may be when it is compressed and
// grows by it: the 5 bytes of each stored block, which common libraries put
// around 16 KB or more.
func Bound(n int) int { return n + n>>10 + 64 }
