package machine

import (
	"runtime"
	"testing"
)

func TestParseResident(t *testing.T) {
	for name, c := range map[string]struct {
		in   string
		want uint64
		ok   bool
	}{
		"a process":            {"765 445 417 5 0 123 0\n", 445 * 4096, true},
		"a very large one":     {"268435456 134217728 417 5 0 123 0\n", 512 << 30, true},
		"one number":           {"765\n", 0, false},
		"no memory at all":     {"0 0 0 0 0 0 0\n", 0, false},
		"more than there can":  {"1 18446744073709551615 0\n", 0, false},
		"not a number":         {"765 many\n", 0, false},
		"a file that is empty": {"", 0, false},
	} {
		got, ok := parseResident(c.in, 4096)
		if ok != c.ok || ok && got != c.want {
			t.Errorf("%s: got %d, %v, want %d, %v", name, got, ok, c.want, c.ok)
		}
	}
}

func TestResidentGrowsWithWhatIsUsed(t *testing.T) {
	before, ok := Resident()
	if !ok || before < 1<<20 {
		t.Fatalf("got %d, %v of a Go program", before, ok)
	}
	used := make([]byte, 64<<20)
	for i := 0; i < len(used); i += 4096 {
		used[i] = 1
	}
	if after, _ := Resident(); after < before+48<<20 {
		t.Errorf("got %d bytes after 64 MiB were used, and %d before", after, before)
	}
	runtime.KeepAlive(used)
}
