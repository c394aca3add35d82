package decoder

import (
	"encoding/base64"
	"strings"
	"testing"
)

func TestLengthsAreTheLibrarys(t *testing.T) {
	for n := range 300 {
		if got, want := EncodedLen(int64(n)), int64(base64.StdEncoding.EncodedLen(n)); got != want {
			t.Errorf("EncodedLen(%d): got %d, want %d", n, got, want)
		}
		if got, want := MaxLen(n), base64.RawStdEncoding.DecodedLen(n); got != want {
			t.Errorf("MaxLen(%d): got %d, want %d", n, got, want)
		}
	}
}

func TestLenIsTheImages(t *testing.T) {
	for n := range 300 {
		text := base64.StdEncoding.EncodeToString(randomImage(n))
		for _, lenient := range []bool{false, true} {
			d := New(SIMD, lenient)
			for _, form := range []string{text, "data:image/png;base64," + text} {
				if got := d.Len([]byte(form)); got != n {
					t.Errorf("lenient %v, %q: got %d, want %d", lenient, form, got, n)
				}
			}
		}
	}
}

func TestMaxTextHoldsWhatIsCommon(t *testing.T) {
	head := "data:image/svg+xml;charset=utf-8;base64,"
	for _, n := range []int{1, 2, 3, 47, 48, 49, 57, 10_000} {
		text := base64.StdEncoding.EncodeToString(randomImage(n))
		for _, tc := range []struct {
			name, text string
			lenient    bool
		}{
			{"data URL", head + text, false},
			{"longest head", head[:5] + strings.Repeat("x", maxHead-13) + ";base64," + text, false},
			{"longest head, lines of PEM", head[:5] + strings.Repeat("x", maxHead-13) + ";base64," + inLines(text, 64, "\r\n"), true},
			{"lines of MIME", inLines(text, 76, "\r\n"), true},
		} {
			d := New(SIMD, tc.lenient)
			if _, err := decodeAll(d, []byte(tc.text)); err != nil {
				t.Errorf("%s of %d bytes: %v", tc.name, n, err)
			}
			if got, want := d.MaxText(int64(n)), int64(len(tc.text)); got < want {
				t.Errorf("%s of %d bytes: MaxText is %d, the text has %d", tc.name, n, got, want)
			}
		}
	}
}
