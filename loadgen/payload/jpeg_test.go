package payload

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"image"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// paintOne returns one synthetic image.
func paintOne(t require, size int, seed uint64, index int) []byte {
	t.Helper()
	var p painter
	file, err := p.paint(size, seed, index)
	if err != nil {
		t.Fatalf("paint %d bytes: %v", size, err)
	}
	return file
}

// require is what testing.T and rapid.T have in common.
type require interface {
	Helper()
	Fatalf(format string, args ...any)
}

// anatomy is what a JPEG consists of.
type anatomy struct {
	markers []byte // second bytes, in order
	comment int    // bytes of comment segments, markers included
	scan    []byte // entropy-coded
}

// walkJPEG takes a file apart the strict way (ITU-T T.81, B.1.1): SOI,
// segments that follow each other without a gap, one scan without stray
// markers, EOI as the last two bytes.
func walkJPEG(t require, file []byte) anatomy {
	t.Helper()
	if !bytes.HasPrefix(file, []byte(soi)) {
		t.Fatalf("file starts with % x, want SOI", file[:2])
	}
	var a anatomy
	for at := 2; ; {
		if at+4 > len(file) || file[at] != 0xff {
			t.Fatalf("no segment at %d of %d bytes", at, len(file))
		}
		marker, length := file[at+1], int(binary.BigEndian.Uint16(file[at+2:]))
		end := at + 2 + length
		if length < 2 || end > len(file) {
			t.Fatalf("segment %x at %d has length %d, beyond the end of the file", marker, at, length)
		}
		a.markers = append(a.markers, marker)
		if marker == 0xfe {
			a.comment += 2 + length
		}
		at = end
		if marker != 0xda {
			continue
		}
		rest := file[at:]
		for i, b := range rest {
			if b == 0xff && (i+1 == len(rest) || rest[i+1] != 0) {
				if !bytes.Equal(rest[i:], []byte{0xff, 0xd9}) {
					t.Fatalf("scan ends %d bytes before the end of the file, want EOI and nothing behind it", len(rest)-i)
				}
				a.scan = rest[:i]
				return a
			}
		}
		t.Fatalf("scan has no end")
	}
}

// checkJPEG checks what holds for every synthetic image.
func checkJPEG(t require, file []byte, size int) (anatomy, image.Image) {
	t.Helper()
	if len(file) != size {
		t.Fatalf("got %d bytes, want %d", len(file), size)
	}
	a := walkJPEG(t, file)
	picture, err := jpeg.Decode(bytes.NewReader(file))
	if err != nil {
		t.Fatalf("decode %d bytes: %v", size, err)
	}
	return a, picture
}

func TestPaintSizes(t *testing.T) {
	for _, c := range []struct {
		size    int
		comment float64 // at most this share
	}{
		{SmallestSynthetic, 0.25}, {513, 0.25}, {514, 0.25}, {515, 0.25}, {516, 0.25}, {1_000, 0.15},
		{colourFrom - 1, 0.10}, {colourFrom, 0.10}, {5_000, 0.10},
		{10_000, 0.05}, {10_240, 0.05}, {12_345, 0.05}, {15_000, 0.05}, {30_000, 0.05}, {65_535, 0.05}, {65_536, 0.05},
		{100_000, 0.05}, {102_400, 0.05}, {133_336, 0.05}, {1_000_000, 0.05}, {1_048_576, 0.05},
	} {
		t.Run(FormatSize(int64(c.size)), func(t *testing.T) {
			a, picture := checkJPEG(t, paintOne(t, c.size, 1, 0), c.size)
			if got := float64(a.comment) / float64(c.size); got > c.comment {
				t.Errorf("comments take %.1f %%, want at most %.0f %%", 100*got, 100*c.comment)
			}
			_, colour := picture.(*image.YCbCr)
			if want := c.size >= colourFrom; colour != want {
				t.Errorf("picture is a %T, want colour: %t", picture, want)
			}
		})
	}
}

func TestPaintAnySize(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.OneOf(rapid.IntRange(SmallestSynthetic, 2*colourFrom), rapid.IntRange(10_000, 30_000)).Draw(t, "size")
		seed, index := rapid.Uint64().Draw(t, "seed"), rapid.IntRange(0, 1<<20).Draw(t, "index")
		a, _ := checkJPEG(t, paintOne(t, size, seed, index), size)
		if share := float64(a.comment) / float64(size); size >= 10_000 && share > 0.07 { // 5 % but for one in a thousand
			t.Fatalf("comments take %.1f %% of %d bytes, want at most 7 %%", 100*share, size)
		}
	})
}

