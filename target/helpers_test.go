package target

import (
	"context"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// testServer is a target within this process.
type testServer struct {
	*Server
	url string
	dir string
}

func newTestServer(t testing.TB, settings Settings) testServer {
	t.Helper()
	if settings.Dir == "" {
		settings.Dir = t.TempDir()
	}
	srv, err := New(settings)
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(srv.Handler())
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := srv.Shutdown(ctx); err != nil {
			t.Errorf("shut down: %v", err)
		}
		web.CloseClientConnections()
		web.Close()
	})
	return testServer{srv, "ws" + strings.TrimPrefix(web.URL, "http"), settings.Dir}
}

// dial connects a plain gorilla client; query may be empty.
func (s testServer) dial(t testing.TB, query string) *websocket.Conn {
	t.Helper()
	return dial(t, s.url+"/"+query)
}

func dial(t testing.TB, url string) *websocket.Conn {
	t.Helper()
	conn, resp, err := websocket.DefaultDialer.Dial(url, nil)
	if err != nil {
		t.Fatalf("dial %s: %v (%v)", url, err, resp)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	return conn
}

// savedIn returns the names of the files in dir but for the store's own.
func savedIn(t testing.TB, dir string) (names []string) {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !strings.HasPrefix(f.Name(), ".wsimg-") {
			names = append(names, f.Name())
		}
	}
	return names
}

// send sends a message and returns the reply.
func send(t testing.TB, conn *websocket.Conn, kind int, message []byte) (int, []byte) {
	t.Helper()
	if err := conn.WriteMessage(kind, message); err != nil {
		t.Fatal(err)
	}
	got, reply, err := conn.ReadMessage()
	if err != nil {
		t.Fatal(err)
	}
	return got, reply
}

// readClose reads up to the close frame.
func readClose(t testing.TB, conn *websocket.Conn) *websocket.CloseError {
	t.Helper()
	for {
		_, _, err := conn.ReadMessage()
		if err == nil {
			continue
		}
		closed, ok := err.(*websocket.CloseError)
		if !ok || closed.Code == websocket.CloseAbnormalClosure {
			t.Fatalf("got error %v, want a close frame", err)
		}
		return closed
	}
}

// eventually waits for what follows a reply within moments.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Errorf("still not so after ten seconds: %s", what)
}
