// Package tally keeps a target's book of the images it saved, from which who
// sent them can tell that each was saved exactly once and intact, however many
// there were, in memory that doesn't grow.
//
//	tally.Begin()                      // a session that is audited
//	tally.Add(image)                   // saved, not yet answered
//	json.Marshal(tally.Stats())        // once the connections are closed
//
// # The book
//
// An image enters it by its hash h, the XXH3 of 128 bits, seed 0, of its raw
// bytes. The book has 256 parts, and h mod 256 says which is the image's. A
// part holds the number of its images and the sum of their hashes:
//
//	count = Σ 1    sum = Σ h mod 2^128
//
// Addition modulo 2^128 is commutative and associative, so the book depends on
// which images were saved and how often, not on their order or on which session
// saved them: sessions need not agree on anything, and two ends that saw the
// same images in different orders have equal books. Nor is an image its own
// inverse, as it would be under exclusive or, where one saved twice or thrice
// too often could look like none.
//
// The sender makes the same book of what it sent and compares part by part. The
// parts are for images whose fate it doesn't know, because the reply was lost:
// it must find out which of them make up a difference, and a 256th of them is
// soon searched.
//
// # What equal books prove
//
// Take two different collections of images with equal books, that is, a false
// proof. Every part has equal counts, so an image that is missing has another
// in its place, in the same part. Let x be an image that one collection has m
// times more often than the other, and let the hashes of all others be given.
// Equal sums want
//
//	m·h(x) ≡ c  (mod 2^128)
//
// for one c. If hashes are as good as random, h(x) is one of the 2^120 values
// of its part, of which at most m solve that, so a false proof has a chance of
// at most m/2^120. With m the ten million images of a long run, all of them
// one and the same, that is below 10^-29; commonly m is 1.
//
// XXH3 is no cryptographic hash: it is as good as random to accidents, such as
// an image that was lost, torn, truncated, mixed up or saved twice. Against who
// makes images collide on purpose it proves nothing; nor would a better hash
// against a target that lies, which need only report the sums that are wanted.
package tally

import (
	"fmt"
	"math/bits"
	"sync"
	"sync/atomic"

	"github.com/zeebo/xxh3"
)

// Parts is how many parts a book has.
const Parts = 256

// Tally is a book. The zero value is an empty one; it takes 8 KB and is safe for
// concurrent use. It must not be copied.
type Tally struct {
	connections atomic.Uint64
	// Each part has its own lock: the hash spreads images over them, and holding
	// one takes a thousandth of what hashing does.
	parts [Parts]part
}

type part struct {
	mu    sync.Mutex
	count uint64
	sum   Sum
}

// Begin counts a session whose images will be added.
func (t *Tally) Begin() { t.connections.Add(1) }

// Add enters an image, of raw bytes, and allocates nothing.
func (t *Tally) Add(image []byte) {
	h := xxh3.Hash128(image)
	p := &t.parts[h.Lo%Parts]
	p.mu.Lock()
	p.count++
	p.sum = p.sum.plus(Sum{h.Hi, h.Lo})
	p.mu.Unlock()
}

// Stats returns what the book has now. Each of its parts is consistent; images
// that are added meanwhile may be in it or not.
func (t *Tally) Stats() Stats {
	stats := Stats{Connections: t.connections.Load(), Parts: map[int]Part{}}
	for i := range t.parts {
		if p := t.parts[i].read(); p.Count > 0 {
			stats.Parts[i] = p
		}
	}
	return stats
}

func (p *part) read() Part {
	p.mu.Lock()
	defer p.mu.Unlock()
	return Part{p.count, p.sum}
}

// Stats is a book at one instant, as the target's statistics show it.
type Stats struct {
	// Instance is the target's that keeps the book: another one's has forgotten
	// what this one counted. The tally leaves it to its owner.
	Instance string `json:"instance"`
	// Connections is how many audited sessions were begun.
	Connections uint64 `json:"connections"`
	// Parts are those that have images, by their numbers, 0 to 255.
	Parts map[int]Part `json:"parts"`
}

// Part is a part of a book.
type Part struct {
	Count uint64 `json:"count"` // of images
	Sum   Sum    `json:"sum"`   // of their hashes
}

// Sum is a sum of hashes modulo 2^128.
type Sum struct{ Hi, Lo uint64 }

// MarshalText returns the sum as 32 hexadecimal digits, the highest first. It
// returns no error.
func (s Sum) MarshalText() ([]byte, error) {
	return fmt.Appendf(nil, "%016x%016x", s.Hi, s.Lo), nil
}

func (s Sum) plus(h Sum) Sum {
	lo, carry := bits.Add64(s.Lo, h.Lo, 0)
	hi, _ := bits.Add64(s.Hi, h.Hi, carry)
	return Sum{hi, lo}
}
