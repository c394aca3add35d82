package store

import (
	"errors"
	"os"
)

// system is what a store asks of the operating system and no test can bring
// about.
type system struct {
	space      freeSpace
	lock       func(*os.File) error      // of a file; see lockFile
	syncFolder func(folder string) error // puts the names in a folder on the disk
}

// theSystem is the one that runs us.
func theSystem() system {
	return system{space: systemSpace, lock: lockFile, syncFolder: syncFolder}
}

func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
