package target

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/websocket"

	"github.com/wsimg/wsimg/target/store"
)

func startChild(t *testing.T, role string) *Child {
	t.Helper()
	c, err := Start(t.Context(), testChild(role))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Stop(context.Background()) })
	return c
}

func gone(path string) bool {
	_, err := os.Stat(path)
	return errors.Is(err, fs.ErrNotExist)
}

func TestChildServesUntilStopped(t *testing.T) {
	c := startChild(t, "child")
	conn := dial(t, c.URL())
	send(t, conn, websocket.BinaryMessage, photograph(1000))
	if files := savedIn(t, c.Dir()); len(files) != 1 {
		t.Errorf("got the files %q in the child's folder, want one", files)
	}
	if c.PID() == os.Getpid() {
		t.Error("the child has our own process id")
	}
	stopped := make(chan error, 1)
	go func() { stopped <- c.Stop(t.Context()) }()
	if got := readClose(t, conn); got.Code != 1001 {
		t.Errorf("got close %d, want 1001", got.Code)
	}
	conn.Close()
	if err := <-stopped; err != nil {
		t.Errorf("stop: got error %v, want none", err)
	}
	if !gone(c.Dir()) {
		t.Error("the child's folder is still there")
	}
	if err := c.Stop(t.Context()); err != nil {
		t.Errorf("stop again: got error %v, want none", err)
	}
}

func TestChildIsToldWhatIsSet(t *testing.T) {
	for _, tc := range []struct {
		name     string
		settings ChildSettings
		want     []string
	}{
		{"nothing", ChildSettings{}, []string{"target", "--child"}},
		{"everything", ChildSettings{Store: store.Off, MaxImage: 7, Codec: Std, Reply: Ack, Deflate: true, Connections: 8},
			[]string{"target", "--child", "--store", "off", "--max-image", "7B", "--codec", "std", "--reply", "ack", "--deflate", "--max-connections", "8"}},
		{"a reply to a program of its own", ChildSettings{Args: []string{"serve"}, Reply: Echo}, []string{"serve", "--reply", "echo"}},
	} {
		if diff := cmp.Diff(tc.want, tc.settings.args()); diff != "" {
			t.Errorf("%s set (-want +got):\n%s", tc.name, diff)
		}
	}
}

// TestWhatIsExpectedIsNoLimit has one client more than the parent said.
func TestWhatIsExpectedIsNoLimit(t *testing.T) {
	stdin, parent := io.Pipe()
	said, stdout := io.Pipe()
	served := make(chan error, 1)
	go func() {
		served <- ServeChild(t.Context(), Settings{Store: store.Off, Limits: Limits{Connections: 1}}, stdin, stdout)
	}()
	var child ready
	if err := json.NewDecoder(said).Decode(&child); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		send(t, dial(t, child.URL), websocket.BinaryMessage, photograph(1000))
	}
	parent.Close()
	if err := <-served; err != nil {
		t.Error(err)
	}
}

func TestChildThatIsKilledLeavesNothing(t *testing.T) {
	c := startChild(t, "child")
	p, err := os.FindProcess(c.PID())
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Kill(); err != nil {
		t.Fatal(err)
	}
	<-c.Exited()
	if err := c.Err(); err == nil || !strings.Contains(err.Error(), "the target ended") {
		t.Errorf("got error %v, want one that says the target ended", err)
	}
	if !gone(c.Dir()) {
		t.Error("the child's folder is still there")
	}
}

func TestStartTellsWhatTheChildSaid(t *testing.T) {
	for _, tc := range []struct {
		name     string
		settings ChildSettings
		want     string
	}{
		{"ends with an error", testChild("failing child"), "it ended before it was ready: no luck today"},
		{"isn't there", ChildSettings{Executable: "/no/such/program"}, "/no/such/program"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, err := Start(t.Context(), tc.settings)
			if err == nil {
				c.Stop(t.Context())
				t.Fatal("got no error")
			}
			if !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got error %v, want it to say %q", err, tc.want)
			}
		})
	}
}

func TestStartGivesUpWithItsContext(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := Start(ctx, testChild("silent child")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got error %v, want %v", err, context.DeadlineExceeded)
	}
}

// TestStartGivenUpLeavesNothing: a child that is interrupted as it starts has a
// folder that nobody else knows of.
func TestStartGivenUpLeavesNothing(t *testing.T) {
	temp := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		eventually(t, "the child has its folder", func() bool { return len(entries(temp)) > 0 })
		cancel()
	}()
	late := testChild("late child")
	late.Env = append(late.Env, "TMPDIR="+temp, "TMP="+temp)
	if _, err := Start(ctx, late); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want %v", err, context.Canceled)
	}
	if left := entries(temp); len(left) > 0 {
		t.Errorf("the child left %q", left[0].Name())
	}
}

// entries returns what is in a folder.
func entries(folder string) []fs.DirEntry {
	all, _ := os.ReadDir(folder)
	return all
}

func TestTailKeepsTheEnd(t *testing.T) {
	var got tail
	for range 1000 {
		got.Write([]byte("0123456789"))
	}
	got.Write([]byte("the end\n"))
	if s := got.quote(); !strings.HasSuffix(s, "the end") || len(s) > stderrTail+2 {
		t.Errorf("kept %d bytes ending in %q", len(s), s[max(0, len(s)-20):])
	}
}
