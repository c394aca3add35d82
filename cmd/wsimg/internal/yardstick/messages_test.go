package yardstick

import (
	"bytes"
	"encoding/binary"
	"testing"
)

func TestMessages(t *testing.T) {
	for name, c := range map[string]struct{ size, want int }{
		"small":           {10_000, 64},
		"at the bound":    {500_000, 64},
		"over the bound":  {1_000_000, 32},
		"huge":            {40_000_000, 1},
		"empty":           {0, 64},
		"a single 1-byte": {1, 64},
	} {
		got := Messages(c.size, 1)
		if len(got) != c.want {
			t.Errorf("%s: got %d messages, want %d", name, len(got), c.want)
		}
		for i, m := range got {
			if n := binary.BigEndian.Uint32(m); len(m) != prefix+c.size || int(n) != c.size {
				t.Errorf("%s: message %d has %d bytes and says %d, want %d", name, i, len(m)-prefix, n, c.size)
			}
		}
	}
}

func TestMessagesDifferAndRepeat(t *testing.T) {
	a, again, other := Messages(1000, 1), Messages(1000, 1), Messages(1000, 2)
	if bytes.Equal(a[0], a[1]) {
		t.Error("two messages of a set are the same")
	}
	if !bytes.Equal(a[5], again[5]) {
		t.Error("the same seed gave other bytes")
	}
	if bytes.Equal(a[5], other[5]) {
		t.Error("another seed gave the same bytes")
	}
}
