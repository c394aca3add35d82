package payload

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseMode(t *testing.T) {
	for _, c := range []struct {
		name, in string
		want     Mode
		printed  string
	}{
		{"binary is the zero value", "binary", Mode{}, "binary"},
		{"text", "text", Mode{Kind: Text}, "text"},
		{"another codec", "text+codec=std", Mode{Kind: Text, Codec: Std}, "text+codec=std"},
		{"the default codec is not printed", "text+codec=simd", Mode{Kind: Text}, "text"},
		{"a copy", "binary#2", Mode{Copy: 2}, "binary#2"},
		{"compressed", "binary+deflate", Mode{Deflate: Deflate{On: true, Level: 1}}, "binary+deflate"},
		{"compressed, the default level spelt out", "binary+deflate=1", Mode{Deflate: Deflate{On: true, Level: 1}}, "binary+deflate"},
		{"suffixes are sorted", "text+deflate=-2+codec=std", Mode{Kind: Text, Codec: Std, Deflate: Deflate{On: true, Level: -2}}, "text+codec=std+deflate=-2"},
		{"a copy with a suffix", "text+codec=std#12", Mode{Kind: Text, Codec: Std, Copy: 12}, "text+codec=std#12"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := ParseMode(c.in)
			if err != nil || got != c.want {
				t.Fatalf("ParseMode(%q) = %+v, %v; want %+v", c.in, got, err, c.want)
			}
			if got.String() != c.printed {
				t.Errorf("ParseMode(%q) prints as %q, want %q", c.in, got, c.printed)
			}
		})
	}
}

func TestParseModeRefuses(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"nothing", "", "neither binary nor text"},
		{"another word", "base64", "neither binary nor text"},
		{"capitals", "Binary", "neither binary nor text"},
		{"a suffix alone", "codec=std", "neither binary nor text"},
		{"an unknown suffix of text", "text+zip", "text takes +codec=simd or +codec=std"},
		{"an unknown suffix of binary", "binary+zip", "both take +deflate"},
		{"an empty suffix", "text+", `unknown suffix ""`},
		{"a level above the highest", "text+deflate=10", "from -2"},
		{"a level that is none", "text+deflate=", "from -2"},
		{"a codec for binary", "binary+codec=std", "binary has no Base64"},
		{"an unknown codec", "text+codec=avx", "take simd or std"},
		{"no codec", "text+codec", "take simd or std"},
		{"a suffix twice", "text+codec=std+codec=simd", "given twice"},
		{"copy one", "text#1", "2 or higher"},
		{"a copy with zeros in front", "text#02", "2 or higher"},
		{"a copy with a sign", "text#+2", "2 or higher"},
		{"a copy without number", "text#", "2 or higher"},
		{"a suffix behind the copy", "text#2+codec=std", "2 or higher"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := ParseMode(c.in)
			if err == nil {
				t.Fatalf("ParseMode(%q) = %+v, want an error", c.in, m)
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("ParseMode(%q) fails with %q, want %q in it", c.in, err, c.want)
			}
		})
	}
}

func TestParseModes(t *testing.T) {
	for _, c := range []struct {
		name string
		in   []string
		want []string
	}{
		{"none", nil, []string{}},
		{"different ones keep their order", []string{"text", "binary"}, []string{"text", "binary"}},
		{"one twice", []string{"binary", "binary"}, []string{"binary", "binary#2"}},
		{"one thrice, another between", []string{"text", "binary", "text", "text"}, []string{"text", "binary", "text#2", "text#3"}},
		{"the same by another name", []string{"text", "text+codec=simd"}, []string{"text", "text#2"}},
		{"different codecs are different", []string{"text", "text+codec=std"}, []string{"text", "text+codec=std"}},
		{"the number it would get", []string{"binary", "binary#2"}, []string{"binary", "binary#2"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			modes, err := ParseModes(c.in)
			if err != nil {
				t.Fatal(err)
			}
			got := []string{}
			for _, m := range modes {
				got = append(got, m.String())
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("ParseModes(%q), -want +got:\n%s", c.in, diff)
			}
		})
	}
}

func TestParseModesRefuses(t *testing.T) {
	for _, c := range []struct {
		name string
		in   []string
		want string
	}{
		{"an unknown mode", []string{"binary", "gif"}, `mode "gif"`},
		{"a copy of nothing", []string{"text", "binary#2"}, "number 1 of its name"},
		{"a number out of order", []string{"binary", "binary#3"}, "number 2 of its name"},
		{"a number twice", []string{"text", "text#2", "text#2"}, "number 3 of its name"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := ParseModes(c.in)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("ParseModes(%q) = %v, %v; want an error with %q", c.in, got, err, c.want)
			}
		})
	}
}

func FuzzParseMode(f *testing.F) {
	for _, s := range []string{"binary", "text", "text+codec=std", "text+codec=simd#2", "binary+codec=std", "text#1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		m, err := ParseMode(s)
		if err != nil {
			return
		}
		if back, err := ParseMode(m.String()); err != nil || back != m {
			t.Fatalf("ParseMode(%q) = %+v, printed %q, parsed back as %+v, %v", s, m, m, back, err)
		}
	})
}
