package decoder

import (
	"bytes"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
)

// FuzzDecoder holds every decoder to the plain rules, to encoding/base64 where
// its rules are the same, and the codecs to each other.
func FuzzDecoder(f *testing.F) {
	for _, s := range []string{
		"", "AAAA", "AA==", "AB==", "AAA=", "AA", "A-_A", "A+_A", "AA\n==", "AAAA\n\n\n\n",
		strings.Repeat("Zm9v", 40) + "AA==", inLines(strings.Repeat("Zm9v", 40), 50, "\r\n"),
		strings.Repeat("Zm9_", 40), strings.Repeat("Zm9/", 20) + "_" + strings.Repeat("Zm9v", 20),
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(checkText)
}

// FuzzDataURL varies the head of a data URL and its payload apart: few inputs
// that a fuzzer makes up begin with data:.
func FuzzDataURL(f *testing.F) {
	for _, s := range []string{"image/png;base64,", ";base64,", ",", "image/png,", "a;b=c;BASE64,", ";base64;x,", strings.Repeat("x", 300)} {
		f.Add([]byte(s), []byte("Zm9v"))
	}
	f.Fuzz(func(t *testing.T, head, payload []byte) {
		checkText(t, join(scheme, head, payload))
		checkText(t, join("dAtA:", head, []byte(";base64,"), payload))
	})
}

func join(scheme string, parts ...[]byte) []byte {
	return append([]byte(scheme), bytes.Join(parts, nil)...)
}

// checkText checks all that is promised of a text, valid or not.
func checkText(t *testing.T, text []byte) {
	t.Helper()
	for _, lenient := range []bool{false, true} {
		want, valid := reference(t, string(text), lenient)
		if len(text) > 0 && !lenient && !bytes.Contains(text, []byte(":")) && !bytes.ContainsAny(text, "\r\n") {
			image, err := base64.StdEncoding.Strict().DecodeString(string(text))
			if (err == nil) != valid || valid && !bytes.Equal(image, want) {
				t.Fatalf("%q: the reference says %v, encoding/base64 %v", text, valid, err)
			}
		}
		var offsets []int
		for _, codec := range []Codec{SIMD, Std} {
			d := New(codec, lenient)
			got, err := decodeAll(d, text)
			if (err == nil) != valid {
				t.Fatalf("%s, lenient %v: %q: got error %v, valid: %v", codec, lenient, text, err, valid)
			}
			if length := d.Len(text); length < 0 || length > MaxLen(len(text)) || valid && length != len(want) {
				t.Errorf("%s, lenient %v: %q: Len says %d, valid: %v, want %d", codec, lenient, text, length, valid, len(want))
			}
			if valid {
				if !bytes.Equal(got, want) {
					t.Errorf("%s, lenient %v: %q: got %x, want %x", codec, lenient, text, got, want)
				}
				continue
			}
			fault, ok := errors.AsType[*Fault](err)
			if !ok || fault.Offset < 0 || fault.Offset > len(text) {
				t.Fatalf("%s, lenient %v: %q: got error %v, want a fault within the text", codec, lenient, text, err)
			}
			offsets = append(offsets, fault.Offset)
		}
		if !valid && offsets[0] != offsets[1] {
			t.Errorf("lenient %v: %q: the codecs find faults at %d and %d", lenient, text, offsets[0], offsets[1])
		}
	}
}
