package store

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const (
	folderMode = 0o700
	fileMode   = 0o600
)

// Unfinished files are called partPrefix + a unique name + partSuffix.
const (
	partPrefix = ".wsimg-"
	partSuffix = ".part"
)

// folder is where files go, and how they are called.
type folder struct {
	path  string
	start string // what all names of this store begin with
	disk  *disk
}

// openFolder makes the folder if need be and finds out that it can be used.
func openFolder(path string) (*folder, error) {
	if path == "" {
		return nil, errors.New("no folder named to save images in")
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("find the folder for images: %w", err)
	}
	if err := os.MkdirAll(path, folderMode); err != nil {
		return nil, fmt.Errorf("make the folder for images: %w", err)
	}
	if err := sweep(path); err != nil {
		return nil, err
	}
	f := &folder{path: path, start: startName(time.Now()), disk: &disk{path: path}}
	if err := f.try(); err != nil {
		return nil, err
	}
	return f, f.disk.check(time.Now())
}

// sweep removes what an earlier run began to write and did not finish.
func sweep(path string) error {
	entries, err := os.ReadDir(path)
	if err != nil {
		return fmt.Errorf("look for unfinished images: %w", err)
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), partPrefix) || !strings.HasSuffix(e.Name(), partSuffix) {
			continue
		}
		err := os.Remove(filepath.Join(path, e.Name()))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove an unfinished image: %w", err)
		}
	}
	return nil
}

// try writes and removes a file.
func (f *folder) try() error {
	name := filepath.Join(f.path, partPrefix+f.start+partSuffix)
	if err := os.WriteFile(name, nil, fileMode); err != nil {
		return fmt.Errorf("write into the folder for images: %w", err)
	}
	if err := os.Remove(name); err != nil {
		return fmt.Errorf("remove from the folder for images: %w", err)
	}
	return nil
}

// startName returns the part of a name that tells this start of the target
// from all others, even from one in the same second.
func startName(now time.Time) string {
	var random [4]byte
	rand.Read(random[:])
	return now.UTC().Format("20060102-150405-") + hex.EncodeToString(random[:])
}

// session returns what the names of one connection's files begin with.
func (f *folder) session(id uint64) string {
	return f.start + "-c" + strconv.FormatUint(id, 10)
}
