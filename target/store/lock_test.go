package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestAFolderIsForOneStore(t *testing.T) {
	dir := t.TempDir()
	first := openKeep(t, Files, dir, Keep{})
	for _, kind := range []Kind{Files, Latest} {
		_, err := Open(kind, dir, Keep{})
		if !errors.Is(err, ErrInUse) || !strings.Contains(err.Error(), dir) || !strings.Contains(err.Error(), "this process") {
			t.Errorf("%s: got error %v, want %v with the folder and who has it", kind, err, ErrInUse)
		}
	}
	s := first.Session(1)
	mustSave(t, s, jpg)
	mustClose(t, s, first)
	mustClose(t, openKeep(t, Latest, dir, Keep{Images: 1}))
	expectTexts(t, dir, "once the first is closed", string(jpg))
}

func TestAFolderOfAnotherProcessIsRefusedUntilItIsKilled(t *testing.T) {
	dir := t.TempDir()
	cmd := startSaving(t, dir)
	_, err := Open(Files, dir, keptByChild)
	if want := fmt.Sprint("process id ", cmd.Process.Pid); !errors.Is(err, ErrInUse) || !strings.Contains(err.Error(), want) {
		t.Errorf("got error %v, want %v with %q", err, ErrInUse, want)
	}
	cmd.Process.Kill()
	cmd.Wait()
	mustClose(t, openKeep(t, Files, dir, keptByChild))
}

func TestARefusedStoreTouchesNothing(t *testing.T) {
	dir := t.TempDir()
	first := openKeep(t, Files, dir, Keep{})
	s := first.Session(1).(*filesSaver)
	mustSave(t, s, jpg, png)
	must(t, os.WriteFile(filepath.Join(dir, s.part), gif, 0o600))
	if _, err := Open(Files, dir, Keep{Images: 1}); err == nil {
		t.Fatal("got no error")
	}
	expectTexts(t, dir, "after the second was refused", string(gif), string(png), string(jpg))
	mustClose(t, s, first)
}

func TestALockFollowsTheFolderThatIsExchanged(t *testing.T) {
	inFolder(t, Keep{}, func(t *testing.T, dir string, s Saver) {
		aside := dir + ".old"
		must(t, os.Rename(dir, aside))
		other := openKeep(t, Files, dir, Keep{}) // is quicker there
		time.Sleep(checkEvery)
		for range 2 {
			if err := s.Save(t.Context(), []byte("lost")); !errors.Is(err, ErrInUse) {
				t.Errorf("in a folder that another has: got error %v, want %v", err, ErrInUse)
			}
			time.Sleep(checkEvery)
		}
		expectTexts(t, dir, "the other's folder")
		mustClose(t, openKeep(t, Files, aside, Keep{}), other)
		mustSave(t, s, []byte("taken"))
		if _, err := Open(Files, dir, Keep{}); !errors.Is(err, ErrInUse) {
			t.Errorf("once it was taken over: got error %v, want %v", err, ErrInUse)
		}
	})
}

func TestALockThatSomebodyRemovedIsTakenAgain(t *testing.T) {
	inFolder(t, Keep{Images: 2}, func(t *testing.T, dir string, s Saver) {
		must(t, os.Remove(filepath.Join(dir, lockName)))
		time.Sleep(checkEvery)
		mustSave(t, s, []byte("more"))
		if _, err := Open(Files, dir, Keep{}); !errors.Is(err, ErrInUse) {
			t.Errorf("got error %v, want %v", err, ErrInUse)
		}
	})
}

func TestALockThatAnotherTookStopsSavingAndRemoving(t *testing.T) {
	inFolder(t, Keep{Images: 1}, func(t *testing.T, dir string, s Saver) {
		must(t, os.Remove(filepath.Join(dir, lockName)))
		other := openKeep(t, Files, dir, Keep{})
		time.Sleep(checkEvery)
		if err := s.Save(t.Context(), []byte("lost")); !errors.Is(err, ErrInUse) {
			t.Errorf("got error %v, want %v", err, ErrInUse)
		}
		var f *folder
		switch s := s.(type) {
		case *filesSaver:
			f = s.folder
		case *latestSaver:
			f = s.folder
		}
		if err := f.remove(saved{session: 1}); !errors.Is(err, ErrInUse) {
			t.Errorf("remove: got error %v, want %v", err, ErrInUse)
		}
		synctest.Wait()
		mustClose(t, other)
	})
}

func TestFileSystemsWithoutLocksGetAWarning(t *testing.T) {
	for _, tc := range []struct {
		name    string
		answer  error
		warns   bool
		refuses bool
	}{
		{"locked", nil, false, false},
		{"without locks", errors.Join(errors.ErrUnsupported, errors.New("no locks available")), true, false},
		{"any other fault", errors.New("input/output error"), false, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			sys := theSystem()
			sys.lock = func(*os.File) error { return tc.answer }
			dir := privateFolder(t)
			st, err := open(Files, dir, Keep{}, sys)
			if (err != nil) != tc.refuses {
				t.Fatalf("got error %v, want one: %v", err, tc.refuses)
			}
			if err != nil {
				return
			}
			if got := strings.Join(warningsOf(st), "\n"); strings.Contains(got, "has no locks") != tc.warns {
				t.Errorf("got the warnings %q, want one of locks: %v", got, tc.warns)
			}
			s := st.Session(1)
			mustSave(t, s, jpg)
			mustClose(t, s, st)
		})
	}
}

func TestALinkInPlaceOfTheLockIsNotWrittenTo(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links are for administrators")
	}
	for name, plant := range map[string]func(to, at string) error{"symbolic": os.Symlink, "hard": os.Link} {
		dir := t.TempDir()
		victim := filepath.Join(t.TempDir(), "victim")
		must(t, os.WriteFile(victim, []byte("dear"), 0o600))
		must(t, plant(victim, filepath.Join(dir, lockName)))
		if _, err := Open(Files, dir, Keep{}); err == nil || !strings.Contains(err.Error(), lockName) {
			t.Errorf("%s: got error %v, want one that names %s", name, err, lockName)
		}
		if got, err := os.ReadFile(victim); err != nil || string(got) != "dear" {
			t.Errorf("%s: the file that the link leads to: got %q, %v", name, got, err)
		}
	}
}

func TestTransientFoldersHoldImagesOnly(t *testing.T) {
	dir := t.TempDir()
	st, err := Open(Files, dir, Keep{}, Transient())
	must(t, err)
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("got %d files, error %v, want none", len(left), err)
	}
	mustClose(t, st)
}
