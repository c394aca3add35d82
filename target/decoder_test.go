package target

import (
	"bytes"
	"encoding/base64"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
)

var codecs = []Codec{SIMD, Std}

func decodeAll(c Codec, text []byte) ([]byte, error) {
	dst := make([]byte, decodedLen(len(text)))
	n, err := newDecoder(c).decode(dst, text)
	return dst[:n], err
}

func TestDecoderTakesWhatIsValid(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 8))
	for n := range 300 {
		image := make([]byte, n)
		for i := range image {
			image[i] = byte(rnd.Uint32())
		}
		text := []byte(base64.StdEncoding.EncodeToString(image))
		if got := imageLen(text); got != n {
			t.Errorf("imageLen of %d encoded bytes: got %d", n, got)
		}
		for _, c := range codecs {
			if got, err := decodeAll(c, text); err != nil || !bytes.Equal(got, image) {
				t.Errorf("%s: %d bytes came back as %d, error %v", c, n, len(got), err)
			}
		}
	}
}

func TestDecoderSaysWhatIsWrongAndWhere(t *testing.T) {
	long := strings.Repeat("AAAA", 50) // enough for the vector loop
	for _, tc := range []struct {
		name, text string
		offset     int
		what       string
	}{
		{"line feed", "AAA\n", 3, "line break"},
		{"carriage return", "AA\r\nAAAA", 2, "line break"},
		{"four line feeds, which add up", "AAAA\n\n\n\n", 4, "line break"},
		{"line feed at the end", "AAAA\n", 4, "line break"},
		{"line feed in padding", "AA=\n=\n\n\n", 3, "follows the padding"},
		{"character of no alphabet", "AA*A", 2, "not in the alphabet"},
		{"URL alphabet", "AA-A", 2, "URL alphabet"},
		{"data URL", "data:image/png;base64,AAAA", 4, "not in the alphabet"},
		{"byte that is not ASCII", "AAA\xff", 3, "not in the alphabet"},
		{"zero byte", "A\x00AA", 1, "not in the alphabet"},
		{"too short", "AAAAA", 5, "too early"},
		{"no padding", "AAAAAA", 6, "too early"},
		{"half the padding", "AAAAAA=", 7, "too early"},
		{"padding alone", "====", 0, "padding where"},
		{"padding too early", "A===", 1, "padding where"},
		{"trailing bits of one byte", "AB==", 1, "bits set"},
		{"trailing bits of two bytes", "AAB=", 2, "bits set"},
		{"something after the padding", "AA==AAAA", 4, "follows the padding"},
		{"a letter within the padding", "AA=A", 3, "follows the padding"},
		{"padding in the middle", "AAA=AAAA", 4, "follows the padding"},
	} {
		for _, prefix := range []string{"", long} {
			for _, c := range codecs {
				t.Run(tc.name+"/"+string(c), func(t *testing.T) {
					_, err := decodeAll(c, []byte(prefix+tc.text))
					var fault *base64Fault
					if !errors.As(err, &fault) {
						t.Fatalf("got error %v, want a fault", err)
					}
					if got, want := fault.offset, tc.offset+len(prefix); got != want {
						t.Errorf("offset: got %d, want %d (%v)", got, want, err)
					}
					if !strings.Contains(fault.what, tc.what) {
						t.Errorf("got %q, want it to say %q", fault.what, tc.what)
					}
				})
			}
		}
	}
}

// Every byte in every position of a text long enough for the vector loop and
// its scalar rest.
func TestCodecsAgreeOnEveryByte(t *testing.T) {
	for position := range 96 {
		for c := range 256 {
			text := bytes.Repeat([]byte("Zm9v"), 24)
			text[position] = byte(c)
			// A pad is wrong even at the end: it leaves the 9 before it bits
			// to spare.
			want := isBase64(byte(c))
			for _, codec := range codecs {
				if _, err := decodeAll(codec, text); (err == nil) != want {
					t.Errorf("%s: byte %#02x at %d: got error %v", codec, c, position, err)
				}
			}
		}
	}
}

// FuzzDecoder holds both codecs to encoding/base64 in strict mode without line
// breaks, and their faults to the text.
func FuzzDecoder(f *testing.F) {
	for _, s := range []string{"", "AAAA", "AA==", "AB==", "AAA=", "AA\n==", "AAAA\n\n\n\n", strings.Repeat("Zm9v", 40) + "AA=="} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		want := make([]byte, base64.StdEncoding.DecodedLen(len(text)))
		n, err := base64.StdEncoding.Strict().Decode(want, text)
		want = want[:n]
		valid := err == nil && !bytes.ContainsAny(text, "\r\n")
		for _, c := range codecs {
			got, err := decodeAll(c, text)
			if (err == nil) != valid {
				t.Fatalf("%s: %q: got error %v, valid: %v", c, text, err, valid)
			}
			if valid && !bytes.Equal(got, want) {
				t.Errorf("%s: %q: got %x, want %x", c, text, got, want)
			}
			var fault *base64Fault
			if errors.As(err, &fault) && (fault.offset < 0 || fault.offset > len(text)) {
				t.Errorf("%s: %q: fault at %d, outside the text", c, text, fault.offset)
			}
		}
	})
}

func BenchmarkDecoder(b *testing.B) {
	text := []byte(base64.StdEncoding.EncodeToString(make([]byte, 100_000)))
	image := make([]byte, decodedLen(len(text)))
	for _, c := range codecs {
		b.Run(string(c), func(b *testing.B) {
			d := newDecoder(c)
			b.SetBytes(int64(len(image)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := d.decode(image, text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
