package store

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func openKeep(t testing.TB, kind Kind, dir string, keep Keep) Store {
	t.Helper()
	st, err := Open(kind, dir, keep)
	if err != nil {
		t.Fatal(err)
	}
	return st
}

func mustClose(t testing.TB, closers ...interface{ Close() error }) {
	t.Helper()
	for _, c := range closers {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
}

// texts returns what the files in dir say, sorted.
func texts(t testing.TB, dir string) []string {
	t.Helper()
	var all []string
	for _, content := range contents(t, dir) {
		all = append(all, string(content))
	}
	slices.Sort(all)
	return all
}

func expectTexts(t testing.TB, dir, when string, want ...string) {
	t.Helper()
	if got := texts(t, dir); !slices.Equal(got, want) {
		t.Errorf("%s: got the images %q, want %q", when, got, want)
	}
}

func TestParseSync(t *testing.T) {
	for _, want := range []Sync{SyncNever, SyncFile, SyncDir} {
		if got, err := ParseSync(string(want)); err != nil || got != want {
			t.Errorf("ParseSync(%q): got %q, %v", want, got, err)
		}
	}
	for _, s := range []string{"", "always", "FILE"} {
		if _, err := ParseSync(s); err == nil || !strings.Contains(err.Error(), "never, file or dir") {
			t.Errorf("ParseSync(%q): got error %v, want one that lists the ways", s, err)
		}
	}
}

func TestKeepTellsAllItsFaults(t *testing.T) {
	if err := (Keep{}).Validate(); err != nil {
		t.Errorf("the zero value: got error %v", err)
	}
	err := Keep{Images: -1, Bytes: -1, Sync: "often"}.Validate()
	if err == nil || strings.Count(err.Error(), "\n") != 2 {
		t.Errorf("got error %v, want three faults", err)
	}
	if _, opened := Open(Files, t.TempDir(), Keep{Images: -1}); opened == nil {
		t.Error("Open takes a faulty Keep")
	}
}

func TestStoresThatDoNotWriteKeepNothing(t *testing.T) {
	for _, kind := range []Kind{Discard, Off} {
		for _, keep := range []Keep{{Images: 1}, {Bytes: 1}, {Sync: SyncFile}} {
			if _, err := Open(kind, "", keep); err == nil || !strings.Contains(err.Error(), "for stores that write") {
				t.Errorf("%s with %+v: got error %v, want one that says which stores can", kind, keep, err)
			}
		}
		if _, err := Open(kind, "", Keep{Sync: SyncNever}); err != nil {
			t.Errorf("%s with a Keep that asks for nothing: %v", kind, err)
		}
	}
}

func TestEverySyncSaves(t *testing.T) {
	for _, kind := range []Kind{Files, Latest} {
		for _, sync := range []Sync{"", SyncNever, SyncFile, SyncDir} {
			if sync == SyncDir && !canSyncFolders {
				if _, err := Open(kind, t.TempDir(), Keep{Sync: sync}); err == nil {
					t.Errorf("%s, sync %s: got no error from a system that can't", kind, sync)
				}
				continue
			}
			dir := t.TempDir()
			st := openKeep(t, kind, dir, Keep{Sync: sync})
			s := st.Session(1)
			mustSave(t, s, jpg, bytes.Repeat(png, 9), png)
			mustClose(t, s, st)
			got := texts(t, dir)
			if want := map[Kind]int{Files: 3, Latest: 1}[kind]; len(got) != want || !slices.Contains(got, string(png)) {
				t.Errorf("%s, sync %q: got the images %q, want %d with the last among them", kind, sync, got, want)
			}
		}
	}
}

func TestFilesBeyondTheBoundGoOldestFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		st := openKeep(t, Files, dir, Keep{Images: 3})
		one, two := st.Session(1), st.Session(2)
		for i := range 4 {
			mustSave(t, one, fmt.Append(nil, "one ", i))
			mustSave(t, two, fmt.Append(nil, "two ", i))
		}
		synctest.Wait()
		expectTexts(t, dir, "by number", "one 3", "two 2", "two 3")
		mustClose(t, one, two, st)
	})
}

func TestFilesOfEarlierRunsCount(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"holiday.jpg", ".wsimg-notes", "20260102-030405-0123abcd-c7-01.jpg"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("foreign"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for run := range 3 {
		kind := []Kind{Files, Latest, Files}[run]
		st := openKeep(t, kind, dir, Keep{})
		s := st.Session(1)
		for i := range 3 {
			mustSave(t, s, fmt.Append(nil, "run ", run, " image ", i))
		}
		mustClose(t, s, st)
		// File clocks are coarse: tell the runs apart.
		aged := time.Now().Add(time.Duration(run-10) * time.Minute)
		for name, content := range contents(t, dir) {
			if strings.HasPrefix(string(content), fmt.Sprint("run ", run)) {
				if err := os.Chtimes(filepath.Join(dir, name), aged, aged); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	foreign := []string{"foreign", "foreign", "foreign"}
	mustClose(t, openKeep(t, Files, dir, Keep{Images: 5}))
	expectTexts(t, dir, "by number", append(slices.Clone(foreign),
		"run 0 image 2", "run 1 image 2", "run 2 image 0", "run 2 image 1", "run 2 image 2")...)
	mustClose(t, openKeep(t, Latest, dir, Keep{Bytes: 2 * blockBytes}))
	expectTexts(t, dir, "by size", append(slices.Clone(foreign), "run 2 image 1", "run 2 image 2")...)
}

func TestLatestOfConnectionsThatEndedGoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		st := openKeep(t, Latest, dir, Keep{Images: 3})
		first := st.Session(0)
		mustSave(t, first, []byte("lives"))
		for id := range uint64(200) {
			s := st.Session(id + 1)
			mustSave(t, s, []byte("before"), fmt.Append(nil, "of ", id))
			mustClose(t, s)
		}
		synctest.Wait()
		expectTexts(t, dir, "after 200 connections in turn", "lives", "of 198", "of 199")
		mustClose(t, first, st)
	})
}

func TestWhatIsKeptStaysBoundedUnderLoad(t *testing.T) {
	dir := t.TempDir()
	const bound, savers = 64, 4
	const limit = bound + bound/slackShare + savers
	st := openKeep(t, Files, dir, Keep{Images: bound})
	kept := st.(*files).folder.kept
	var all sync.WaitGroup
	for id := range uint64(savers) {
		all.Go(func() {
			s := st.Session(id)
			for range 500 {
				if err := s.Save(t.Context(), jpg); err != nil {
					t.Error(err)
				}
				kept.mu.Lock()
				got := kept.ended.len
				kept.mu.Unlock()
				if got > limit {
					t.Errorf("got %d files, want at most %d", got, limit)
				}
			}
		})
	}
	all.Wait()
	mustClose(t, st)
	if books, got := kept.ended.len, len(contents(t, dir)); got != books {
		t.Errorf("got %d files in the folder, want the %d on the books", got, books)
	}
}