func TestPaintWithUsedMemory(t *testing.T) {
	var p painter
	for _, size := range []int{50_000, 1_000, 20_000, 3_999, 4_000} { // larger and smaller, colour and gray
		got, err := p.paint(size, 1, 2)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, paintOne(t, size, 1, 2)) {
			t.Errorf("%d bytes painted after others differ from those painted first", size)
		}
	}
}

func TestPaintIsIncompressible(t *testing.T) {
	for _, c := range []struct{ size, images int }{{10_000, 20}, {100_000, 3}, {1_000_000, 1}} {
		for index := range c.images {
			var packed bytes.Buffer
			w, err := flate.NewWriter(&packed, 6)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := w.Write(paintOne(t, c.size, 1, index)); err != nil {
				t.Fatal(err)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			if ratio := float64(packed.Len()) / float64(c.size); ratio <= 0.97 {
				t.Errorf("image %d of %d bytes deflates to %.3f of its size, want over 0.97", index, c.size, ratio)
			}
		}
	}
}

// TestPaintIsAPicture asks for what tells a photograph from a flat colour and
// from static: tones that differ over the picture, and neighbours that differ
// by noise.
func TestPaintIsAPicture(t *testing.T) {
	for index := range 4 {
		_, picture := checkJPEG(t, paintOne(t, 100_000, 1, index), 100_000)
		m := picture.(*image.YCbCr)
		const parts = 8
		w, h := m.Rect.Dx()/parts, m.Rect.Dy()/parts
		low, high := math.Inf(1), 0.0
		var noise float64
		for part := range parts * parts {
			var sum, steps float64
			for i := range w * h {
				x, y := part%parts*w+i%w, part/parts*h+i/w
				v := float64(m.Y[m.YOffset(x, y)])
				sum += v
				if i%w > 0 {
					steps += math.Abs(v - float64(m.Y[m.YOffset(x-1, y)]))
				}
			}
			mean := sum / float64(w*h)
			low, high = min(low, mean), max(high, mean)
			noise += steps / float64(w*h) / (parts * parts)
		}
		if high-low < 40 {
			t.Errorf("image %d: tones go from %.0f to %.0f, want a range of 40 or more", index, low, high)
		}
		if noise < 5 || noise > 30 {
			t.Errorf("image %d: neighbours differ by %.1f levels, want sensor noise of 5 to 30", index, noise)
		}
	}
}

// TestFirstSide holds the first guess to what image/jpeg makes of it: a second
// attempt at every large image would double the time to make them.
func TestFirstSide(t *testing.T) {
	for _, room := range []float64{300_000, 1_000_000} {
		var p painter
		rng := rand.NewPCG(1, 1)
		if err := p.encode(newScene(rand.New(rng)), rng, firstSide(room, colourHead), false); err != nil {
			t.Fatal(err)
		}
		if fill := float64(len(p.encoded.b)) / room; fill < enough || fill > 1 {
			t.Errorf("the first attempt fills %.3f of %.0f bytes, want %.2f to 1: adjust bytesPerPixel", fill, room, enough)
		}
	}
}

func TestAssembleFillsEveryGap(t *testing.T) {
	encoded := []byte(soi + "\xff\xd9")
	least := len(jfif) + len(encoded) + commentHead
	for _, gap := range []int{0, 1, 2, 3, 4, 5, commentMost - 5, commentMost - 4, commentMost - 3, commentMost, commentMost + 1, 3 * commentMost} {
		t.Run(fmt.Sprintf("%d bytes", commentHead+gap), func(t *testing.T) {
			file := assemble(encoded, least+gap, rand.NewPCG(1, 1))
			if len(file) != least+gap {
				t.Fatalf("got %d bytes, want %d", len(file), least+gap)
			}
			rest := file[len(soi)+len(jfif):]
			for len(rest) > 2 {
				length := int(binary.BigEndian.Uint16(rest[2:]))
				if binary.BigEndian.Uint16(rest) != com || length < 2 || 2+length > len(rest)-2 {
					t.Fatalf("no comment %d bytes before the end: % x", len(rest), rest[:4])
				}
				rest = rest[2+length:]
			}
			if string(rest) != "\xff\xd9" {
				t.Errorf("file ends in % x, want EOI", rest)
			}
		})
	}
}
