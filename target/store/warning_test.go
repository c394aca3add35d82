package store

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func warningsOf(st Store) []string { return st.(interface{ Warnings() []string }).Warnings() }

// privateFolder returns the path of a folder that the store will make.
func privateFolder(t testing.TB) string { return filepath.Join(t.TempDir(), "images") }

func TestWarnings(t *testing.T) {
	const GB = 1_000_000_000
	for _, tc := range []struct {
		name string
		mode os.FileMode // 0: the store makes the folder
		keep Keep
		free uint64
		want []string
	}{
		{name: "a folder of our own", keep: Keep{Bytes: 90 * GB}, free: 95 * GB},
		{name: "of its owner", mode: 0o755, free: 95 * GB},
		{name: "of a group", mode: 0o770, free: 95 * GB, want: []string{"mode 0770"}},
		{name: "of everybody", mode: 0o777, free: 95 * GB, want: []string{"mode 0777"}},
		{name: "a bound beyond the disk", keep: Keep{Bytes: 91 * GB}, free: 95 * GB, want: []string{"91.0 GB can't be reached: the disk has room for 90.0 GB"}},
		{name: "no bound in bytes", keep: Keep{Images: 1e9}, free: 6 * GB},
		{name: "both", mode: 0o777, keep: Keep{Bytes: 91 * GB}, free: 95 * GB, want: []string{"mode 0777", "91.0 GB"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir := privateFolder(t)
			if tc.mode != 0 {
				if runtime.GOOS == "windows" {
					t.Skip("Windows has no such modes")
				}
				must(t, os.Mkdir(dir, 0o700))
				must(t, os.Chmod(dir, tc.mode))
			}
			for _, kind := range []Kind{Files, Latest} {
				st, err := open(kind, dir, tc.keep, withSpace(func(string) (uint64, uint64, error) { return tc.free, 100 * GB, nil }))
				must(t, err)
				got := warningsOf(st)
				if len(got) != len(tc.want) {
					t.Fatalf("%s: got the warnings %q, want %d", kind, got, len(tc.want))
				}
				for i, want := range tc.want {
					if !strings.Contains(got[i], want) {
						t.Errorf("%s: got the warning %q, want %q in it", kind, got[i], want)
					}
				}
				mustClose(t, st)
			}
		})
	}
}

func TestWhatIsThereCountsTowardsTheBoundThatCanBeReached(t *testing.T) {
	room := headroom{free: 30, need: 10, known: true}
	if s, warn := warnOfBound(100, 80, room); warn {
		t.Errorf("80 held and 20 left of 100: got %q, want none", s)
	}
	if _, warn := warnOfBound(100, 79, room); !warn {
		t.Error("79 held and 20 left of 100: got no warning")
	}
	if s, warn := warnOfBound(100, 0, headroom{}); warn {
		t.Errorf("a system that does not tell: got %q, want none", s)
	}
}
