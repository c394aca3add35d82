package payload

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Kind is the first word of a mode: what an image is turned into.
type Kind uint8

const (
	// Binary sends the raw bytes in a binary frame.
	Binary Kind = iota
	// Text sends Base64 in a text frame.
	Text
)

// String returns the word the kind has in a mode's name.
func (k Kind) String() string {
	if k == Text {
		return "text"
	}
	return "binary"
}

// Mode is how an image travels. The zero value is binary. Modes are plain
// values: compare them with ==, use them as map keys.
type Mode struct {
	Kind  Kind
	Codec CodecKind // of text; the zero value, SIMD, with binary
	// Deflate compresses messages, both ways, as permessage-deflate does (RFC
	// 7692). The zero value is uncompressed.
	Deflate Deflate
	// Copy tells modes of the same name apart: 0 is the first, 2 the second,
	// printed as #2. A mode beside itself is an A/A comparison.
	Copy int
}

// String returns the mode's name as ParseMode reads it: the kind, its suffixes
// sorted, its copy. A suffix that only says the default is left out: a mode
// parsed from text+codec=simd prints as text.
func (m Mode) String() string {
	name := strings.Join(append([]string{m.Kind.String()}, m.suffixes()...), "+")
	if m.Copy >= 2 {
		name += "#" + strconv.Itoa(m.Copy)
	}
	return name
}

// suffixes returns what follows the kind, sorted.
func (m Mode) suffixes() []string {
	var s []string
	if m.Kind == Text && m.Codec != SIMD {
		s = append(s, "codec="+m.Codec.String())
	}
	if m.Deflate.On {
		s = append(s, m.Deflate.String())
	}
	slices.Sort(s)
	return s
}

// ParseMode reads one mode: binary or text, then suffixes in any order, each
// after a +, then perhaps #2 or higher for a mode named more than once.
// The suffixes are codec=simd (the default) or codec=std, of text, and deflate
// or deflate=LEVEL, of both.
func ParseMode(name string) (Mode, error) {
	m, err := parseMode(name)
	if err != nil {
		return Mode{}, fmt.Errorf("mode %q: %w", name, err)
	}
	return m, nil
}

func parseMode(name string) (Mode, error) {
	var m Mode
	name, number, numbered := strings.Cut(name, "#")
	if numbered {
		n, err := strconv.Atoi(number)
		if err != nil || n < 2 || strconv.Itoa(n) != number {
			return Mode{}, fmt.Errorf("what follows # is the number of a repeated mode, 2 or higher, not %q", number)
		}
		m.Copy = n
	}
	parts := strings.Split(name, "+")
	switch parts[0] {
	case "binary":
		m.Kind = Binary
	case "text":
		m.Kind = Text
	default:
		return Mode{}, fmt.Errorf("%q is neither binary nor text; start with one of them", parts[0])
	}
	seen := make(map[string]bool)
	for _, suffix := range parts[1:] {
		key, value, given := strings.Cut(suffix, "=")
		if seen[key] {
			return Mode{}, fmt.Errorf("suffix %s is given twice; keep one", key)
		}
		seen[key] = true
		if err := m.set(key, value, given); err != nil {
			return Mode{}, err
		}
	}
	return m, nil
}

// set applies one suffix.
func (m *Mode) set(key, value string, given bool) error {
	switch key {
	case "codec":
		if m.Kind != Text {
			return fmt.Errorf("binary has no Base64, so no codec; leave %s=%s out or write text", key, value)
		}
		c, err := parseCodec(value)
		m.Codec = c
		return err
	case "deflate":
		d, err := parseDeflate(value, given)
		m.Deflate = d
		return err
	default:
		return fmt.Errorf("unknown suffix %q; text takes +codec=simd or +codec=std, and both take +deflate or +deflate=LEVEL", key)
	}
}

// ParseModes reads a list of modes. One that is named again is the next copy
// of itself: binary,binary is binary and binary#2. A number that is written
// out must be the one it would get.
func ParseModes(list []string) ([]Mode, error) {
	modes := make([]Mode, 0, len(list))
	count := make(map[Mode]int)
	for _, name := range list {
		m, err := ParseMode(name)
		if err != nil {
			return nil, err
		}
		written := m.Copy
		m.Copy = 0
		count[m]++
		n := count[m]
		if written != 0 && written != n {
			return nil, fmt.Errorf("mode %q: it is number %d of its name here; leave the # out, copies are numbered in order", name, n)
		}
		if n > 1 {
			m.Copy = n
		}
		modes = append(modes, m)
	}
	return modes, nil
}
