package payload

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// writeFolder makes a folder of the files given by name and content; a name
// that ends in a slash is a folder.
func writeFolder(t *testing.T, files map[string]string) string {
	t.Helper()
	folder := t.TempDir()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		path := filepath.Join(folder, name)
		var err error
		if strings.HasSuffix(name, "/") {
			err = os.Mkdir(path, 0o700)
		} else {
			err = os.WriteFile(path, []byte(files[name]), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

func texts(s *Source) []string {
	var list []string
	for _, image := range s.Images() {
		list = append(list, string(image))
	}
	return list
}

func TestFilesOfFolder(t *testing.T) {
	folder := writeFolder(t, map[string]string{
		"b.jpg": "second", "a.png": "first", "c.gif": "third, long", "d.jpg": "second", "z.webp": "first",
		".hidden": "hidden", "empty.jpg": "", "sub/": "", "sub/e.jpg": "deeper",
	})
	s, err := Files(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"first", "second", "third, long"}, texts(s)); diff != "" {
		t.Errorf("images, -want +got:\n%s", diff)
	}
	if got, want := s.Duplicates(), 2; got != want {
		t.Errorf("Duplicates() = %d, want %d", got, want)
	}
	if got, want := s.SizeBytes(), int64(7); got != want { // (5 + 6 + 11) / 3 = 7.33
		t.Errorf("SizeBytes() = %d, want %d", got, want)
	}
	if got, want := s.MaxBytes(), int64(11); got != want {
		t.Errorf("MaxBytes() = %d, want %d", got, want)
	}
	if s.Name() != folder || s.Len() != 3 {
		t.Errorf("Name() = %q, Len() = %d; want %q, 3", s.Name(), s.Len(), folder)
	}
}

func TestFilesMeanSizeIsRounded(t *testing.T) {
	s, err := Files(t.Context(), writeFolder(t, map[string]string{"a": "1", "b": "22"}))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := s.SizeBytes(), int64(2); got != want { // 1.5
		t.Errorf("SizeBytes() = %d, want %d", got, want)
	}
}

func TestFilesOfFile(t *testing.T) {
	path := filepath.Join(writeFolder(t, map[string]string{".one": "any bytes"}), ".one")
	s, err := Files(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"any bytes"}, texts(s)); diff != "" {
		t.Errorf("images, -want +got:\n%s", diff)
	}
	if s.Name() != path {
		t.Errorf("Name() = %q, want %q", s.Name(), path)
	}
}

func TestFilesRefuses(t *testing.T) {
	folder := writeFolder(t, map[string]string{"empty.jpg": "", "none/": "", "useless/": "", "useless/.a": "x", "useless/b": "", "useless/c/": "", "much/": ""})
	for _, name := range []string{"huge.jpg", "much/a", "much/b"} {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		size := int64(MaxFilesBytes + 1)
		if name == "much/a" {
			size = 1 << 20
		} else if name == "much/b" {
			size = MaxFilesBytes - 1<<20 + 1
		}
		if err := os.Truncate(path, size); err != nil { // sparse, never read
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ name, path, want string }{
		{"a missing path", "missing", "name a file or a folder"},
		{"an empty file", "empty.jpg", "is empty; name a file that holds an image"},
		{"an empty folder", "none", "name the folder that holds the images"},
		{"a folder of nothing to send", "useless", "name the folder that holds the images"},
		{"a file over the limit", "huge.jpg", "exceed 1GiB"},
		{"files that exceed the limit together", "much", "exceed 1GiB"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := Files(t.Context(), filepath.Join(folder, c.path))
			if err == nil {
				t.Fatalf("got %d images, want an error", s.Len())
			}
			if !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), c.path) {
				t.Errorf("fails with %q, want %q and the path in it", err, c.want)
			}
		})
	}
}

