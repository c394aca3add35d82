package frame

import (
	"crypto/subtle"
	"sync"
)

// span is how many bytes one SIMD pass covers.
const span = 2048

// mask is the key of a frame, repeated, and where in the payload it stands.
type mask struct {
	keys [span + 3]byte // so that a pass can begin at any byte of the key
	pos  int            // payload bytes done, modulo 4
}

// set begins the payload of a frame of n bytes.
func (m *mask) set(key [4]byte, n int64) {
	fill := int(min(n, span)) + 3
	for done := copy(m.keys[:fill], key[:]); done < fill; {
		done += copy(m.keys[done:fill], m.keys[:done])
	}
	m.pos = 0
}

// apply writes src, unmasked, to dst, which it may overlap exactly or not at
// all (section 5.3).
func (m *mask) apply(dst, src []byte) {
	for n := 0; n < len(src); {
		done := subtle.XORBytes(dst[n:], src[n:], m.keys[m.pos:m.pos+span])
		n += done
		m.pos = (m.pos + done) % 4
	}
}

// unmask does the same in place for a short payload, which is not worth a mask.
func unmask(payload []byte, key [4]byte) {
	for i := range payload {
		payload[i] ^= key[i%4]
	}
}

// Pool lends readers the 2 KB that unmasking takes, each for one message: a
// connection that waits holds none of it. The zero value is ready. It is safe
// for concurrent use.
type Pool struct {
	masks sync.Pool // of *mask
}

func (p *Pool) get() *mask {
	if m, ok := p.masks.Get().(*mask); ok {
		return m
	}
	return new(mask)
}

func (p *Pool) put(m *mask) { p.masks.Put(m) }
