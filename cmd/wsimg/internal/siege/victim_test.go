//go:build slow

package siege

import (
	"bufio"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// victim is a target, as users start it, that is to be killed.
type victim struct {
	addr string
	cmd  *exec.Cmd
}

// anyPort is one that is free.
const anyPort = "127.0.0.1:0"

// serve starts wsimg target at host:port, and returns when it listens.
func (p program) serve(t *testing.T, addr string, flags ...string) *victim {
	t.Helper()
	cmd := exec.CommandContext(p.Context(), p.Path, append([]string{"target", "--addr", addr}, flags...)...)
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	v := &victim{cmd: cmd}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	_, url, ok := strings.Cut(strings.TrimSpace(line), "ws://")
	if err != nil || !ok {
		v.kill()
		t.Fatalf("the target said %q where its address was expected: %v", line, errors.Join(err, io.EOF))
	}
	v.addr = url
	return v
}

// kill ends the target as nothing else does: it learns nothing of it.
func (v *victim) kill() {
	v.cmd.Process.Kill()
	v.cmd.Wait()
}
