package frame

import "crypto/subtle"

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
