package audit

import (
	"encoding/binary"
	"math/bits"

	"github.com/zeebo/xxh3"

	"github.com/wsimg/wsimg/loadgen/site"
)

// sum is a hash of 128 bits, or a sum of such hashes. All arithmetic is modulo
// 2^128. The zero value is the sum of none.
type sum struct{ hi, lo uint64 }

// hashOf returns the hash of an image: XXH3-128 of its raw bytes, with seed 0.
func hashOf(image []byte) sum {
	h := xxh3.Hash128(image)
	return sum{h.Hi, h.Lo}
}

// told returns a sum that a target told.
func told(s site.Sum) sum {
	return sum{binary.BigEndian.Uint64(s[:8]), binary.BigEndian.Uint64(s[8:])}
}

// part returns the part of the books that an image with this hash is in.
func (s sum) part() uint8 { return uint8(s.lo) }

func (s sum) plus(t sum) sum {
	lo, carry := bits.Add64(s.lo, t.lo, 0)
	hi, _ := bits.Add64(s.hi, t.hi, carry)
	return sum{hi, lo}
}

func (s sum) minus(t sum) sum {
	lo, borrow := bits.Sub64(s.lo, t.lo, 0)
	hi, _ := bits.Sub64(s.hi, t.hi, borrow)
	return sum{hi, lo}
}

func (s sum) times(t sum) sum {
	hi, lo := bits.Mul64(s.lo, t.lo)
	return sum{hi + s.hi*t.lo + s.lo*t.hi, lo}
}

// repeated is s added up n times.
func (s sum) repeated(n uint64) sum { return s.times(sum{lo: n}) }

// zeros returns how many of the lowest bits are 0; 128 when all are.
func (s sum) zeros() int {
	if s.lo == 0 {
		return 64 + bits.TrailingZeros64(s.hi)
	}
	return bits.TrailingZeros64(s.lo)
}

// without returns s without its n lowest bits.
func (s sum) without(n int) sum {
	if n >= 64 {
		return sum{0, s.hi >> (n - 64)}
	}
	return sum{s.hi >> n, s.lo>>n | s.hi<<(64-n)}
}

// lowest returns the n lowest bits of s.
func (s sum) lowest(n int) sum {
	if n >= 64 {
		return sum{s.hi & (1<<(n-64) - 1), s.lo}
	}
	return sum{0, s.lo & (1<<n - 1)}
}

// inverse returns the t with s × t = 1; s must be odd. Each of Newton's steps
// doubles the bits that are right, and s is its own inverse in the lowest 3.
func (s sum) inverse() sum {
	t := s
	for range 6 {
		t = t.times(sum{lo: 2}.minus(s.times(t)))
	}
	return t
}
