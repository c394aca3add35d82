package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"golang.org/x/sys/unix"
)

// startTargetProcess starts the command of a target as a process, and returns
// it and its URL. Its standard error goes to the buffer.
func startTargetProcess(t *testing.T, stderr *safeBuffer, command ...string) (*exec.Cmd, string) {
	t.Helper()
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Env = append(os.Environ(), role+"=wsimg")
	cmd.Stderr = stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	line, _ := bufio.NewReader(stdout).ReadString('\n')
	_, url, ok := strings.Cut(strings.TrimSpace(line), "listens on ")
	if !ok {
		t.Fatalf("the target does not say where it listens: %q, %s", line, stderr)
	}
	return cmd, url
}

// dialTarget connects to a target, for as long as the test runs.
func dialTarget(t *testing.T, url string) *websocket.Conn {
	t.Helper()
	ws, _, err := websocket.DefaultDialer.Dial(url, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ws.Close() })
	return ws
}

// echoed sends a binary image and waits for its echo.
func echoed(ws *websocket.Conn, image []byte) error {
	if err := ws.WriteMessage(websocket.BinaryMessage, image); err != nil {
		return err
	}
	_, echo, err := ws.ReadMessage()
	if err == nil && !bytes.Equal(echo, image) {
		err = errors.New("the echo is another image")
	}
	return err
}

// visible returns the files of a folder that are not hidden.
func visible(dir string) []string {
	paths, _ := filepath.Glob(filepath.Join(dir, "[^.]*"))
	return paths
}

// savedImages returns the files of a folder that are images, by name.
func savedImages(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	images := map[string][]byte{}
	for _, path := range visible(dir) {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		images[path] = data
	}
	return images
}

// TestKilledInMidSave: whatever a target was doing when it was killed, each
// image in its folder is whole, and the next one in the same folder cleans up
// and overwrites nothing.
func TestKilledInMidSave(t *testing.T) {
	const size = 1_000_000
	dir := t.TempDir()
	stderr := new(safeBuffer)
	cmd, url := startTargetProcess(t, stderr, os.Args[0], "target", "--addr", "127.0.0.1:0", "--dir", dir)
	ended := make(chan struct{})
	for client := range 2 {
		ws := dialTarget(t, url)
		go func() {
			image := bytes.Repeat([]byte{byte(client)}, size)
			for echoed(ws, image) == nil {
			}
			ended <- struct{}{}
		}()
	}
	eventually(t, "some images are saved", func() bool {
		return len(visible(dir)) >= 4
	})
	cmd.Process.Kill()
	<-ended
	<-ended
	before := savedImages(t, dir)
	for path, image := range before {
		if len(image) != size || bytes.Count(image, image[:1]) != size {
			t.Errorf("%s is not whole: %d of %d bytes", path, len(image), size)
		}
	}

	serving := typeTarget(t, "--dir", dir)
	if parts, _ := filepath.Glob(filepath.Join(dir, ".wsimg-*.part")); len(parts) > 0 {
		t.Errorf("the next target left %q of the one before", parts)
	}
	ws := dialTarget(t, serving.url)
	if err := echoed(ws, []byte("one more")); err != nil {
		t.Error(err)
	}
	ws.Close()
	serving.stop(t)
	after := savedImages(t, dir)
	if len(after) != len(before)+1 {
		t.Errorf("got %d images, want the %d from before and one more", len(after), len(before))
	}
	maps.DeleteFunc(before, func(path string, image []byte) bool { return bytes.Equal(image, after[path]) })
	if len(before) > 0 {
		t.Errorf("images from before were changed: %q", slices.Collect(maps.Keys(before)))
	}
}

