//go:build linux || darwin || freebsd

package store

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

func TestFilesAreForTheirOwnerOnly(t *testing.T) {
	defer unix.Umask(unix.Umask(0))
	for _, kind := range []Kind{Files, Latest} {
		dir := filepath.Join(t.TempDir(), "images")
		mustSave(t, mustOpen(t, kind, dir).Session(1), jpg)
		name, _ := only(t, dir)
		for path, want := range map[string]fs.FileMode{dir: 0o700, filepath.Join(dir, name): 0o600} {
			info, err := os.Stat(path)
			must(t, err)
			if got := info.Mode().Perm(); got != want {
				t.Errorf("%s: mode of %s: got %o, want %o", kind, path, got, want)
			}
		}
	}
}

func TestLinksInPlaceOfOurFilesAreNotFollowed(t *testing.T) {
	for _, tc := range []struct {
		name  string
		kind  Kind
		file  func(start string) string
		plant func(to, at string) error
	}{
		{"symbolic, unfinished file", Files, func(start string) string { return partName(sessionName(start, 1)) }, os.Symlink},
		{"hard, unfinished file", Files, func(start string) string { return partName(sessionName(start, 1)) }, os.Link},
		{"symbolic, latest file", Latest, func(start string) string { return sessionName(start, 1) + ".jpg" }, os.Symlink},
		{"hard, latest file", Latest, func(start string) string { return sessionName(start, 1) + ".jpg" }, os.Link},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir := t.TempDir()
			victim := filepath.Join(t.TempDir(), "victim")
			must(t, os.WriteFile(victim, []byte("dear"), 0o600))
			st := mustOpen(t, tc.kind, dir)
			must(t, tc.plant(victim, filepath.Join(dir, tc.file(folderOf(st).start))))
			s := st.Session(1)
			defer s.Close()
			if err := s.Save(t.Context(), jpg); err == nil {
				t.Error("got no error from the save that met the link")
			}
			if got, err := os.ReadFile(victim); err != nil || string(got) != "dear" {
				t.Errorf("the file that the link leads to: got %q, %v", got, err)
			}
			mustSave(t, s, jpg)
			expectTexts(t, dir, "after the link was removed", string(jpg))
		})
	}
}

func TestALinkInPlaceOfALatestFileIsNotOpenedAgain(t *testing.T) {
	dir := t.TempDir()
	victim := filepath.Join(t.TempDir(), "victim")
	must(t, os.WriteFile(victim, []byte("dear"), 0o600))
	s := mustOpen(t, Latest, dir).Session(1)
	defer s.Close()
	mustSave(t, s, jpg)
	closeLatest(s)
	name, _ := only(t, dir)
	must(t, os.Remove(filepath.Join(dir, name)))
	must(t, os.Symlink(victim, filepath.Join(dir, name)))
	if err := s.Save(t.Context(), jpg); err == nil {
		t.Error("got no error from the save that met the link")
	}
	if got, err := os.ReadFile(victim); err != nil || string(got) != "dear" {
		t.Errorf("the file that the link leads to: got %q, %v", got, err)
	}
	mustSave(t, s, jpg)
	expectTexts(t, dir, "after the link was removed", string(jpg))
}

func TestALinkInPlaceOfAFinishedFileIsReplaced(t *testing.T) {
	dir := t.TempDir()
	victim := filepath.Join(t.TempDir(), "victim")
	must(t, os.WriteFile(victim, []byte("dear"), 0o600))
	st := mustOpen(t, Files, dir)
	must(t, os.Symlink(victim, filepath.Join(dir, sessionName(folderOf(st).start, 1)+"-1.jpg")))
	mustSave(t, st.Session(1), jpg)
	if got, err := os.ReadFile(victim); err != nil || string(got) != "dear" {
		t.Errorf("the file that the link leads to: got %q, %v", got, err)
	}
	expectTexts(t, dir, "after saving", string(jpg))
}

func TestSyncDirSyncsTheFolder(t *testing.T) {
	for _, tc := range []struct {
		kind  Kind
		sync  Sync
		fails bool
	}{
		{Files, SyncNever, false},
		{Files, SyncFile, false},
		{Files, SyncDir, true},
		{Latest, SyncNever, false},
		{Latest, SyncFile, false},
		{Latest, SyncDir, true},
	} {
		t.Run(string(tc.kind)+" "+string(tc.sync), func(t *testing.T) {
			dir := t.TempDir()
			st := openKeep(t, tc.kind, dir, Keep{Sync: tc.sync, Images: 100})
			f := folderOf(st)
			mend := cannotSync(t, f)
			s := st.Session(1)
			if err := s.Save(t.Context(), jpg); (err != nil) != tc.fails {
				t.Errorf("got error %v, want one: %v", err, tc.fails)
			}
			if left := contents(t, dir); (len(left) == 0) != tc.fails {
				t.Errorf("got %d files, want none: %v", len(left), tc.fails)
			}
			mend()
			mustSave(t, s, jpg)
			mustClose(t, s, st)
		})
	}
}

func TestSyncDirSyncsTheFolderOfALatestFileOnce(t *testing.T) {
	dir := t.TempDir()
	st := openKeep(t, Latest, dir, Keep{Sync: SyncDir})
	s := st.Session(1)
	mustSave(t, s, jpg)
	f := folderOf(st)
	mend := cannotSync(t, f)
	mustSave(t, s, jpg) // the name is on the disk
	if err := s.Save(t.Context(), png); err == nil {
		t.Error("got no error: the new name was not synced")
	}
	mend()
	mustClose(t, s, st)
}

// cannotSync makes syncs of the folder fail, as fsync(2) of a pipe does, until
// mend is called.
func cannotSync(t *testing.T, f *folder) (mend func()) {
	t.Helper()
	r, w, err := os.Pipe()
	must(t, err)
	w.Close()
	folder := f.dir.file
	f.dir.file = r
	return func() {
		f.dir.file = folder
		r.Close()
	}
}
