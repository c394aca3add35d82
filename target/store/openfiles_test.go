package store

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

func mustOpenDirectory(t testing.TB, path string) *directory {
	t.Helper()
	d, err := openDirectory(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.close() })
	return d
}

func TestOpenFilesStaysWithinItsLimit(t *testing.T) {
	dir := t.TempDir()
	folder := mustOpenDirectory(t, dir)
	o := newOpenFiles(3)
	files := make([]openFile, 10)
	for i := range files {
		files[i].name = fmt.Sprint(i)
	}
	use := func(i int) {
		t.Helper()
		f, err := o.acquire(&files[i], folder)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.write([]byte{byte(i)}); err != nil {
			t.Fatal(err)
		}
		o.release(&files[i])
		if got := o.used.Len(); got > 3 {
			t.Fatalf("%d files open, want at most 3", got)
		}
	}
	for i := range files {
		use(i)
		use(0) // stays among the last three
	}
	for i := range files {
		if got, want := files[i].open, i == 0 || i >= 8; got != want {
			t.Errorf("file %d open: got %v, want %v", i, got, want)
		}
	}
	if err := o.close(); err != nil {
		t.Fatal(err)
	}
	if got := o.used.Len(); got != 0 {
		t.Errorf("%d files open after close, want none", got)
	}
}

func TestOpenFilesWaitsWhileAllAreBusy(t *testing.T) {
	dir := t.TempDir()
	folder := mustOpenDirectory(t, dir)
	o := newOpenFiles(2)
	defer o.close()
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			own := openFile{name: fmt.Sprint(i)}
			for range 50 {
				f, err := o.acquire(&own, folder)
				if err != nil {
					t.Error(err)
					return
				}
				if err := f.write([]byte{byte(i)}); err != nil {
					t.Error(err)
				}
				o.release(&own)
			}
		})
	}
	wg.Wait()
	for i := range 16 {
		got, err := os.ReadFile(filepath.Join(dir, fmt.Sprint(i)))
		if err != nil || len(got) != 1 || got[0] != byte(i) {
			t.Errorf("file %d: got %v, %v, want [%d]", i, got, err, i)
		}
	}
}
