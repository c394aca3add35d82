//go:build unix

package target

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"
)

func TestKilledParentLeavesNoChildAndNoFolder(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	parent := exec.Command(self)
	parent.Env = append(os.Environ(), roleVariable+"=parent")
	stdout, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	var child ready
	if err := json.NewDecoder(stdout).Decode(&child); err != nil {
		t.Fatal(err)
	}
	// A session is open, as it would be in the middle of a run.
	send(t, dial(t, child.URL), 2, photograph(1000))
	if gone(child.Dir) || syscall.Kill(child.PID, 0) != nil {
		t.Fatal("the child isn't there to begin with")
	}
	parent.Process.Kill()
	parent.Wait()
	eventually(t, "the child has ended", func() bool { return !alive(child.PID) })
	eventually(t, "its folder is gone", func() bool { return gone(child.Dir) })
}

// alive reports whether a process runs; one that nobody has reaped does not.
func alive(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err != nil || !bytes.Contains(stat, []byte(") Z "))
}
