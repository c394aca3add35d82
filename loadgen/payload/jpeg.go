package payload

import (
	"encoding/binary"
	"fmt"
	"image"
	"image/jpeg"
	"math"
	"math/rand/v2"
)

const (
	// SmallestSynthetic is the size in bytes of the smallest synthetic JPEG:
	// its headers take 395 of them, the rest is the picture.
	SmallestSynthetic = 512
	// LargestSynthetic is the size in bytes of the largest. Making it takes
	// about four times that much memory on every core.
	LargestSynthetic = 256_000_000
)

// quality of the encoding, a camera's finest. Encoding takes time by the pixel,
// so there should be few of them: at this quality, and with the noise of a very
// sensitive sensor (see scene), a pixel becomes more than a byte.
const quality = 99

// How long an encoding of image/jpeg is expected to be, in bytes. These are
// only the first guess: a wrong one costs attempts, not exactness.
const (
	grayHead      = 373
	colourHead    = 591
	bytesPerPixel = 1.18
	padding       = 3.4   // pixels that unfinished blocks add to each side
	colourFrom    = 4_000 // below this size the colour tables would take too large a share
)

// How closely an encoding should fit: aim a little below the room there is, be
// content with most of it, and after some attempts with the best there was.
const (
	aim      = 0.985
	enough   = 0.97
	attempts = 10
)

// painter makes synthetic JPEGs. It holds the memory that one image leaves to
// the next; keep one a goroutine.
type painter struct {
	planes  planes
	encoded sink
	best    sink
}

// paint returns a JPEG of exactly size bytes, SmallestSynthetic or more. It
// follows from the arguments alone.
//
// How long an encoding is shows only once it is made. So the picture gets the
// side (of a square of its area, in pixels) that should come out a little
// short of size; failing that, one that the last attempt suggests, or halfway
// between the largest that fitted and the smallest that did not. A comment
// makes up the difference.
func (p *painter) paint(size int, seed uint64, index int) ([]byte, error) {
	rng := rand.NewPCG(seed, uint64(size)<<32|uint64(index))
	scene := newScene(rand.New(rng))

	gray, head := false, float64(colourHead)
	if size < colourFrom {
		gray, head = true, grayHead
	}
	room := float64(size - len(jfif) - commentHead)
	side := firstSide(room, head)
	fits, exceeds := 0.0, math.Sqrt(8*room) // no pixel takes less than a bit
	p.best.b = p.best.b[:0]
	for attempt := 1; ; attempt++ {
		if err := p.encode(scene, rng, side, gray); err != nil {
			return nil, err
		}
		n := float64(len(p.encoded.b))
		if n > room {
			exceeds = side
		} else {
			fits = side
			if len(p.encoded.b) > len(p.best.b) {
				p.best, p.encoded = p.encoded, p.best
			}
		}
		best := float64(len(p.best.b))
		if best >= enough*room || (best > 0 && attempt >= attempts) {
			return assemble(p.best.b, size, rng), nil
		}
		side *= math.Sqrt(aim * (room - head) / max(1, n-head))
		if side <= fits || side >= exceeds {
			side = (fits + exceeds) / 2
		}
	}
}

// firstSide returns the side at which an encoding is expected to fill room,
// head of which is not picture.
func firstSide(room, head float64) float64 {
	return math.Sqrt(aim*(room-head)/bytesPerPixel) - padding
}

// encode leaves in p.encoded the scene at an area of side², 4:3.
func (p *painter) encode(s scene, rng *rand.PCG, side float64, gray bool) error {
	w := max(1, int(math.Round(side*math.Sqrt(4./3))))
	h := max(1, int(math.Round(side*side/float64(w))))
	var picture image.Image
	if gray {
		picture = p.planes.gray(s, rng, w, h)
	} else {
		picture = p.planes.colour(s, rng, w, h)
	}
	p.encoded.b = p.encoded.b[:0]
	if err := jpeg.Encode(&p.encoded, picture, &jpeg.Options{Quality: quality}); err != nil {
		return fmt.Errorf("encode JPEG: %w", err)
	}
	return nil
}

// What stands before the encoding in the file, after its first two bytes. A
// JPEG needs no JFIF header (ITU-T T.871), but some programs know it by that.
const (
	soi         = "\xff\xd8"
	jfif        = "\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
	com         = 0xfffe
	commentHead = 2 + 2              // the marker and the length
	commentMost = 2 + math.MaxUint16 // the length counts itself, not the marker: ITU-T T.81, B.2.4.5
)

// assemble returns the encoding as a file of exactly size bytes, commentHead
// or more of which are comments of random bytes.
func assemble(encoded []byte, size int, rng *rand.PCG) []byte {
	file := make([]byte, 0, size)
	file = append(file, soi...)
	file = append(file, jfif...)
	for gap := size - len(jfif) - len(encoded); gap > 0; {
		n := min(gap, commentMost)
		if left := gap - n; left > 0 && left < commentHead {
			n -= commentHead // the next comment must have room for its head
		}
		file = appendComment(file, n, rng)
		gap -= n
	}
	return append(file, encoded[len(soi):]...)
}

// appendComment appends a comment segment of n bytes, head included.
func appendComment(file []byte, n int, rng *rand.PCG) []byte {
	file = binary.BigEndian.AppendUint16(file, com)
	file = binary.BigEndian.AppendUint16(file, uint16(n-2))
	for n -= commentHead; n > 0; n -= 8 {
		var random [8]byte
		binary.LittleEndian.PutUint64(random[:], rng.Uint64())
		file = append(file, random[:min(n, 8)]...)
	}
	return file
}

// sink collects what image/jpeg writes. It has the three methods for which the
// encoder leaves out a buffer of its own.
type sink struct{ b []byte }

func (s *sink) Write(p []byte) (int, error) { s.b = append(s.b, p...); return len(p), nil }
func (s *sink) WriteByte(c byte) error      { s.b = append(s.b, c); return nil }
func (s *sink) Flush() error                { return nil }
