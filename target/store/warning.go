package store

import (
	"fmt"
	"io/fs"
	"runtime"
)

// writableByOthers are the permissions that let others than the owner change
// what is in a folder.
const writableByOthers fs.FileMode = 0o022

// warnOfMode returns a sentence if others may write into the folder. Windows
// has no such modes.
func warnOfMode(path string, mode fs.FileMode) (sentence string, warn bool) {
	if runtime.GOOS == "windows" || mode.Perm()&writableByOthers == 0 {
		return "", false
	}
	return fmt.Sprintf("others than its owner may write into %s (mode %04o): they can remove images or plant files there; run chmod go-w on it", path, mode.Perm()), true
}

// warnOfBound returns a sentence if the disk can't hold as much as a bound allows.
// held is what the folder holds already.
func warnOfBound(bound, held int64, room headroom) (sentence string, warn bool) {
	if bound == 0 || !room.known || bound-held <= room.left() {
		return "", false
	}
	return fmt.Sprintf("the bound of %.1f GB can't be reached: the disk has room for %.1f GB of images beside the %.1f GB that must stay free, so the oldest go sooner; ask for less, or free some space",
		float64(bound)/1e9, float64(max(0, held+room.left()))/1e9, float64(room.need)/1e9), true
}

// warnOfLock is for file systems without locks.
func warnOfLock(path string) string {
	return fmt.Sprintf("the file system of %s has no locks: a second target in this folder would go unnoticed and lose images; see that there is none", path)
}
