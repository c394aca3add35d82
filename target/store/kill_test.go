package store

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// pattern makes an image that tells whether it is whole: its seed, and as many
// bytes as the seed asks for.
func pattern(seed uint64) []byte {
	random := rand.New(rand.NewPCG(seed, 0))
	image := make([]byte, 8+random.IntN(200_000))
	binary.LittleEndian.PutUint64(image, seed)
	for i := 8; i < len(image); i++ {
		image[i] = byte(seed) + byte(i>>6)
	}
	return image
}

func whole(image []byte) bool {
	return len(image) >= 8 && string(image) == string(pattern(binary.LittleEndian.Uint64(image)))
}

// keptByChild keeps the folder of a child small.
var keptByChild = Keep{Images: 200}

func saveUntilKilled(dir string) int {
	st, err := Open(Files, dir, keptByChild)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	var all sync.WaitGroup
	var first sync.Once
	for id := range uint64(3) {
		all.Go(func() {
			saver := st.Session(id)
			for {
				if err := saver.Save(context.Background(), pattern(rand.Uint64())); err != nil {
					fmt.Fprintln(os.Stderr, err)
					os.Exit(1)
				}
				first.Do(func() { fmt.Println("saving") })
			}
		})
	}
	all.Wait()
	return 0
}

func TestKilledInMidSaveLeavesNoPartialImage(t *testing.T) {
	dir := t.TempDir()
	const kills = 5
	before := 0
	for kill := range kills {
		saveAndKill(t, dir, time.Duration(rand.IntN(30_000))*time.Microsecond)
		images := 0
		for name, content := range contents(t, dir) {
			if isPart(name) {
				continue
			}
			images++
			if !whole(content) {
				t.Errorf("after kill %d: %s is torn: %d bytes", kill+1, name, len(content))
			}
		}
		if images == 0 || images < before/2 {
			t.Errorf("after kill %d: %d images in the folder, and %d before", kill+1, images, before)
		}
		before = images
	}
	st, err := Open(Files, dir, keptByChild)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	left := contents(t, dir)
	for name := range left {
		if isPart(name) {
			t.Errorf("%s is still there after the restart", name)
		}
	}
	if len(left) > keptByChild.Images {
		t.Errorf("%d images after the restart, want at most %d", len(left), keptByChild.Images)
	}
}

// saveAndKill has a child save for some time after its first image, and kills
// it.
func saveAndKill(t *testing.T, dir string, after time.Duration) {
	t.Helper()
	cmd := startSaving(t, dir)
	time.Sleep(after) // any instant will do
	cmd.Process.Kill()
	if err := cmd.Wait(); cmd.ProcessState.Exited() {
		t.Fatalf("the child ended by itself: %v", err)
	}
}

// startSaving has a child save, and returns after its first image.
func startSaving(t *testing.T, dir string) *exec.Cmd {
	t.Helper()
	cmd := child(t, "save", dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Errorf("the child did not begin to save: %v", err)
	}
	return cmd
}

// child makes the command for a child of this test that does a task in dir.
func child(t *testing.T, task, dir string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, filepath.Clean(dir))
	cmd.Env = append(os.Environ(), childEnv+"="+task)
	cmd.Stderr = os.Stderr
	return cmd
}