// TestTargetThatMayNotStart: root may nearly everything.
func TestTargetThatMayNotStart(t *testing.T) {
	locked := filepath.Join(t.TempDir(), "locked")
	if err := os.Mkdir(locked, 0o500); err != nil {
		t.Fatal(err)
	}
	l, privileged := net.Listen("tcp", "127.0.0.1:1")
	if privileged == nil {
		l.Close()
	}
	for _, tt := range []struct {
		name  string
		flags []string
		skip  bool
		want  string
	}{
		{"a folder that nobody can make", []string{"--addr", "127.0.0.1:0", "--dir", "/proc/self/images"}, false, "choose another folder with --dir"},
		{"a folder that others own", []string{"--addr", "127.0.0.1:0", "--dir", locked}, os.Geteuid() == 0, "choose another folder with --dir"},
		{"a port that is the system's", []string{"--addr", "127.0.0.1:1", "--store", "off"}, !errors.Is(privileged, os.ErrPermission), "this user may not listen on 127.0.0.1:1: choose a port above 1023 with --addr"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.skip {
				t.Skip("this user may")
			}
			var stdout, stderr bytes.Buffer
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second) // should it serve all the same
			defer cancel()
			err := run(ctx, append([]string{"target"}, tt.flags...), nil, &stdout, &stderr)
			if got := exitCode(err); got != exitUsage || !strings.Contains(stderr.String(), tt.want) {
				t.Errorf("got exit code %d and %q; want %d and %s", got, stderr.String(), exitUsage, tt.want)
			}
		})
	}
}

// TestFolderRemovedWhileRunning: images are refused while there is no folder,
// and saved again when there is.
func TestFolderRemovedWhileRunning(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "images")
	serving := typeTarget(t, "--dir", dir)
	defer serving.stop(t)
	ws := dialTarget(t, serving.url)
	if err := echoed(ws, []byte("before")); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	var refused error
	eventually(t, "an image is refused", func() bool {
		refused = echoed(ws, []byte("nowhere"))
		return refused != nil
	})
	if !websocket.IsCloseError(refused, websocket.CloseInternalServerErr) {
		t.Errorf("got %v, want close code %d", refused, websocket.CloseInternalServerErr)
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	eventually(t, "images are saved again", func() bool {
		ws := dialTarget(t, serving.url)
		defer ws.Close()
		return echoed(ws, []byte("again")) == nil
	})
	found := false
	for _, image := range savedImages(t, dir) {
		found = found || string(image) == "again"
	}
	if !found {
		t.Error("an image was echoed and is not in the folder")
	}
}

// TestDescriptorsExhausted: a target that may open no more files leaves new
// connections waiting, goes on with those it has, and takes the others in when
// some of them leave.
func TestDescriptorsExhausted(t *testing.T) {
	const files = 48
	stderr := new(safeBuffer)
	target, url := startTargetProcess(t, stderr, os.Args[0], "target", "--addr", "127.0.0.1:0", "--store", "discard", "--max-connections", "1000")
	// It would not start with more connections than files; so they go later.
	if err := unix.Prlimit(target.Process.Pid, unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: files, Max: files}, nil); err != nil {
		t.Fatal(err)
	}
	impatient := websocket.Dialer{HandshakeTimeout: 500 * time.Millisecond}
	var in []*websocket.Conn
	for range files {
		ws, _, err := impatient.Dial(url, nil)
		if err != nil {
			break
		}
		defer ws.Close()
		in = append(in, ws)
	}
	if len(in) < 4 || len(in) == files {
		t.Fatalf("%d clients are connected to a process with %d files: %s", len(in), files, stderr)
	}
	for i, ws := range in {
		if err := echoed(ws, []byte("still served")); err != nil {
			t.Errorf("client %d of %d: %v", i, len(in), err)
		}
	}
	for _, ws := range in[:3] {
		ws.Close()
	}
	eventually(t, "another client is let in", func() bool {
		ws, _, err := impatient.Dial(url, nil)
		if err != nil {
			return false
		}
		defer ws.Close()
		return echoed(ws, []byte("served at last")) == nil
	})
	if n := strings.Count(stderr.String(), "\n"); n == 0 || n > 10 {
		t.Errorf("got %d lines in the log, want a few about the pause: %s", n, stderr)
	}
}
