package decoder

import (
	"strings"
	"testing"
)

func TestDataURL(t *testing.T) {
	const (
		notBase64 = "not Base64"
		stray     = "doesn't belong"
	)
	longest := "data:" + strings.Repeat("x", maxHead-13) + ";base64,"
	for _, tc := range []struct {
		name, head string
		offset     int
		what       string // "": it is a head
	}{
		{"type", "data:image/png;base64,", 0, ""},
		{"no type", "data:;base64,", 0, ""},
		{"upper case", "DATA:IMAGE/PNG;BASE64,", 0, ""},
		{"type with a suffix", "data:image/svg+xml;base64,", 0, ""},
		{"parameters", "data:image/png;a=b;charset=utf-8;base64,", 0, ""},
		{"longest", longest, 0, ""},
		{"one byte longer", "data:x" + longest[5:], 256, "no comma within 256"},
		{"not Base64, and nothing else", "data:,", 5, notBase64},
		{"not Base64, with a type", "data:image/png,", 14, notBase64},
		{"marker with something before", "data:image/pngbase64,", 20, notBase64},
		{"marker in the middle", "data:image/png;base64;a=b,", 25, notBase64},
		{"marker without its semicolon", "data:base64,", 11, notBase64},
		{"marker with a long s", "data:;ba\u017fe64,", 8, stray},
		{"space", "data:image/png; base64,", 15, stray},
		{"line break", "data:image/png;\r\nbase64,", 15, stray},
		{"zero byte", "data:\x00;base64,", 5, stray},
		{"escape", "data:\x1b[2J;base64,", 5, stray},
		{"delete", "data:a\x7f;base64,", 6, stray},
		{"quotes", `data:a;b="c";base64,`, 9, stray},
		{"a second colon", "data:data:;base64,", 9, stray},
		{"byte that is not ASCII", "data:\xc3\xa4;base64,", 5, stray},
	} {
		for _, d := range decoders {
			t.Run(tc.name+"/"+d.name, func(t *testing.T) {
				image, err := decodeAll(New(d.codec, d.lenient), []byte(tc.head+"Zm9v"))
				checkFault(t, err, "invalid data URL", tc.offset, tc.what)
				if want := "foo"; tc.what == "" && string(image) != want {
					t.Errorf("got %q, want %q", image, want)
				}
			})
		}
	}
}

func TestDataURLEndsBeforeItsComma(t *testing.T) {
	const head = "data:image/png;base64,"
	for end := len(scheme); end < len(head); end++ {
		_, err := decodeAll(New(SIMD, false), []byte(head[:end]))
		checkFault(t, err, "invalid data URL", end, "ends before its comma")
	}
}

func TestWhatIsNoDataURL(t *testing.T) {
	for _, tc := range []struct {
		name, text string
		offset     int
	}{
		{"another scheme", "http:Zm9v", 4},
		{"a space before it", " data:;base64,Zm9v", 0},
		{"part of the scheme", "dat:Zm9v", 3},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := decodeAll(New(SIMD, false), []byte(tc.text))
			checkFault(t, err, "invalid Base64", tc.offset, "not in the alphabet")
		})
	}
	if got, err := decodeAll(New(SIMD, false), []byte("dataZm9v")); err != nil || len(got) != 6 {
		t.Errorf("Base64 that begins with data: got %d bytes, error %v, want 6", len(got), err)
	}
}
