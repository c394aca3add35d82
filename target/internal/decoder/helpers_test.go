package decoder

import (
	"encoding/base64"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
)

// decoders are both codecs of each kind of decoder.
var decoders = []struct {
	name    string
	lenient bool
	codec   Codec
}{
	{"strict/simd", false, SIMD},
	{"strict/std", false, Std},
	{"lenient/simd", true, SIMD},
	{"lenient/std", true, Std},
}

func decodeAll(d Decoder, text []byte) ([]byte, error) {
	dst := make([]byte, MaxLen(len(text)))
	n, err := d.Decode(dst, text)
	return dst[:n], err
}

func randomImage(n int) []byte {
	rnd := rand.New(rand.NewPCG(7, uint64(n)))
	image := make([]byte, n)
	for i := range image {
		image[i] = byte(rnd.Uint32())
	}
	return image
}

// The rules once more, as slow and plain as can be: what is left of a text
// without its head and, if lenient, its line breaks.
var (
	headRule     = regexp.MustCompile("^[dD][aA][tT][aA]:[A-Za-z0-9!#$%&'*+.^_`|~/;=-]*;[bB][aA][sS][eE]64,")
	strictRule   = regexp.MustCompile(`^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$`)
	lenientRules = []*regexp.Regexp{
		regexp.MustCompile(`^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/][AQgw](==)?|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=?)?$`),
		regexp.MustCompile(`^([A-Za-z0-9_-]{4})*([A-Za-z0-9_-][AQgw](==)?|[A-Za-z0-9_-]{2}[AEIMQUYcgkosw048]=?)?$`),
	}
)

// reference returns the image in text, and whether there is one.
func reference(t *testing.T, text string, lenient bool) (image []byte, valid bool) {
	t.Helper()
	if len(text) >= 5 && strings.EqualFold(text[:5], "data:") {
		head := headRule.FindString(text)
		if head == "" || len(head) > 256 {
			return nil, false
		}
		text = text[len(head):]
	}
	rules := []*regexp.Regexp{strictRule}
	if lenient {
		rules = lenientRules
		text = strings.NewReplacer("\r", "", "\n", "").Replace(text)
	}
	for _, rule := range rules {
		if text != "" && rule.MatchString(text) {
			text = strings.NewReplacer("-", "+", "_", "/", "=", "").Replace(text)
			image, err := base64.RawStdEncoding.Strict().DecodeString(text)
			if err != nil {
				t.Fatalf("the reference refuses %q, which matches its rule: %v", text, err)
			}
			return image, true
		}
	}
	return nil, false
}
