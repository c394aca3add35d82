package loadgen

import "bytes"

// messages are the payloads of the images' frames, byte for byte, in the order
// of the images: the images themselves, or their Base64. They are made once
// and shared, so that verifying an echo is no more than comparing it. They are
// read-only and safe for concurrent use.
type messages [][]byte

// equal reports whether message i has exactly got at offset off.
// off+len(got) must not exceed the message.
func (m messages) equal(i, off int, got []byte) bool {
	return bytes.Equal(m[i][off:off+len(got)], got)
}
