package payload

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

const (
	// DefaultDistinct is how many different images of one size are made.
	DefaultDistinct = 64
	// MaxDistinctBytes bounds what synthetic images of one size take together:
	// fewer are made when DefaultDistinct, or whatever was asked for, would
	// exceed it.
	MaxDistinctBytes = 32_000_000
	// MaxFilesBytes is the most that files from disk may take together, for
	// all of them are kept in memory.
	MaxFilesBytes = 1 << 30
)

// Source is the distinct images of one cell. It never changes once made, so
// any number of clients may share it.
type Source struct {
	name       string
	images     [][]byte
	total      int64
	duplicates int

	encode sync.Once
	texts  [][]byte
}

func newSource(name string, images [][]byte) *Source {
	s := &Source{name: name, images: images}
	for _, image := range images {
		s.total += int64(len(image))
	}
	return s
}

// Name returns "synthetic", or the path the images were read from.
func (s *Source) Name() string { return s.name }

// Images returns the images in the order they are to be sent. There is at
// least one, and no two are equal, so with two or more the next image of a
// client always differs from the last. The caller must not write to them.
func (s *Source) Images() [][]byte { return s.images }

// Texts returns the images in Base64, in the same order: what a server has to
// send back of them as text. They are made when first asked for, by the
// standard library, so that a codec under test is not its own judge. The
// caller must not write to them.
func (s *Source) Texts() [][]byte {
	s.encode.Do(func() {
		s.texts = make([][]byte, len(s.images))
		for i, image := range s.images {
			s.texts[i] = base64.StdEncoding.AppendEncode(nil, image)
		}
	})
	return s.texts
}

// Len returns the number of images.
func (s *Source) Len() int { return len(s.images) }

// SizeBytes returns the mean size of the images, rounded.
func (s *Source) SizeBytes() int64 {
	n := int64(len(s.images))
	return (s.total + n/2) / n
}

// MaxBytes returns the size of the largest image.
func (s *Source) MaxBytes() int64 {
	var largest int
	for _, image := range s.images {
		largest = max(largest, len(image))
	}
	return int64(largest)
}

// Duplicates returns how many files were left out because an earlier one holds
// the same bytes.
func (s *Source) Duplicates() int { return s.duplicates }

// Synthetic makes baseline JPEGs of exactly size bytes that look and compress
// like photographs. It makes distinct different ones (0: DefaultDistinct),
// fewer when they would exceed MaxDistinctBytes, but never fewer than two
// unless one is asked for. Every image follows from seed, size and its place
// alone.
//
// It uses all cores. A cancelled context is noticed between images. It fails
// for a size below SmallestSynthetic or above LargestSynthetic.
func Synthetic(ctx context.Context, size int64, distinct int, seed uint64) (*Source, error) {
	switch {
	case size < SmallestSynthetic:
		return nil, fmt.Errorf("make images of %s: the smallest synthetic JPEG is %d bytes; ask for a larger size", FormatSize(size), SmallestSynthetic)
	case size > LargestSynthetic:
		return nil, fmt.Errorf("make images of %s: the largest synthetic JPEG is %s; ask for a smaller size, or send files of your own", FormatSize(size), FormatSize(LargestSynthetic))
	case distinct < 0:
		return nil, fmt.Errorf("make %d distinct images: ask for one or more", distinct)
	}
	images := make([][]byte, distinctOf(int(size), distinct))

	group, ctx := errgroup.WithContext(ctx)
	var next atomic.Int64
	for range min(len(images), runtime.GOMAXPROCS(0)) {
		group.Go(func() error {
			var p painter // its memory serves all images of this goroutine
			for i := next.Add(1) - 1; i < int64(len(images)); i = next.Add(1) - 1 {
				if err := ctx.Err(); err != nil {
					return err
				}
				image, err := p.paint(int(size), seed, int(i))
				if err != nil {
					return err
				}
				images[i] = image
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, fmt.Errorf("make images of %s: %w", FormatSize(size), err)
	}
	return newSource("synthetic", images), nil
}

// distinctOf returns how many images of size bytes to make when distinct are
// asked for, as Synthetic promises.
func distinctOf(size, distinct int) int {
	if distinct == 0 {
		distinct = DefaultDistinct
	}
	return min(distinct, max(2, MaxDistinctBytes/size))
}

// Files reads images from path. A file is a source of one image; a folder is
// one source of all the regular files at its top level, sorted by name.
// Symbolic links are followed. Folders within it, files whose name starts with
// a dot and empty files are skipped; of files with equal bytes the first is
// kept (see Source.Duplicates). Any bytes are taken: whether they are an image
// is between the sender and the server.
//
// It fails when there is nothing to send, or more than MaxFilesBytes.
func Files(ctx context.Context, path string) (*Source, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("read images: %w; name a file or a folder of images", err)
	}
	if info.IsDir() {
		return readFolder(ctx, path)
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("read images: %w", err)
	}
	image, err := readImage(path, info, MaxFilesBytes)
	if err != nil {
		return nil, err
	}
	if len(image) == 0 {
		return nil, fmt.Errorf("read images: %s is empty; name a file that holds an image", path)
	}
	return newSource(path, [][]byte{image}), nil
}

func readFolder(ctx context.Context, path string) (*Source, error) {
	entries, err := os.ReadDir(path) // sorted by name
	if err != nil {
		return nil, fmt.Errorf("read images: %w; name a folder you may read", err)
	}
	var (
		images     [][]byte
		duplicates int
		room       = int64(MaxFilesBytes)
		seen       = make(map[[sha256.Size]byte]bool)
	)
	for _, entry := range entries {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("read images: %w", err)
		}
		if strings.HasPrefix(entry.Name(), ".") {
			continue
		}
		file := filepath.Join(path, entry.Name())
		info, err := os.Stat(file)
		if err != nil {
			return nil, fmt.Errorf("read images: %w; remove the file or name another folder", err)
		}
		if !info.Mode().IsRegular() {
			continue
		}
		image, err := readImage(file, info, room)
		if err != nil {
			return nil, err
		}
		if len(image) == 0 {
			continue
		}
		sum := sha256.Sum256(image)
		if seen[sum] {
			duplicates++
			continue
		}
		seen[sum] = true
		images = append(images, image)
		room -= int64(len(image))
	}
	if len(images) == 0 {
		return nil, fmt.Errorf("read images: %s holds no file to send (folders, dot files and empty files are skipped); name the folder that holds the images themselves", path)
	}
	s := newSource(path, images)
	s.duplicates = duplicates
	return s, nil
}

// readImage reads one regular file that must fit in what room is left.
func readImage(path string, info fs.FileInfo, room int64) ([]byte, error) {
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("read images: %s is not a regular file; name a file or a folder of images", path)
	}
	if info.Size() > room {
		return nil, fmt.Errorf("read images: with %s they exceed %s, and all of them are kept in memory; name fewer or smaller files", path, FormatSize(MaxFilesBytes))
	}
	image, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read images: %w; name files you may read", err)
	}
	return image, nil
}
