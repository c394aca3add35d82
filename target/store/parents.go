package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// makeFolder makes the folder, and those above it, that do not exist. It puts
// each new name on the disk with sync, unless that is nil.
func makeFolder(path string, sync func(folder string) error) error {
	changed := parentsOfMissing(path)
	if err := os.MkdirAll(path, folderMode); err != nil {
		return fmt.Errorf("make the folder for images: %w", err)
	}
	if sync == nil {
		return nil
	}
	for _, parent := range changed {
		if err := sync(parent); err != nil {
			return fmt.Errorf("sync the folder above the one for images: %w; choose sync %s", err, SyncFile)
		}
	}
	return nil
}

// parentsOfMissing returns the folders that will get a new name when path is
// made, the innermost first.
func parentsOfMissing(path string) (parents []string) {
	for {
		parent := filepath.Dir(path)
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) || parent == path {
			return parents
		}
		parents = append(parents, parent)
		path = parent
	}
}
