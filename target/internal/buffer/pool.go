// Package buffer lends memory for whole messages.
//
// The few buffers in use go round among all connections, the one given back
// last going out first, so that they stay in the processor's cache; a buffer
// for each connection would fall out of it. A message whose length is unknown
// begins in a small buffer and moves up by doubling:
//
//	b := pool.Get(hint)
//	defer func() { pool.Put(b) }()
//	for {
//		if len(b.Bytes) == cap(b.Bytes) {
//			b = pool.Grow(b)
//		}
//		…append to b.Bytes…
//	}
//
// What is lent the pool does not bound: who asks for it knows by Capacity how
// much it will be. Of what is given back it keeps up to a limit, until the
// garbage collector finds it unused for a cycle or two.
package buffer

import (
	"math/bits"
	"runtime"
	"sync"
	"sync/atomic"
)

// Smallest is the capacity of the smallest buffer: little enough for each of
// thousands of slow senders to have one.
const Smallest = 4 << 10

// slack is room beyond each power of two, so that an image of exactly 1 MiB
// doesn't need the next size only to find that it has ended.
const slack = 1

// sizes is enough to double Smallest up to 2^62 bytes.
const sizes = 62 - 12 + 1

// Buffer is a piece of lent memory. Its holder may change the length of Bytes
// and what is in it, but not replace it.
type Buffer struct {
	Bytes []byte
	size  int          // index into Pool.free
	kept  *atomic.Bool // whether the pool has it, for when the collector takes it
}

// Pool lends buffers of up to a largest size. It is safe for concurrent use.
type Pool struct {
	largest int
	most    int64            // bytes kept
	kept    *atomic.Int64    // bytes in free
	free    [sizes]sync.Pool // of *Buffer, by size; each core has its own
}

// NewPool returns a pool whose buffers hold at most largest bytes, and which
// keeps up to most bytes of those given back.
func NewPool(largest int, most int64) *Pool {
	return &Pool{largest: largest, most: most, kept: new(atomic.Int64)}
}

// Capacity returns the capacity of the buffer that Get lends for n bytes.
func (p *Pool) Capacity(n int) int { return p.capacity(p.sizeOf(n)) }

// Get lends an empty buffer that can hold n bytes, or the largest there is
// when n is beyond that. Give it back with Put.
func (p *Pool) Get(n int) *Buffer { return p.get(p.sizeOf(n)) }

// Grow returns a buffer of the next size, about twice the capacity, with the
// content of b, and takes b back. It returns b itself when that is of the largest
// size already.
func (p *Pool) Grow(b *Buffer) *Buffer {
	if cap(b.Bytes) > p.largest {
		return b
	}
	bigger := p.get(b.size + 1)
	bigger.Bytes = append(bigger.Bytes, b.Bytes...)
	p.Put(b)
	return bigger
}

// Grown returns the capacity of the buffer that Grow would lend.
func (p *Pool) Grown(b *Buffer) int {
	if cap(b.Bytes) > p.largest {
		return cap(b.Bytes)
	}
	return p.capacity(b.size + 1)
}

// Put takes a buffer back, which its holder must not touch from then on.
func (p *Pool) Put(b *Buffer) {
	n := int64(cap(b.Bytes))
	if p.kept.Add(n) > p.most {
		p.kept.Add(-n)
		return
	}
	b.Bytes = b.Bytes[:0]
	b.kept.Store(true)
	p.free[b.size].Put(b)
}

// Kept returns the bytes that the pool keeps for later.
func (p *Pool) Kept() int64 { return p.kept.Load() }

func (p *Pool) get(size int) *Buffer {
	if b, ok := p.free[size].Get().(*Buffer); ok {
		b.kept.Store(false)
		p.kept.Add(-int64(cap(b.Bytes)))
		return b
	}
	n := p.capacity(size)
	b := &Buffer{Bytes: make([]byte, 0, n), size: size, kept: new(atomic.Bool)}
	// A sync.Pool lets go of what it keeps without a word.
	total := p.kept
	runtime.AddCleanup(b, func(kept *atomic.Bool) {
		if kept.Load() {
			total.Add(-int64(n))
		}
	}, b.kept)
	return b
}

func (p *Pool) capacity(size int) int { return min(Smallest<<size, p.largest) + slack }

// sizeOf returns the smallest s for which Smallest<<s holds n bytes, or as many
// as there can be.
func (p *Pool) sizeOf(n int) int {
	n = min(n, p.largest)
	if n <= Smallest {
		return 0
	}
	return bits.Len(uint(n-1) / Smallest)
}
