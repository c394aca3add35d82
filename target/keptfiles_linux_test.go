package target

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/wsimg/wsimg/target/store"
)

// TestTheStoreLeavesFilesToSessions has a server expect more sessions than there
// can be: its store keeps no more files open than it must.
func TestTheStoreLeavesFilesToSessions(t *testing.T) {
	dir := t.TempDir()
	srv := newTestServer(t, Settings{Store: store.Latest, Dir: dir, expected: 1 << 30})
	if srv.runsOn.OpenFiles > 1<<29 {
		t.Skip("there are files for all")
	}
	const sessions = 2 * store.LeastOpenFiles
	for range sessions {
		send(t, srv.dial(t, ""), websocket.BinaryMessage, photograph(1000))
	}
	open := 0
	descriptors, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range descriptors {
		name, _ := os.Readlink("/proc/self/fd/" + d.Name())
		if strings.HasPrefix(name, dir+string(filepath.Separator)) && !strings.HasSuffix(name, "lock") {
			open++
		}
	}
	if open != store.LeastOpenFiles {
		t.Errorf("%d files are open after %d sessions have saved, want %d", open, sessions, store.LeastOpenFiles)
	}
}
