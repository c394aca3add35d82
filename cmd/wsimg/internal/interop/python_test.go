package interop

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// pythons are tried in turn. Debian's packages are for the first, which others
// may hide.
var pythons = []string{"/usr/bin/python3", "python3", "python"}

// python returns an interpreter that has Autobahn and Twisted, or skips the
// test.
func python(t *testing.T) string {
	t.Helper()
	for _, name := range pythons {
		if exec.CommandContext(t.Context(), name, "-c", "import autobahn.twisted.websocket, twisted").Run() == nil {
			return name
		}
	}
	const missing = "no Python here has Autobahn and Twisted; on Debian: apt-get install python3-autobahn python3-twisted"
	if os.Getenv("CI") != "" {
		t.Fatal(missing)
	}
	t.Skip(missing)
	return ""
}

// script returns the path of one of the programs in testdata.
func script(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// longestProgram bounds a program that a test starts.
const longestProgram = time.Minute

// finish runs a program to its end and returns what it printed. It must succeed.
func finish(t *testing.T, name string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), longestProgram)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.WaitDelay = time.Second
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s %s: %v\n%s%s", filepath.Base(name), strings.Join(args, " "), err, out.Bytes(), errs.Bytes())
	}
	return out.String()
}

// build builds wsimg and returns its path.
func build(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "wsimg")
	if runtime.GOOS == "windows" {
		path += ".exe"
	}
	finish(t, "go", "build", "-buildvcs=false", "-o", path, "github.com/wsimg/wsimg/cmd/wsimg")
	return path
}

// serve starts a server that prints its URL within the line it begins with, and
// returns that. Its standard input ends with the test; if that is nothing to it,
// stop is.
func serve(t *testing.T, stop func(*os.Process) error, name string, args ...string) (url string) {
	t.Helper()
	cmd := exec.CommandContext(context.Background(), name, args...)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	t.Cleanup(func() {
		in.Close()
		if stop != nil && stop(cmd.Process) != nil {
			cmd.Process.Kill()
		}
		hangs := time.AfterFunc(longestProgram, func() { cmd.Process.Kill() })
		defer hangs.Stop()
		io.Copy(io.Discard, lines)
		if err := cmd.Wait(); err != nil {
			t.Errorf("%s: %v\n%s", filepath.Base(name), err, errs.Bytes())
		}
	})
	hangs := time.AfterFunc(longestProgram, func() { cmd.Process.Kill() })
	defer hangs.Stop()
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			t.Fatalf("%s ends before it tells where it listens", filepath.Base(name))
		}
		if _, address, ok := strings.Cut(line, "ws://"); ok {
			return fmt.Sprint("ws://", strings.Fields(address)[0])
		}
	}
}
