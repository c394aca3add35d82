package store

import (
	"math"
	"testing"
	"time"
	"unsafe"

	"pgregory.net/rapid"
)

func TestNamesTellWhatTheyAreMadeOf(t *testing.T) {
	start := startName(time.Now())
	rapid.Check(t, func(t *rapid.T) {
		want := saved{
			session:   rapid.Uint64().Draw(t, "session"),
			sequence:  rapid.Uint64().Draw(t, "sequence"),
			extension: extension(rapid.IntRange(0, len(extensions)-1).Draw(t, "extension")),
		}
		name := want.name(start)
		gotStart, got, ok := parseName(name)
		if !ok || gotStart != start || got != want {
			t.Errorf("%s: got %s %+v %v, want %s %+v", name, gotStart, got, ok, start, want)
		}
	})
}

func TestForeignNamesAreNotOurs(t *testing.T) {
	const good = "20260102-030405-0123abcd-c7-1.jpg"
	if _, _, ok := parseName(good); !ok {
		t.Fatalf("%s is not taken for ours", good)
	}
	for _, name := range []string{
		"", "a.jpg", "-c1-1.jpg",
		"20260102-030405-0123abcd",
		"20260102-030405-0123abcd-c7-1",
		"20260102-030405-0123abcd-c7-1.",
		"20260102-030405-0123abcd-c7-1.txt",
		"20260102-030405-0123abcd-c7-1.jpg.bak",
		"20260102-030405-0123abcd-c7-0.jpg",
		"20260102-030405-0123abcd-c7-01.jpg",
		"20260102-030405-0123abcd-c+7-1.jpg",
		"20260102-030405-0123abcd-c7-.jpg",
		"20260102-030405-0123abcd-c7-1-1.jpg",
		"20260102-030405-0123abcd-c-1.jpg",
		"20260102-030405-0123abcd-7-1.jpg",
		"20260102-030405-0123ABCD-c7-1.jpg",
		"20260102-030405-0123abcg-c7-1.jpg",
		"20261302-030405-0123abcd-c7-1.jpg",
		"20260102-990405-0123abcd-c7-1.jpg",
		" 20260102-030405-0123abcd-c7-1.jpg",
		"20260102-030405-0123abcd-c99999999999999999999-1.jpg",
	} {
		if _, _, ok := parseName(name); ok {
			t.Errorf("%q is taken for ours", name)
		}
	}
}

func TestStartsDiffer(t *testing.T) {
	now := time.Now()
	seen := map[string]bool{}
	for range 1000 {
		seen[startName(now)] = true
	}
	if len(seen) != 1000 {
		t.Errorf("got %d names of 1000 starts in one instant", len(seen))
	}
}

func TestARecordTakes32Bytes(t *testing.T) {
	if got := unsafe.Sizeof(saved{sequence: math.MaxUint64}); got != 32 {
		t.Errorf("got %d bytes, want the 32 that the documentation promises", got)
	}
}