func TestDistinctOf(t *testing.T) {
	for _, c := range []struct {
		name           string
		size, distinct int
		want           int
	}{
		{"the default", 1_000, 0, DefaultDistinct},
		{"as many as asked for", 1_000, 100, 100},
		{"one", 1_000, 1, 1},
		{"one very large", LargestSynthetic, 1, 1},
		{"just within the bound", 500_000, 64, 64},
		{"just beyond the bound", 500_001, 64, 63},
		{"fewer large ones", 1_000_000, 0, 32},
		{"two where the bound allows one", 20_000_000, 64, 2},
		{"two where the bound allows none", 64_000_000, 64, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := distinctOf(c.size, c.distinct); got != c.want {
				t.Errorf("distinctOf(%d, %d) = %d, want %d", c.size, c.distinct, got, c.want)
			}
		})
	}
}

func TestSynthetic(t *testing.T) {
	const size, distinct = 10_000, 9
	s, err := Synthetic(t.Context(), size, distinct, 1)
	if err != nil {
		t.Fatal(err)
	}
	if s.Len() != distinct || s.SizeBytes() != size || s.MaxBytes() != size || s.Name() != "synthetic" || s.Duplicates() != 0 {
		t.Errorf("got %d images of %q, mean %d and largest %d bytes, %d duplicates; want %d of \"synthetic\", both %d, none",
			s.Len(), s.Name(), s.SizeBytes(), s.MaxBytes(), s.Duplicates(), distinct, size)
	}
	for i, image := range s.Images() {
		if len(image) != size {
			t.Errorf("image %d has %d bytes, want %d", i, len(image), size)
		}
	}
}

func TestSyntheticFollowsFromItsArguments(t *testing.T) {
	make4 := func(size int64, seed uint64) [][]byte {
		s, err := Synthetic(t.Context(), size, 4, seed)
		if err != nil {
			t.Fatal(err)
		}
		return s.Images()
	}
	first := make4(20_000, 1)
	for i, again := range make4(20_000, 1) {
		if !bytes.Equal(first[i], again) {
			t.Errorf("image %d differs from the one made before with the same arguments", i)
		}
	}
	seen := make(map[string]string)
	for _, set := range []struct {
		name   string
		images [][]byte
	}{{"seed 1", first}, {"seed 2", make4(20_000, 2)}, {"another size", make4(20_001, 1)}} {
		for i, image := range set.images {
			name, scan := fmt.Sprintf("image %d of %s", i, set.name), string(walkJPEG(t, image).scan)
			if other, ok := seen[scan]; ok {
				t.Errorf("%s shows the same as %s", name, other)
			}
			seen[scan] = name
		}
	}
}

func TestSyntheticRefuses(t *testing.T) {
	for _, c := range []struct {
		name     string
		size     int64
		distinct int
		want     string
	}{
		{"too small", SmallestSynthetic - 1, 1, "smallest synthetic JPEG is 512 bytes"},
		{"too large", LargestSynthetic + 1, 1, "largest synthetic JPEG is 256MB"},
		{"a negative number of images", 1_000, -1, "one or more"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Synthetic(t.Context(), c.size, c.distinct, 1)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got error %v, want %q in it", err, c.want)
			}
		})
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	folder := writeFolder(t, map[string]string{"a": "a"})
	for name, source := range map[string]func() (*Source, error){
		"Synthetic":         func() (*Source, error) { return Synthetic(ctx, 1_000, 4, 1) },
		"Files of a folder": func() (*Source, error) { return Files(ctx, folder) },
		"Files of a file":   func() (*Source, error) { return Files(ctx, filepath.Join(folder, "a")) },
	} {
		if _, err := source(); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got error %v, want %v", name, err, context.Canceled)
		}
	}
}

func BenchmarkSynthetic(b *testing.B) {
	for _, size := range []int64{10_000, 100_000, 1_000_000} {
		b.Run(FormatSize(size), func(b *testing.B) {
			for b.Loop() {
				s, err := Synthetic(b.Context(), size, DefaultDistinct, 1)
				if err != nil {
					b.Fatal(err)
				}
				b.SetBytes(size * int64(s.Len()))
			}
		})
	}
}
