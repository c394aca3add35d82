package store

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// inFolder runs a test of each kind that writes, with a saver that has saved an
// image already; the clock is a fake.
func inFolder(t *testing.T, keep Keep, test func(t *testing.T, dir string, s Saver)) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows removes and renames no folder that is open")
	}
	for _, kind := range []Kind{Files, Latest} {
		t.Run(string(kind), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				dir := filepath.Join(t.TempDir(), "images")
				st := openKeep(t, kind, dir, keep)
				s := st.Session(1)
				mustSave(t, s, []byte("a long one to begin with"))
				test(t, dir, s)
				mustClose(t, s, st)
			})
		})
	}
}

// withSpace is the system with another disk.
func withSpace(space freeSpace) system {
	sys := theSystem()
	sys.space = space
	return sys
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// expectGone expects an error that names the folder.
func expectGone(t *testing.T, s Saver, dir string) {
	t.Helper()
	err := s.Save(t.Context(), []byte("lost"))
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), dir) {
		t.Errorf("without the folder: got error %v, want one that names %s", err, dir)
	}
}

func TestAFolderThatIsRemovedIsMissedAndUsedAgainOnceBack(t *testing.T) {
	inFolder(t, Keep{}, func(t *testing.T, dir string, s Saver) {
		must(t, os.RemoveAll(dir))
		time.Sleep(checkEvery)
		expectGone(t, s, dir)
		expectGone(t, s, dir)
		must(t, os.Mkdir(dir, folderMode))
		mustSave(t, s, []byte("back"))
		expectTexts(t, dir, "once the folder is back", "back")
	})
}

func TestFilesMissesItsFolderAtOnce(t *testing.T) {
	inFolder(t, Keep{}, func(t *testing.T, dir string, s Saver) {
		if _, isFiles := s.(*filesSaver); !isFiles {
			return // its file is open: it finds out within a second
		}
		must(t, os.RemoveAll(dir))
		expectGone(t, s, dir)
		must(t, os.Mkdir(dir, folderMode))
		mustSave(t, s, []byte("back"))
	})
}

func TestAFolderThatIsExchangedSwallowsNothing(t *testing.T) {
	inFolder(t, Keep{Images: 2}, func(t *testing.T, dir string, s Saver) {
		aside := dir + ".old"
		must(t, os.Rename(dir, aside))
		must(t, os.Mkdir(dir, folderMode))
		time.Sleep(checkEvery)
		mustSave(t, s, []byte("new"))
		expectTexts(t, dir, "the new folder", "new")
		expectTexts(t, aside, "the old folder", "a long one to begin with")

		// The first folder comes back, with a file that is longer than the image.
		must(t, os.RemoveAll(dir))
		must(t, os.Rename(aside, dir))
		time.Sleep(checkEvery)
		mustSave(t, s, []byte("again"))
		if _, isFiles := s.(*filesSaver); isFiles {
			expectTexts(t, dir, "the first folder", "a long one to begin with", "again")
			mustSave(t, s, []byte("more"))
			synctest.Wait()
			expectTexts(t, dir, "the first folder, bounded", "again", "more")
		} else {
			expectTexts(t, dir, "the first folder", "again")
		}
	})
}

func TestNothingIsSavedInAFolderThatWasMovedAway(t *testing.T) {
	inFolder(t, Keep{}, func(t *testing.T, dir string, s Saver) {
		aside := dir + ".old"
		must(t, os.Rename(dir, aside))
		time.Sleep(checkEvery)
		expectGone(t, s, dir)
		expectTexts(t, aside, "the folder moved away", "a long one to begin with")
		must(t, os.Rename(aside, dir))
		mustSave(t, s, []byte("back"))
	})
}

func TestAFileThatSomebodyRemovedIsMadeAgain(t *testing.T) {
	for _, tc := range []struct {
		name string
		next []byte
	}{
		{"under its name", jpg},
		{"under another", png},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir := t.TempDir()
			st := mustOpen(t, Latest, dir)
			s := st.Session(1)
			mustSave(t, s, bytes.Repeat(jpg, 9))
			closeLatest(s)
			name, _ := only(t, dir)
			must(t, os.Remove(filepath.Join(dir, name)))
			mustSave(t, s, tc.next)
			expectTexts(t, dir, "after the file was removed", string(tc.next))
			mustClose(t, s)
		})
	}
}

// closeLatest closes the file of a connection, as happens when 1,024 others
// come after it.
func closeLatest(s Saver) {
	latest := s.(*latestSaver)
	latest.open.drop(&latest.file)
}

func TestAFullDiskIsTriedAgain(t *testing.T) {
	for _, kind := range []Kind{Files, Latest} {
		t.Run(string(kind), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				free := uint64(1e12)
				dir := t.TempDir()
				st, err := open(kind, dir, Keep{}, withSpace(func(string) (uint64, uint64, error) { return free, 1e12, nil }))
				must(t, err)
				s := st.Session(1)
				mustSave(t, s, []byte("room"))
				free = 0
				time.Sleep(checkEvery)
				err = s.Save(t.Context(), []byte("none"))
				if !errors.Is(err, ErrNoSpace) || !strings.HasPrefix(err.Error(), "no space left on the disk") {
					t.Errorf("on a full disk: got error %v, want %v", err, ErrNoSpace)
				}
				expectTexts(t, dir, "on a full disk", "room")
				free = 1e12
				time.Sleep(checkEvery)
				mustSave(t, s, []byte("room again"))
				mustClose(t, s, st)
			})
		})
	}
	if _, err := open(Files, t.TempDir(), Keep{}, withSpace(func(string) (uint64, uint64, error) { return 0, 1e12, nil })); !errors.Is(err, ErrNoSpace) {
		t.Errorf("opened on a full disk: got error %v, want %v", err, ErrNoSpace)
	}
}

func TestSaveMindsItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, kind := range []Kind{Files, Latest, Discard} {
		dir := t.TempDir()
		s := mustOpen(t, kind, dir).Session(1)
		if err := s.Save(ctx, jpg); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got error %v, want %v", kind, err, context.Canceled)
		}
		mustClose(t, s)
		if left := contents(t, dir); len(left) != 0 {
			t.Errorf("%s: got %d files, want none", kind, len(left))
		}
	}
}

func TestAFullDiskRecoversWithABound(t *testing.T) {
	for _, keep := range []Keep{{Images: 1000}, {Bytes: 1e9}} {
		synctest.Test(t, func(t *testing.T) {
			dir := t.TempDir()
			// All that is beyond 40 blocks must stay free.
			const room = 40 * blockBytes
			others := int64(0)
			st, err := open(Files, dir, keep, withSpace(func(string) (uint64, uint64, error) {
				return uint64(leastFree + room - others - int64(len(contents(t, dir)))*blockBytes), 1e9, nil
			}))
			must(t, err)
			s := st.Session(1)
			for range 20 {
				for range 15 {
					mustSave(t, s, jpg)
				}
				time.Sleep(checkEvery)
			}
			synctest.Wait()
			if got := len(contents(t, dir)); got < 30 || got > 41 {
				t.Errorf("got %d images, want about the 40 that there is room for", got)
			}
			others = 1e8
			before := len(contents(t, dir))
			time.Sleep(checkEvery)
			if err := s.Save(t.Context(), jpg); !errors.Is(err, ErrNoSpace) {
				t.Errorf("when something else has filled the disk: got error %v, want %v", err, ErrNoSpace)
			}
			synctest.Wait()
			if got := len(contents(t, dir)); got != before {
				t.Errorf("got %d images, want the %d from before", got, before)
			}
			mustClose(t, s, st)
		})
	}
}
