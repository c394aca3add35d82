package store

import (
	"errors"
	"fmt"
	"math"
)

// Sync says what has reached the disk when an image counts as saved: what is
// still there after a power cut or a crash of the machine. A crash of the target
// alone loses nothing with any of them.
//
// For kind files, SyncNever may leave images of the last half minute or so
// missing, empty or torn under their final names. SyncFile leaves each image
// that has its name whole, but names of the last seconds may be missing. SyncDir
// leaves every image that was saved. Kind latest overwrites in place, so the
// image that was being written may be torn with all of them; SyncFile and
// SyncDir leave the one that was saved last, SyncDir the file's name as well
// when it is new.
//
// A disk that lies about its cache can lose more. On macOS the drive is asked to
// empty its cache (F_FULLFSYNC). Windows can't sync folders: there Open refuses
// SyncDir.
type Sync string

// The ways to sync.
const (
	SyncNever Sync = "never" // nothing: the kernel writes it when it sees fit
	SyncFile  Sync = "file"  // the image; after a power cut its name may be missing
	SyncDir   Sync = "dir"   // the image and its name
)

// ParseSync returns the way that s names.
func ParseSync(s string) (Sync, error) {
	switch y := Sync(s); y {
	case SyncNever, SyncFile, SyncDir:
		return y, nil
	}
	return "", fmt.Errorf("unknown sync %q: choose %s, %s or %s", s, SyncNever, SyncFile, SyncDir)
}

// Keep says how long saved images last, and how sure they are. The zero value
// keeps all of them and leaves syncing to the kernel. Kinds of store that don't
// write take no other.
type Keep struct {
	// Images and Bytes bound how much stays in the folder; the oldest images
	// go first, and those of earlier runs count. An image counts as what it takes
	// on most disks: its size rounded up to 4096 bytes, and at least that. 0: no
	// bound.
	//
	// Removal follows saving. When it is behind by an eighth of a bound, saving
	// waits; so the folder never holds more than 9/8 of a bound and one image for
	// each connection. The newest image stays even if it exceeds Bytes alone.
	// The file that a live connection overwrites (kind Latest) counts, and is
	// not removed; when the connection ends it is the newest. Live connections
	// alone may therefore exceed the bounds.
	//
	// With either bound, a disk that gets too full is a bound as well: the oldest
	// images go until enough is free. If all of them were not enough, because
	// something else has filled the disk, they stay and saving fails.
	//
	// Each file in the folder costs memory while there is a bound; see
	// [Keep.MemoryBound]. Opening the folder looks at every file in it, and
	// returns when it is within the bounds. A file that can't be removed is passed
	// over and tried again now and then; while none can and the folder is an
	// eighth too full, saving fails.
	Images int
	Bytes  int64
	// Sync is when an image is on the disk; empty: SyncNever.
	Sync Sync
}

// Validate returns every fault it finds, joined into one error.
func (k Keep) Validate() error {
	var faults []error
	if k.Images < 0 {
		faults = append(faults, fmt.Errorf("keep %d images: ask for at least 1, or 0 for all", k.Images))
	}
	if k.Bytes < 0 {
		faults = append(faults, fmt.Errorf("keep %d bytes: ask for at least 1, or 0 for all", k.Bytes))
	}
	if k.Sync != "" {
		if _, err := ParseSync(string(k.Sync)); err != nil {
			faults = append(faults, err)
		}
	}
	return errors.Join(faults...)
}

// MemoryBound returns how many bytes of memory the books of a store with this
// Keep take at most: 96 for each file that the bounds allow, and as much for 1,024
// files more. Most of it is needed while the folder is opened, however many files
// are in it: the books take 32 bytes a file, up to 9/8 of the bound, the census 40
// while it lasts. It is what is alive: the heap may outgrow it until the next
// garbage collection. Not counted are 32 bytes for each file that can't be
// removed. Without bounds it is 0.
func (k Keep) MemoryBound() int64 {
	most := k.mostFiles()
	if most == 0 {
		return 0
	}
	return 3 * recordBytes * (min(most, math.MaxInt64>>8) + chunkLength)
}

// mostFiles returns how many files the bounds allow, 0 when there are none.
func (k Keep) mostFiles() int64 {
	most := int64(k.Images)
	if fits := max(1, k.Bytes/blockBytes); k.Bytes > 0 && (most == 0 || fits < most) {
		most = fits
	}
	return most
}

// asks tells whether k asks for anything.
func (k Keep) asks() bool {
	return k.Images != 0 || k.Bytes != 0 || k.Sync != "" && k.Sync != SyncNever
}
