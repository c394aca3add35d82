package store

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestParentsOfNewFoldersAreSynced(t *testing.T) {
	if !canSyncFolders {
		t.Skip("this system can't sync folders")
	}
	for _, tc := range []struct {
		name string
		sync Sync
		path string
		want []string // relative to what there was
	}{
		{"one folder", SyncDir, "a", []string{"."}},
		{"three folders", SyncDir, "a/b/c", []string{"a/b", "a", "."}},
		{"none", SyncDir, ".", nil},
		{"syncing files only", SyncFile, "a/b", nil},
		{"no syncing", SyncNever, "a/b", nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			top := t.TempDir()
			var got []string
			sys := theSystem()
			sys.syncFolder = func(path string) error {
				relative, err := filepath.Rel(top, path)
				got = append(got, filepath.ToSlash(relative))
				return errors.Join(err, syncFolder(path))
			}
			st, err := open(Files, filepath.Join(top, tc.path), Keep{Sync: tc.sync}, sys)
			must(t, err)
			mustClose(t, st)
			if !slices.Equal(got, tc.want) {
				t.Errorf("got %q synced, want %q", got, tc.want)
			}
		})
	}
}

func TestAParentThatCanNotBeSyncedIsAFault(t *testing.T) {
	fault := errors.New("no")
	path := filepath.Join(t.TempDir(), "images")
	if err := makeFolder(path, func(string) error { return fault }); !errors.Is(err, fault) {
		t.Errorf("got error %v, want %v", err, fault)
	}
	if _, err := os.Stat(path); err != nil {
		t.Errorf("the folder was not made: %v", err)
	}
}
