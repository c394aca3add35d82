package decoder

import "fmt"

// Fault is the first thing wrong with a text.
type Fault struct {
	Offset int    // in bytes of the message as it came
	What   string // is wrong, and what to do

	form string // of the part that is wrong
}

func (f *Fault) Error() string {
	return fmt.Sprintf("invalid %s at byte %d: %s", f.form, f.Offset, f.What)
}

func textFault(offset int, what string) *Fault { return &Fault{offset, what, "Base64"} }

func urlFault(offset int, what string) *Fault { return &Fault{offset, what, "data URL"} }

const tooEarly = "it ends too early; pad it with = to a multiple of 4 bytes"

// findFault looks a faulty text through. It is slower than the libraries and
// tells what they don't: an offset from the beginning, whatever decoded the
// part before it.
func (d Decoder) findFault(text []byte) *Fault {
	var (
		chars, last   int  // how many characters so far, and where the last is
		standard, url bool // which alphabet they are of, if it is known
	)
	for i, c := range text {
		switch {
		case 'A' <= c && c <= 'Z', 'a' <= c && c <= 'z', '0' <= c && c <= '9':
		case (c == '+' || c == '/') && !url:
			standard = true
		case (c == '-' || c == '_') && !standard && d.lenient:
			url = true
		case isBreak(c) && d.lenient:
			continue
		case c == '=':
			return d.paddingFault(text, i, chars, last)
		default:
			return textFault(i, stray(c, d.lenient))
		}
		chars, last = chars+1, i
	}
	switch {
	case chars == 0:
		return textFault(0, "empty image")
	case chars%4 == 1:
		return textFault(len(text), "it ends too early, in the middle of a byte")
	case !d.lenient && chars%4 != 0:
		return textFault(len(text), tooEarly)
	}
	return bitsFault(last)
}

// stray says why c is no character of its text.
func stray(c byte, lenient bool) string {
	switch {
	case c == '+' || c == '/':
		return fmt.Sprintf("%q is of the standard alphabet, after - or _ of the URL alphabet; send one of them", c)
	case (c == '-' || c == '_') && lenient:
		return fmt.Sprintf("%q is of the URL alphabet, after + or / of the standard one; send one of them", c)
	case c == '-' || c == '_':
		return fmt.Sprintf("%q is of the URL alphabet; send the standard one, with + and /", c)
	case isBreak(c):
		return "line break; send it unbroken"
	}
	return fmt.Sprintf("%+q is not in the alphabet", rune(c))
}

// paddingFault judges a text whose padding begins at byte i, after so many
// characters, the last of them at byte last.
func (d Decoder) paddingFault(text []byte, i, chars, last int) *Fault {
	if chars%4 < 2 {
		return textFault(i, "padding where a character belongs")
	}
	missing := 4 - chars%4
	for ; i < len(text); i++ {
		switch c := text[i]; {
		case c == '=' && missing > 0:
			missing--
		case d.lenient && isBreak(c):
		default:
			return textFault(i, "something follows the padding")
		}
	}
	if missing > 0 {
		return textFault(len(text), tooEarly)
	}
	return bitsFault(last)
}

// bitsFault is what is left when nothing else is wrong (RFC 4648 section 3.5):
// the last character, at byte i, is one of 2 or 3 that make less than 3 bytes.
func bitsFault(i int) *Fault { return textFault(i, "bits set beyond the last byte") }

func isBreak(c byte) bool { return c == '\r' || c == '\n' }
