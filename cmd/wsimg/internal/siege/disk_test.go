//go:build slow

package siege

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

// disk is where a target saves, and what can go wrong with it.
type disk struct {
	path string
	ours bool // mounted for the test: it may be filled up
}

// diskSize is more than the target wants to stay free, 1 GB, and the images.
const diskSize = "1536m"

// mountDisk mounts a disk of memory, or takes a temporary folder where that is not
// allowed. It goes with the test.
func mountDisk(t *testing.T) disk {
	t.Helper()
	d := disk{path: t.TempDir()}
	if runtime.GOOS != "linux" || os.Getuid() != 0 {
		return d
	}
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size="+diskSize, "wsimg-soak", d.path).CombinedOutput(); err != nil {
		t.Logf("no disk to fill up: %v: %s", err, out)
		return d
	}
	d.ours = true
	t.Cleanup(func() {
		if out, err := exec.Command("umount", "--lazy", d.path).CombinedOutput(); err != nil {
			t.Errorf("unmount the disk: %v: %s", err, out)
		}
	})
	return d
}

// fill leaves no room on the disk for a while.
func (d disk) fill(t *testing.T) {
	path := filepath.Join(d.path, "full")
	defer os.Remove(path)
	f, err := os.Create(path)
	if err != nil {
		t.Errorf("fill the disk: %v", err)
		return
	}
	defer f.Close()
	chunk := make([]byte, 1<<20)
	var full time.Time
	for full.IsZero() || time.Since(full) < outage {
		if _, err := f.Write(chunk); err != nil { // what room others leave is taken, too
			if full.IsZero() {
				full = time.Now()
			}
			chunk = chunk[:max(len(chunk)/2, 1)]
			time.Sleep(time.Millisecond)
		}
	}
}

// vanish removes a folder with all that is in it, and after a while makes it anew.
//
// A target goes on saving into the folder that it has open for up to a second after
// the path is gone, as fast as files can be removed. So the path goes first:
// that ends the race.
func (d disk) vanish(t *testing.T, folder string) {
	const notices = 5 * time.Second // and more
	aside := filepath.Join(d.path, "vanished")
	if err := os.Rename(folder, aside); err != nil {
		t.Errorf("move the folder away: %v", err)
		return
	}
	since := time.Now()
	for err := os.RemoveAll(aside); err != nil; err = os.RemoveAll(aside) {
		if time.Since(since) > notices {
			t.Errorf("remove the folder: %v", err)
			break
		}
	}
	time.Sleep(outage)
	if err := os.Mkdir(folder, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		t.Errorf("restore the folder: %v", err)
	}
}
