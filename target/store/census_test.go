package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
	"unsafe"
)

// entry is a file in a folder.
type entry struct {
	name string
	at   time.Time
}

func (e entry) Name() string               { return e.name }
func (e entry) IsDir() bool                { return false }
func (e entry) Type() fs.FileMode          { return 0 }
func (e entry) Info() (fs.FileInfo, error) { return e, nil }
func (e entry) Size() int64                { return 1 }
func (e entry) Mode() fs.FileMode          { return fileMode }
func (e entry) ModTime() time.Time         { return e.at }
func (e entry) Sys() any                   { return nil }

func TestACensusKeepsTheNewestOfAnyNumber(t *testing.T) {
	const all, most = 20_000, 500
	c := newCensus("20260102-030405-0123abcd")
	surplus := map[uint64]bool{}
	longest := 0
	for i := range uint64(all) {
		n := i*7919%all + 1 // in disorder, as folders are
		name := saved{session: 1, sequence: n}.name("20250102-030405-0123abcd")
		must(t, c.add(entry{name, time.Unix(int64(n), 0)}))
		longest = max(longest, len(c.files))
		for _, s := range c.surplus(most) {
			surplus[s.sequence] = true
		}
	}
	if bound := most + chunkLength; longest > bound {
		t.Errorf("got up to %d files on the books, want at most %d", longest, bound)
	}
	left := slices.Collect(c.oldestFirst())
	if got := len(left) + len(surplus); got != all {
		t.Errorf("got %d files kept and surplus, want %d", got, all)
	}
	for i, s := range slices.Backward(left) {
		if want := uint64(all - (len(left) - 1 - i)); i >= len(left)-most && s.sequence != want {
			t.Fatalf("got image %d in place %d of %d, want %d", s.sequence, i, len(left), want)
		}
	}
	if got := unsafe.Sizeof(counted{}); got != 40 {
		t.Errorf("got %d bytes a file, want the 40 that the documentation promises", got)
	}
}

func TestAFolderOfFarMoreThanTheBoundIsOpened(t *testing.T) {
	dir := t.TempDir()
	const start, all = "20260102-030405-0123abcd", chunkLength + 300
	for i := range uint64(all) {
		path := filepath.Join(dir, saved{session: 1, sequence: i + 1}.name(start))
		must(t, os.WriteFile(path, fmt.Append(nil, i+1), 0o600))
		must(t, os.Chtimes(path, time.Time{}, time.Unix(int64(i), 0)))
	}
	mustClose(t, openKeep(t, Files, dir, Keep{Images: 2}))
	expectTexts(t, dir, "within its bound", fmt.Sprint(all-1), fmt.Sprint(all))
}

func TestMemoryBound(t *testing.T) {
	const perFile = 96
	for _, tc := range []struct {
		name  string
		keep  Keep
		files int64 // that the bounds allow; 0: there are none
	}{
		{"no bound", Keep{Sync: SyncDir}, 0},
		{"by number", Keep{Images: 1000}, 1000},
		{"by size", Keep{Bytes: 100e6}, 24_414},
		{"less than a block", Keep{Bytes: 1}, 1},
		{"what is reached first: number", Keep{Images: 1000, Bytes: 100e6}, 1000},
		{"what is reached first: size", Keep{Images: 1e6, Bytes: 100e6}, 24_414},
	} {
		want := perFile * (tc.files + chunkLength)
		if tc.files == 0 {
			want = 0
		}
		if got := tc.keep.MemoryBound(); got != want {
			t.Errorf("%s: got %d bytes, want %d", tc.name, got, want)
		}
	}
	if got := (Keep{Images: int(^uint(0) >> 1)}).MemoryBound(); got <= 0 {
		t.Errorf("the largest bound: got %d bytes, want no overflow", got)
	}
}

func TestOnDisk(t *testing.T) {
	for length, want := range map[int64]int64{0: 4096, 1: 4096, 4096: 4096, 4097: 8192, 100_000: 102_400} {
		if got := onDisk(length); got != want {
			t.Errorf("%d bytes: got %d on the disk, want %d", length, got, want)
		}
	}
}

func TestTinyImagesCountAsBlocks(t *testing.T) {
	for _, kind := range []Kind{Files, Latest} {
		dir := t.TempDir()
		st := openKeep(t, kind, dir, Keep{Bytes: 3 * blockBytes})
		for id := range uint64(10) {
			s := st.Session(id)
			mustSave(t, s, fmt.Append(nil, id))
			mustClose(t, s)
		}
		mustClose(t, st)
		mustClose(t, openKeep(t, kind, dir, Keep{Bytes: 3 * blockBytes})) // the census counts alike
		if got := len(contents(t, dir)); got != 3 {
			t.Errorf("%s: got %d files of one byte in three blocks, want 3", kind, got)
		}
		if got := folderOf(st).kept.size; got > 4*blockBytes {
			t.Errorf("%s: got %d bytes on the books", kind, got)
		}
	}
}

func TestForeignFilesSurviveTheSweep(t *testing.T) {
	dir := t.TempDir()
	must(t, os.Mkdir(filepath.Join(dir, ".wsimg-20260102-030405-0123abcd-c1.part"), 0o700))
	must(t, os.Mkdir(filepath.Join(dir, ".wsimg-x.part"), 0o700))
	foreign := []string{".wsimg-notes of mine.part", ".wsimg-20260102-030405-0123abcd-c01.part", ".wsimg-20260102-030405-0123abcd-x.part", ".wsimg-.part"}
	for _, name := range foreign {
		must(t, os.WriteFile(filepath.Join(dir, name), nil, 0o600))
	}
	ours := []string{partName(startName(time.Now())), partName(sessionName(startName(time.Now()), 7))}
	for _, name := range ours {
		must(t, os.WriteFile(filepath.Join(dir, name), nil, 0o600))
	}
	mustClose(t, openKeep(t, Files, dir, Keep{}))
	for _, name := range foreign {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Errorf("somebody else's file: %v", err)
		}
	}
	for _, name := range ours {
		if _, err := os.Stat(filepath.Join(dir, name)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is still there", name)
		}
	}
}
