package machine

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestParseStatRecorded(t *testing.T) {
	for file, want := range map[string]stat{
		"stat-2cores": {cores: 2, tasks: 16636 + 0 + 4147, interrupts: 43, steal: 26},
		"stat-steal":  {cores: 4, tasks: 1013927 + 2211 + 381744, interrupts: 40211, steal: 297031},
		"stat-2.6.9":  {cores: 1, tasks: 8456 + 120 + 3310},
	} {
		b, err := os.ReadFile(filepath.Join("testdata", file))
		if err != nil {
			t.Fatal(err)
		}
		got, err := parseStat(b)
		if err != nil || got != want {
			t.Errorf("%s: got %+v, %v, want %+v", file, got, err, want)
		}
	}
}

func TestParseStatRefuses(t *testing.T) {
	for name, in := range map[string]string{
		"nothing":               "",
		"another file":          "intr 1 2 3\n",
		"cores without totals":  "cpu0 1 2 3 4\nintr 1\n",
		"too few columns":       "cpu  1 2 3\ncpu0 1 2 3\nintr 1\n",
		"a word for a number":   "cpu  1 2 x 4\ncpu0 1 2 3 4\nintr 1\n",
		"a negative number":     "cpu  1 2 -3 4\ncpu0 1 2 3 4\nintr 1\n",
		"a number beyond 64":    "cpu  99999999999999999999 2 3 4\ncpu0 1 2 3 4\nintr 1\n",
		"totals without a core": "cpu  1 2 3 4\nintr 1\n",
	} {
		if got, err := parseStat([]byte(in)); err == nil {
			t.Errorf("%s: got %+v, want an error", name, got)
		}
	}
}

// A core that was cut off would make every share too big.
func TestParseStatNoticesACut(t *testing.T) {
	whole := "cpu  9 8 7 6 5 4 3 2 1 0\ncpu0 5 4 3 2\ncpu1 4 4 4 4\nintr 12345\n"
	want, err := parseStat([]byte(whole))
	if err != nil {
		t.Fatal(err)
	}
	enough := strings.Index(whole, "intr") + len("int")
	for n := range len(whole) {
		got, err := parseStat([]byte(whole[:n]))
		switch {
		case n < enough && !errors.Is(err, errCut):
			t.Errorf("cut to %q: got %+v, %v, want errCut", whole[:n], got, err)
		case n >= enough && (err != nil || got != want):
			t.Errorf("cut to %q: got %+v, %v, want %+v", whole[:n], got, err, want)
		}
	}
}

// FuzzParseStat holds that what is understood is all that matters: the same
// figures written plainly read the same.
func FuzzParseStat(f *testing.F) {
	files, _ := filepath.Glob("testdata/stat-*")
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte("cpu  1 2 3 4 5 6 7 8 9\ncpu0 1\nctxt"))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := parseStat(b)
		if err != nil {
			if got != (stat{}) {
				t.Fatalf("got %+v beside %v", got, err)
			}
			return
		}
		if got.cores < 1 || got.cores > bytes.Count(b, []byte("\n")) {
			t.Fatalf("got %d cores of %q", got.cores, b)
		}
		plain := fmt.Sprintf("cpu  %d 0 0 0 0 %d 0 %d\n%sintr", got.tasks, got.interrupts, got.steal,
			strings.Repeat("cpu0\n", got.cores))
		if again, err := parseStat([]byte(plain)); err != nil || again != got {
			t.Fatalf("written plainly: got %+v, %v, want %+v", again, err, got)
		}
	})
}

func BenchmarkParseStat(b *testing.B) {
	in, err := os.ReadFile("testdata/stat-steal")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		parseStat(in)
	}
}
