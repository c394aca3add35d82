package audit

import (
	"encoding/binary"
	"maps"
	"slices"

	"github.com/wsimg/wsimg/loadgen/site"
)

// target is a target's book, kept as a target keeps it.
type target struct{ site.Books }

// newTarget has a history: what it saved before the run.
func newTarget() *target {
	t := &target{site.Books{PID: 7, Instance: "one", Connections: 3, Parts: map[uint8]site.Part{}}}
	for i := range 1000 {
		t.save(binary.AppendUvarint(nil, uint64(i)), 1)
	}
	return t
}

func (t *target) save(image []byte, times uint64) {
	hash := hashOf(image)
	p := t.Parts[hash.part()]
	saved := told(p.Sum).plus(hash.repeated(times))
	binary.BigEndian.PutUint64(p.Sum[:8], saved.hi)
	binary.BigEndian.PutUint64(p.Sum[8:], saved.lo)
	p.Count += times
	t.Parts[hash.part()] = p
}

// now is what a reading tells.
func (t *target) now() site.Books {
	read := t.Books
	read.Parts = maps.Clone(t.Parts)
	return read
}

// send counts images in a book, and saves those that were verified.
func (t *target) send(b *Book, images [][]byte, i int, verified, unsettled uint64) {
	for range verified {
		b.Sent(i)
		b.Verified(i)
	}
	for range unsettled {
		b.Sent(i)
	}
	t.save(images[i], verified)
}

// pictures returns n distinct images, all of one part of the books.
func pictures(n int, of uint8) [][]byte {
	var images [][]byte
	for i := uint64(0); len(images) < n; i++ {
		image := binary.LittleEndian.AppendUint64([]byte("image"), i)
		if hashOf(image).part() == of {
			images = append(images, image)
		}
	}
	return slices.Clip(images)
}
