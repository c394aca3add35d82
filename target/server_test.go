package target

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"math"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/wsimg/wsimg/target/store"
)

func logTo(w io.Writer) *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

func TestValidateFindsEveryFault(t *testing.T) {
	if err := (Settings{}).Validate(); err != nil {
		t.Errorf("the zero value: got error %v, want none", err)
	}
	err := Settings{Addr: "9000", Store: "tape", Codec: "gpu", Reply: "shrug", MaxImage: -1, DrainTimeout: -1}.Validate()
	for _, want := range []string{"host:port", "tape", "gpu", "shrug", "largest image", "drain timeout"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want it to name %q", err, want)
		}
	}
	if err := (Settings{MaxImage: math.MaxInt64}).Validate(); err == nil {
		t.Error("an image larger than any memory: got no error")
	}
}

func TestListenSaysWhatToDo(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for _, tc := range []struct{ name, addr, want string }{
		{"port in use", taken.Addr().String(), "another program listens"},
		{"address that isn't ours", "192.0.2.1:9000", "choose another address"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "images")
			_, err := Listen(Settings{Addr: tc.addr, Dir: dir, Access: Access{Anonymous: true}})
			if !errors.Is(err, ErrCannotStart) || !strings.Contains(err.Error(), tc.want) || !strings.Contains(err.Error(), "--addr") {
				t.Errorf("got error %v, want %q and --addr", err, tc.want)
			}
			if !gone(dir) {
				t.Error("a target that can't listen touched its folder")
			}
		})
	}
}

func TestNewRefusesAFolderItCannotWrite(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := New(Settings{Dir: file}); !errors.Is(err, ErrCannotStart) || !strings.Contains(err.Error(), "--dir") {
		t.Errorf("got error %v, want one that names --dir", err)
	}
}

func TestPathsWithoutASession(t *testing.T) {
	srv := newTestServer(t, Settings{})
	url := "http" + strings.TrimPrefix(srv.url, "ws")
	upgrade := http.Header{"Connection": {"Upgrade"}, "Upgrade": {"websocket"}, "Sec-Websocket-Version": {"13"}, "Sec-Websocket-Key": {"MDEyMzQ1Njc4OWFiY2RlZg=="}}
	foreign := upgrade.Clone()
	foreign.Set("Origin", "http://elsewhere.example")
	for _, tc := range []struct {
		name, path string
		header     http.Header
		status     int
		body       string
	}{
		{"health", "/healthz", nil, 200, "ok"},
		{"no upgrade", "/", nil, 426, "connect with ws://"},
		{"unknown codec", "/?codec=gpu", upgrade, 400, "choose simd or std"},
		{"unknown reply", "/?reply=shrug", upgrade, 400, "choose echo or ack"},
		{"unknown level", "/?deflate=10", upgrade, 400, "choose -2 (Huffman coding only) to 9"},
		{"unknown codec and reply", "/?codec=gpu&reply=shrug", upgrade, 400, "choose simd or std\nunknown reply \"shrug\""},
		{"page of another site", "/", foreign, 403, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			req, err := http.NewRequestWithContext(t.Context(), "GET", url+tc.path, nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header = tc.header
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			if resp.StatusCode == http.StatusSwitchingProtocols { // its body would not end
				t.Fatalf("got a session, want %d", tc.status)
			}
			body, _ := io.ReadAll(resp.Body)
			if resp.StatusCode != tc.status || !strings.Contains(string(body), tc.body) {
				t.Errorf("got %d %q, want %d %q", resp.StatusCode, body, tc.status, tc.body)
			}
		})
	}
}

func TestServeDrainsWith1001(t *testing.T) {
	srv, err := Listen(Settings{Addr: "127.0.0.1:0", Store: store.Discard, DrainTimeout: 300 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	served := make(chan error, 1)
	go func() { served <- srv.Serve(ctx) }()

	fresh, used, stuck := dial(t, srv.URL()), dial(t, srv.URL()), dial(t, srv.URL())
	send(t, used, websocket.BinaryMessage, photograph(1000))
	inState := func(state int32) (n int) {
		srv.each(func(s *session) {
			if s.state.Load() == state {
				n++
			}
		})
		return n
	}
	eventually(t, "all sessions wait for a message", func() bool { return inState(idle) == 3 })
	// The beginning of a message whose end never comes.
	if _, err := stuck.NetConn().Write([]byte{0x82, 0xfe, 0x10, 0x00, 1, 2, 3, 4, 'b', 'e', 'g', 'u', 'n'}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the stuck session has begun its message", func() bool { return inState(busy) == 1 })
	stop()
	for name, conn := range map[string]*websocket.Conn{"fresh": fresh, "used": used, "stuck": stuck} {
		if got := readClose(t, conn); got.Code != 1001 {
			t.Errorf("%s connection: got close %d, want 1001", name, got.Code)
		}
		conn.Close()
	}
	if err := <-served; err == nil || !strings.Contains(err.Error(), "in the middle of a message: 1") {
		t.Errorf("got error %v, want one that tells of the session cut off", err)
	}
	if _, _, err := websocket.DefaultDialer.Dial(srv.URL(), nil); err == nil {
		t.Error("a connection after the end: got no error")
	}
}

func TestServeOnWildcardHasALocalURL(t *testing.T) {
	srv, err := Listen(Settings{Addr: ":0", Store: store.Off, Access: Access{Anonymous: true}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := srv.Serve(ctx); err != nil {
		t.Fatal(err)
	}
	if got, want := srv.URL(), "ws://127.0.0.1:"; !strings.HasPrefix(got, want) {
		t.Errorf("got URL %q, want %s and a port", got, want)
	}
}

func TestLogEscapesWhatClientsSend(t *testing.T) {
	log := &syncBuffer{}
	srv := newTestServer(t, Settings{Logger: logTo(log)})
	conn := srv.dial(t, "")
	send(t, conn, websocket.TextMessage, asText(photograph(300)))
	conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(4000, "bye\nlevel=ERROR msg=forged\x1b[31m"), time.Now().Add(time.Second))
	readClose(t, conn)
	eventually(t, "the session is forgotten", func() bool { return srv.Stats().Connections.Open == 0 })
	got := log.String()
	for _, want := range []string{"msg=connected connection=1 client=127.0.0.1:", "msg=image connection=1 mode=text bytes=300 message_bytes=400", "msg=disconnected"} {
		if !strings.Contains(got, want) {
			t.Errorf("the log lacks %q:\n%s", want, got)
		}
	}
	if strings.Contains(got, "\nlevel=ERROR") || strings.Contains(got, "\x1b") {
		t.Errorf("a client wrote into the log:\n%s", got)
	}
}

// syncBuffer is a buffer that a session writes and a test reads.
type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
