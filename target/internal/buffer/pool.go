// Package buffer lends memory for whole messages.
//
// The few buffers in use go round among all connections, the one given back
// last going out first, so that they stay in the processor's cache; a buffer
// for each connection would fall out of it. A message whose length is unknown
// begins in a buffer that fitted the one before and moves up by doubling:
//
//	b := pool.Get(hint)
//	defer func() { pool.Put(b) }()
//	for {
//		if len(b.Bytes) == cap(b.Bytes) {
//			b = pool.Grow(b)
//		}
//		…append to b.Bytes…
//	}
package buffer

import (
	"math/bits"
	"sync"
)

// Smallest is the capacity of the smallest buffer. What is below it costs
// little to receive, and one size for all of it keeps that memory hot.
const Smallest = 64 << 10

// slack is room beyond each power of two, so that an image of exactly 1 MiB
// doesn't need the next size only to find that it has ended.
const slack = 1

// sizes is enough to double Smallest up to 2^62 bytes.
const sizes = 62 - 16 + 1

// Buffer is a piece of lent memory. Its holder may change the length of Bytes
// and what is in it, but not replace it.
type Buffer struct {
	Bytes []byte
	size  int // index into Pool.free
}

// Pool lends buffers of up to a largest size. It is safe for concurrent use.
type Pool struct {
	largest int
	free    [sizes]sync.Pool // of *Buffer, by size
}

// NewPool returns a pool whose buffers hold at most largest bytes.
func NewPool(largest int) *Pool { return &Pool{largest: largest} }

// Get lends an empty buffer that can hold n bytes, or the largest there is
// when n is beyond that. Give it back with Put.
func (p *Pool) Get(n int) *Buffer {
	return p.get(sizeOf(min(n, p.largest)))
}

// Grow returns a buffer of twice the capacity with the content of b, and
// takes b back. It returns b itself when that is of the largest size already.
func (p *Pool) Grow(b *Buffer) *Buffer {
	if cap(b.Bytes) > p.largest {
		return b
	}
	bigger := p.get(b.size + 1)
	bigger.Bytes = append(bigger.Bytes, b.Bytes...)
	p.Put(b)
	return bigger
}

// Put takes a buffer back, which its holder must not touch from then on.
func (p *Pool) Put(b *Buffer) {
	b.Bytes = b.Bytes[:0]
	p.free[b.size].Put(b)
}

func (p *Pool) get(size int) *Buffer {
	if b, ok := p.free[size].Get().(*Buffer); ok {
		return b
	}
	return &Buffer{Bytes: make([]byte, 0, min(Smallest<<size, p.largest)+slack), size: size}
}

// sizeOf returns the smallest s for which Smallest<<s holds n bytes.
func sizeOf(n int) int {
	if n <= Smallest {
		return 0
	}
	return bits.Len(uint(n-1) / Smallest)
}
