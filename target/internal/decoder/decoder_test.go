package decoder

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"
)

func TestDecoderTakesWhatIsValid(t *testing.T) {
	for n := 1; n < 300; n++ {
		image := randomImage(n)
		text := base64.StdEncoding.EncodeToString(image)
		for _, form := range []string{text, "data:image/jpeg;base64," + text} {
			for _, tc := range decoders {
				d := New(tc.codec, tc.lenient)
				if got, err := decodeAll(d, []byte(form)); err != nil || !bytes.Equal(got, image) {
					t.Errorf("%s: %d bytes came back as %d, error %v", tc.name, n, len(got), err)
				}
			}
		}
	}
}

func TestLenientDecoderTakesMore(t *testing.T) {
	for n := 1; n < 300; n++ {
		image := randomImage(n)
		padded, raw := base64.StdEncoding.EncodeToString(image), base64.RawStdEncoding.EncodeToString(image)
		for _, tc := range []struct{ name, text string }{
			{"no padding", raw},
			{"URL alphabet", base64.URLEncoding.EncodeToString(image)},
			{"URL alphabet without padding", base64.RawURLEncoding.EncodeToString(image)},
			{"URL alphabet in lines", inLines(base64.URLEncoding.EncodeToString(image), 63, "\n")},
			{"lines of MIME", inLines(padded, 76, "\r\n")},
			{"lines of PEM", inLines(padded, 64, "\n")},
			{"lines that divide groups", inLines(padded, 65, "\r\n")},
			{"a line for each character", inLines(padded, 1, "\n")},
			{"old line ends", inLines(raw, 50, "\r")},
			{"line breaks around it", "\r\n\n" + padded + "\n\n\n\n"},
			{"line breaks in the padding", strings.ReplaceAll(padded, "=", "\n=\r\n")},
			{"data URL in lines", "data:image/png;base64,\n" + inLines(padded, 76, "\r\n")},
		} {
			for _, codec := range []Codec{SIMD, Std} {
				d := New(codec, true)
				if got, err := decodeAll(d, []byte(tc.text)); err != nil || !bytes.Equal(got, image) {
					t.Errorf("%s, %s: %d bytes came back as %d, error %v", tc.name, codec, n, len(got), err)
				}
				if got := d.Len([]byte(tc.text)); got != n {
					t.Errorf("%s: Len: got %d, want %d", tc.name, got, n)
				}
			}
		}
	}
}

// Every byte in a text long enough for the vector loop and its scalar rest, at
// positions that are in every part of a group and of both halves of a vector.
func TestCodecsAgreeOnEveryByte(t *testing.T) {
	for position := 0; position < 96; position += 5 {
		for c := range 256 {
			text := bytes.Repeat([]byte("Zm9v"), 24)
			text[position] = byte(c)
			checkText(t, text)
		}
	}
}

func TestDecoderDoesNotAllocate(t *testing.T) {
	text := base64.StdEncoding.EncodeToString(randomImage(10_000))
	dst := make([]byte, MaxLen(2*len(text)))
	for _, tc := range decoders {
		d := New(tc.codec, tc.lenient)
		forms := []string{text, "data:image/png;base64," + text}
		if tc.lenient {
			forms = append(forms, inLines(text, 76, "\r\n"), strings.TrimRight(text, "="))
		}
		for i, form := range forms {
			message := []byte(form)
			if got := testing.AllocsPerRun(10, func() {
				if _, err := d.Decode(dst, message); err != nil {
					t.Error(err)
				}
			}); got != 0 {
				t.Errorf("%s, form %d: got %v allocations, want 0", tc.name, i, got)
			}
		}
	}
}

func TestDecoderLeavesTheRestAlone(t *testing.T) {
	for _, tc := range decoders {
		for n := 1; n < 200; n++ {
			text := []byte(base64.StdEncoding.EncodeToString(randomImage(n)))
			dst := bytes.Repeat([]byte{0xa5}, MaxLen(len(text))+64)
			if _, err := New(tc.codec, tc.lenient).Decode(dst, text); err != nil {
				t.Fatal(err)
			}
			if rest := dst[MaxLen(len(text)):]; bytes.Count(rest, []byte{0xa5}) != len(rest) {
				t.Errorf("%s: %d bytes: wrote beyond MaxLen", tc.name, n)
			}
		}
	}
}

func TestParseCodec(t *testing.T) {
	for _, tc := range []struct {
		name  string
		valid bool
	}{{"simd", true}, {"std", true}, {"", false}, {"SIMD", false}, {"base64", false}} {
		if got, err := ParseCodec(tc.name); (err == nil) != tc.valid || tc.valid && string(got) != tc.name {
			t.Errorf("%q: got %q, error %v, want it valid: %v", tc.name, got, err, tc.valid)
		}
	}
}

// inLines returns text with a line break after every n characters.
func inLines(text string, n int, br string) string {
	var b strings.Builder
	for len(text) > n {
		b.WriteString(text[:n] + br)
		text = text[n:]
	}
	return b.String() + text + br
}
