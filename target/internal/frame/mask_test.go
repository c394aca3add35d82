package frame

import (
	"bytes"
	"encoding/binary"
	"testing"
)

// FuzzMask holds the mask to its definition, wherever the payload is cut: after
// as many bytes as cuts says, the larger numbers standing for several spans.
func FuzzMask(f *testing.F) {
	f.Add([]byte("Hello"), uint32(0x37fa213d), []byte{1, 0, 2})
	f.Add([]byte{}, uint32(1), []byte{})
	f.Add([]byte(pattern(span-1)), uint32(0x01020304), []byte{})
	f.Add([]byte(pattern(span+1)), uint32(0xff00ff00), []byte{200, 3})
	f.Add([]byte(pattern(3*span+2)), uint32(0x80000001), []byte{1, 255, 7, 130, 2})
	f.Fuzz(func(t *testing.T, payload []byte, key uint32, cuts []byte) {
		k := [4]byte(binary.BigEndian.AppendUint32(nil, key))
		want := plainMask(k, payload)
		apart, inPlace := make([]byte, len(payload)), bytes.Clone(payload)

		var a, b mask
		a.set([4]byte{9, 9, 9, 9}, 1<<20) // of the frame before
		a.set(k, int64(len(payload)))
		b.set(k, int64(len(payload)))
		for from := 0; from < len(payload); {
			to := len(payload)
			if len(cuts) > 0 {
				n := int(cuts[0])
				if n >= 128 {
					n *= 29
				}
				to, cuts = min(to, from+n), cuts[1:]
			}
			a.apply(apart[from:to], payload[from:to])
			b.apply(inPlace[from:to], inPlace[from:to])
			from = to
		}
		for i := range want {
			if apart[i] != want[i] || inPlace[i] != want[i] {
				t.Fatalf("byte %d: got %#x in other memory and %#x in place, want %#x", i, apart[i], inPlace[i], want[i])
			}
		}
	})
}
