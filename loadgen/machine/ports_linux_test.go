package machine

import "testing"

func TestEphemeralPorts(t *testing.T) {
	n, ok := EphemeralPorts()
	if !ok || n < 1 || n > 65535 {
		t.Errorf("got %d, %v", n, ok)
	}
}

func TestParsePorts(t *testing.T) {
	for name, c := range map[string]struct {
		in   string
		want int
		ok   bool
	}{
		"the usual range":   {"32768\t60999\n", 28232, true},
		"one port":          {"5000 5000", 1, true},
		"the wrong way":     {"60999 32768", 0, false},
		"one number":        {"32768\n", 0, false},
		"beyond a port":     {"32768 70000", 0, false},
		"nothing":           {"", 0, false},
		"not a number":      {"a b", 0, false},
		"a negative number": {"-1 5", 0, false},
	} {
		if got, ok := parsePorts(c.in); got != c.want || ok != c.ok {
			t.Errorf("%s: got %d, %v, want %d, %v", name, got, ok, c.want, c.ok)
		}
	}
}
