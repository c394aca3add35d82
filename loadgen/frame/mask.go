package frame

import "crypto/subtle"

// block is how many bytes of repeated key one pass covers: long enough for the
// SIMD loop to pay, short enough to stay in L1 and to be cheap to fill.
const block = 2048

// Mask copies bytes and masks them on the way (RFC 6455, section 5.3). The
// zero value masks with zeros. It is not safe for concurrent use.
type Mask struct {
	key [block]byte
}

// Set makes key the masking key.
func (m *Mask) Set(key [4]byte) {
	n := copy(m.key[:], key[:])
	for n < block {
		n += copy(m.key[n:], m.key[:n])
	}
}

// Copy writes src, masked, to dst and returns len(src). dst must be at least
// as long as src, and overlap it exactly or not at all. src starts at the
// key's first byte: a payload handed over in pieces wants every piece but the
// last to be a multiple of four bytes.
func (m *Mask) Copy(dst, src []byte) int {
	n := 0
	for n < len(src) {
		n += subtle.XORBytes(dst[n:], src[n:], m.key[:])
	}
	return n
}
