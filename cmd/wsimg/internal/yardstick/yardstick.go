// Package yardstick is the least that an echo over TCP costs in Go: what
// wsimg's own client is held against. Messages travel behind a 4-byte
// big-endian length; there are no frames, masks, modes or histograms. [Serve]
// stores a whole message and then forwards it in one write. A [Fleet] of
// clients writes prepared messages, one write each, and compares what returns
// byte for byte. A ratio of 1 to it says that WebSocket and all that wsimg does
// around it cost nothing measurable.
//
// It is meant to be a strong opponent: large reads, hot buffers, nothing
// allocated per message. The two ends should be processes of their own, as
// those they are compared with.
package yardstick

import (
	"encoding/binary"
	"math/rand/v2"
	"sync"
)

const (
	// prefix is the length of the length.
	prefix = 4
	// chunk is the client's buffer and the least that the server's first read
	// asks for: smaller ones never open the receive window.
	chunk = 64 << 10
	// maxMessage bounds what a length may make the server allocate.
	maxMessage = 1 << 30

	// distinct messages of a size, fewer when they would exceed distinctBytes:
	// as many as wsimg has images by default.
	distinct      = 64
	distinctBytes = 32_000_000
)

// Messages returns prepared messages of size bytes each, behind their length:
// 64, fewer when they would exceed 32 MB, at least one. The bytes are random
// but fixed by seed. Clients share them.
func Messages(size int, seed uint64) [][]byte {
	var key [32]byte
	binary.BigEndian.PutUint64(key[:], seed)
	random := rand.NewChaCha8(key)
	messages := make([][]byte, min(distinct, max(1, distinctBytes/max(1, size))))
	for i := range messages {
		m := make([]byte, prefix+size)
		binary.BigEndian.PutUint32(m, uint32(size))
		random.Read(m[prefix:])
		messages[i] = m
	}
	return messages
}

// newPool returns a pool of buffers of chunk bytes, as *[]byte.
func newPool() *sync.Pool {
	return &sync.Pool{New: func() any {
		b := make([]byte, chunk)
		return &b
	}}
}
