package store

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var (
	jpg  = []byte("\xff\xd8\xff\xe0 a photograph")
	png  = []byte("\x89PNG\r\n\x1a\n a drawing")
	gif  = []byte("GIF89a an animation")
	webp = []byte("RIFF\x10\x00\x00\x00WEBPVP8  a small one")
	bin  = []byte("something else")
)

func mustOpen(t testing.TB, kind Kind, dir string) Store {
	t.Helper()
	s, err := Open(kind, dir, Keep{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close store: %v", err)
		}
	})
	return s
}

func mustSave(t testing.TB, s Saver, images ...[]byte) {
	t.Helper()
	for _, image := range images {
		if err := s.Save(t.Context(), image); err != nil {
			t.Fatal(err)
		}
	}
}

// contents returns what is in dir, by name, but for the lock.
func contents(t testing.TB, dir string) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() == lockName {
			continue
		}
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all[e.Name()] = b
	}
	return all
}

// only returns the single file in dir.
func only(t testing.TB, dir string) (name string, content []byte) {
	t.Helper()
	all := contents(t, dir)
	if len(all) != 1 {
		t.Fatalf("got %d files in the folder, want 1", len(all))
	}
	for name, content = range all {
	}
	return name, content
}

func TestParse(t *testing.T) {
	for _, kind := range Kinds() {
		if got, err := Parse(string(kind)); err != nil || got != kind {
			t.Errorf("Parse(%q): got %q, %v", kind, got, err)
		}
	}
	if _, err := Parse("tape"); err == nil || !strings.Contains(err.Error(), "files, latest, discard, off") {
		t.Errorf("Parse of an unknown kind: got error %v, want one that lists the kinds", err)
	}
}

func TestExtensionComesFromTheContent(t *testing.T) {
	for _, tc := range []struct {
		name  string
		image []byte
		want  string
	}{
		{"JPEG", jpg, "jpg"},
		{"PNG", png, "png"},
		{"GIF", gif, "gif"},
		{"GIF of 1987", []byte("GIF87a"), "gif"},
		{"WebP", webp, "webp"},
		{"RIFF that is sound", []byte("RIFF\x10\x00\x00\x00WAVEfmt "), "bin"},
		{"anything else", bin, "bin"},
		{"less than a signature", []byte{0xff}, "bin"},
		{"nothing", nil, "bin"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := extensionOf(tc.image).String(); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestFilesKeepsEveryImageAsItWas(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "made", "by", "the", "store")
	images := [][]byte{jpg, png, gif, webp, bin, jpg}
	var savers []Saver
	for range 2 { // the second store stands for a restart
		st := openKeep(t, Files, dir, Keep{})
		for id := range uint64(3) {
			s := st.Session(id)
			mustSave(t, s, images...)
			mustClose(t, s)
			savers = append(savers, s)
		}
		mustClose(t, st)
	}
	all := contents(t, dir)
	if got, want := len(all), len(savers)*len(images); got != want {
		t.Errorf("got %d files, want %d: names must be unique across connections and restarts", got, want)
	}
	counts := map[string]int{}
	for name, content := range all {
		counts[string(content)]++
		if got, want := filepath.Ext(name), "."+extensionOf(content).String(); got != want {
			t.Errorf("%s holds a %s image", name, want)
		}
	}
	for _, image := range [][]byte{png, gif, webp, bin} {
		if got := counts[string(image)]; got != len(savers) {
			t.Errorf("image %q was kept %d times, want %d", image, got, len(savers))
		}
	}
}

func TestOpenSweepsUnfinishedFilesOnly(t *testing.T) {
	const unfinished = ".wsimg-20260102-030405-0123abcd-c1.part"
	dir := t.TempDir()
	for _, name := range []string{unfinished, "keep.jpg", ".wsimg-notes", "other.part"} {
		if err := os.WriteFile(filepath.Join(dir, name), bin, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	mustOpen(t, Files, dir)
	all := contents(t, dir)
	if _, there := all[unfinished]; there {
		t.Error("the unfinished file is still there")
	}
	if len(all) != 3 {
		t.Errorf("got %d files left, want the 3 that are not ours to remove", len(all))
	}
}

func TestOpenRefusesAFolderItCannotUse(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"", file, filepath.Join(file, "below")} {
		if _, err := Open(Files, dir, Keep{}); err == nil {
			t.Errorf("Open(%q): got no error", dir)
		}
	}
}

func TestLatestHoldsTheLastImageOfEachConnection(t *testing.T) {
	long, short := bytes.Repeat(jpg, 50), jpg
	for _, tc := range []struct {
		name   string
		images [][]byte
		ext    string
	}{
		{"one", [][]byte{long}, ".jpg"},
		{"grows", [][]byte{short, long}, ".jpg"},
		{"shrinks", [][]byte{long, short}, ".jpg"},
		{"shrinks and grows", [][]byte{long, short, long}, ".jpg"},
		{"changes its kind", [][]byte{long, png}, ".png"},
		{"changes it back", [][]byte{gif, png, gif}, ".gif"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir := t.TempDir()
			s := mustOpen(t, Latest, dir).Session(7)
			mustSave(t, s, tc.images...)
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			name, got := only(t, dir)
			if want := tc.images[len(tc.images)-1]; !bytes.Equal(got, want) {
				t.Errorf("got %d bytes, want the %d of the last image", len(got), len(want))
			}
			if filepath.Ext(name) != tc.ext {
				t.Errorf("got the name %s, want the extension %s", name, tc.ext)
			}
		})
	}
}

func TestFailedSaveLeavesNothingPartial(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, Files, dir).Session(1).(*filesSaver)
	// A folder of that name makes the rename fail after the write.
	blocked := filepath.Join(dir, string(s.name)+"-1.jpg")
	if err := os.Mkdir(blocked, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := s.Save(t.Context(), jpg); err == nil {
		t.Fatal("got no error")
	}
	if err := os.Remove(blocked); err != nil {
		t.Fatal(err)
	}
	if left := contents(t, dir); len(left) != 0 {
		t.Errorf("got %d files left behind, want none", len(left))
	}
}

func TestTransientFilesGoWithTheirConnection(t *testing.T) {
	dir := t.TempDir()
	st, err := Open(Latest, dir, Keep{Images: 10}, Transient())
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	going, staying := st.Session(1), st.Session(2)
	mustSave(t, going, []byte("one"), []byte("another"))
	mustSave(t, staying, []byte("stays"))
	if err := going.Close(); err != nil {
		t.Fatal(err)
	}
	if _, content := only(t, dir); string(content) != "stays" {
		t.Errorf("got a file with %q, want the one of the connection that is still open", content)
	}
	if err := staying.Close(); err != nil {
		t.Fatal(err)
	}
	if err := st.Session(3).Close(); err != nil {
		t.Errorf("a connection that saved nothing: %v", err)
	}
	if left := contents(t, dir); len(left) != 0 {
		t.Errorf("%d files are left", len(left))
	}
	kept := st.(*latest).folder.kept
	if got := len(kept.live) + kept.ended.len; got != 0 || kept.size != 0 {
		t.Errorf("got %d files of %d bytes on the books, want none", got, kept.size)
	}
}

func folderOf(st Store) *folder {
	switch st := st.(type) {
	case *files:
		return st.folder
	case *latest:
		return st.folder
	}
	return nil
}
