package decoder

import (
	"errors"
	"strings"
	"testing"
)

// faultCase is a text and what each kind of decoder finds wrong with it; empty:
// nothing.
type faultCase struct {
	name, text    string
	offset        int
	strict        string
	lenientOffset int
	lenient       string
}

func TestDecoderSaysWhatIsWrongAndWhere(t *testing.T) {
	const (
		early    = "too early; pad"
		follows  = "follows the padding"
		alphabet = "not in the alphabet"
		bits     = "bits set"
	)
	long := strings.Repeat("AAAA", 50) // enough for the vector loop
	for _, tc := range []faultCase{
		{"line feed", "AAA\n", 3, "line break", 0, ""},
		{"carriage return", "AA\r\nAAAA", 2, "line break", 0, ""},
		{"four line feeds, which add up", "AAAA\n\n\n\n", 4, "line break", 0, ""},
		{"line feed at the end", "AAAA\n", 4, "line break", 0, ""},
		{"line feed in padding", "AA=\n=\n\n\n", 3, follows, 0, ""},
		{"line feed after padding", "AA==\n", 4, follows, 0, ""},
		{"space", "AAAA AAA", 4, alphabet, 4, alphabet},
		{"tab", "AAAA\tAAA", 4, alphabet, 4, alphabet},
		{"space after padding", "AA== ", 4, follows, 4, follows},
		{"character of no alphabet", "AA*A", 2, alphabet, 2, alphabet},
		{"colon", "AAAA:AAA", 4, alphabet, 4, alphabet},
		{"byte that is not ASCII", "AAA\xff", 3, alphabet, 3, alphabet},
		{"zero byte", "A\x00AA", 1, alphabet, 1, alphabet},
		{"minus of the URL alphabet", "AA-A", 2, "of the URL alphabet; send", 0, ""},
		{"underscore of the URL alphabet", "AAA_", 3, "of the URL alphabet; send", 0, ""},
		{"URL after standard", "A+AA\nA_AA", 4, "line break", 6, "after + or /"},
		{"standard after URL", "-AAAA/AA", 0, "of the URL alphabet; send", 5, "after - or _"},
		{"standard far after URL, amid much", "-AAA" + long + "/AAA" + long, 0, "of the URL alphabet; send", 204, "after - or _"},
		{"one character too many", "AAAAA", 5, "middle of a byte", 5, "middle of a byte"},
		{"no padding for one byte", "AAAAAA", 6, early, 0, ""},
		{"no padding for two bytes", "AAAAAAA", 7, early, 0, ""},
		{"half the padding", "AAAAAA=", 7, early, 7, early},
		{"half the padding and a line break", "AAAAAA=\n", 7, follows, 8, early},
		{"padding alone", "====", 0, "padding where", 0, "padding where"},
		{"padding too early", "A===", 1, "padding where", 1, "padding where"},
		{"too much padding", "AA===", 4, follows, 4, follows},
		{"trailing bits of one byte", "AB==", 1, bits, 1, bits},
		{"trailing bits of two bytes", "AAB=", 2, bits, 2, bits},
		{"trailing bits before a line break", "AB\n==", 2, "line break", 1, bits},
		{"trailing bits without padding", "AAB", 3, early, 2, bits},
		{"trailing bits of the URL alphabet", "A_==", 1, "of the URL alphabet; send", 1, bits},
		{"something after the padding", "AA==AAAA", 4, follows, 4, follows},
		{"a letter within the padding", "AA=A", 3, follows, 3, follows},
		{"padding in the middle", "AAA=AAAA", 4, follows, 4, follows},
	} {
		for _, prefix := range []string{"", long, "data:image/png;base64,", "data:;base64," + long} {
			for _, d := range decoders {
				offset, what := tc.offset, tc.strict
				if d.lenient {
					offset, what = tc.lenientOffset, tc.lenient
				}
				t.Run(tc.name+"/"+d.name, func(t *testing.T) {
					_, err := decodeAll(New(d.codec, d.lenient), []byte(prefix+tc.text))
					checkFault(t, err, "invalid Base64", offset+len(prefix), what)
				})
			}
		}
	}
}

func TestDecoderRefusesNoImage(t *testing.T) {
	for _, tc := range []struct {
		name, text      string
		offset          int
		strict, lenient string
	}{
		{"nothing", "", 0, "empty image", "empty image"},
		{"line breaks alone", "\r\n\r\n", 0, "line break", "empty image"},
		{"data URL without payload", "data:image/png;base64,", 22, "empty image", "empty image"},
	} {
		for _, d := range decoders {
			what := tc.strict
			if d.lenient {
				what = tc.lenient
			}
			t.Run(tc.name+"/"+d.name, func(t *testing.T) {
				_, err := decodeAll(New(d.codec, d.lenient), []byte(tc.text))
				checkFault(t, err, "invalid Base64", tc.offset, what)
			})
		}
	}
}

// checkFault wants a fault of a form at an offset that says what; of "" none.
func checkFault(t *testing.T, err error, form string, offset int, what string) {
	t.Helper()
	if what == "" {
		if err != nil {
			t.Errorf("got error %v, want none", err)
		}
		return
	}
	fault, ok := errors.AsType[*Fault](err)
	if !ok {
		t.Fatalf("got error %v, want a fault: %s", err, what)
	}
	if fault.Offset != offset {
		t.Errorf("offset: got %d, want %d (%v)", fault.Offset, offset, err)
	}
	if !strings.HasPrefix(err.Error(), form) || !strings.Contains(fault.What, what) {
		t.Errorf("got %q, want it to say %q and %q", err, form, what)
	}
	// A close frame has room for 123 bytes; a long offset is in that.
	if len(err.Error()) > 123 {
		t.Errorf("%q has %d bytes, too many for a close frame", err, len(err.Error()))
	}
}
