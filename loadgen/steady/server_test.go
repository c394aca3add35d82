package steady

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/wsimg/wsimg/loadgen"
	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/schedule"
)

// message is one that came, and how to answer it.
type message struct {
	*websocket.Conn
	n    int // from 1, over all connections
	typ  int
	body []byte
}

func (m message) echo() { m.WriteMessage(m.typ, m.body) }

// server is somebody's server for as long as the test runs. It can die, and
// come back at the same address as another process.
type server struct {
	url   string
	asked atomic.Value // string: the query of the last session
	named atomic.Value // string: what the client of the last session calls itself
	tells atomic.Bool  // it has a side channel
	packs atomic.Bool  // it compresses for who asks
	sent  atomic.Int64 // messages so far
	came  atomic.Int64 // attempts to begin a session so far
	pid   atomic.Int64
	born  atomic.Int64 // messages when it was started

	visited func()            // before the side channel answers; may be nil
	admits  func(n int64) int // HTTP status of the nth attempt, 0: a session; may be nil

	http     *httptest.Server
	reply    func(message)
	sessions sync.WaitGroup
	mu       sync.Mutex
	open     map[*websocket.Conn]bool
	dead     bool
}

// serve answers messages as reply says.
func serve(t *testing.T, reply func(message)) *server {
	t.Helper()
	s := &server{reply: reply, open: make(map[*websocket.Conn]bool)}
	s.pid.Store(1)
	s.http = httptest.NewServer(s)
	s.url = "ws" + strings.TrimPrefix(s.http.URL, "http") + "/"
	t.Cleanup(func() {
		s.http.Close()
		s.sessions.Wait()
	})
	return s
}

// die ends all connections without a word, and takes no more.
func (s *server) die() {
	s.mu.Lock()
	s.dead = true
	for ws := range s.open {
		ws.NetConn().Close()
	}
	s.mu.Unlock()
	s.http.Close()
}

// rise has the server come back, as another process.
func (s *server) rise(t *testing.T) {
	l, err := net.Listen("tcp", s.http.Listener.Addr().String())
	if err != nil {
		t.Errorf("come back: %v", err)
		return
	}
	s.mu.Lock()
	s.dead = false
	s.mu.Unlock()
	s.pid.Add(1)
	s.born.Store(s.sent.Load())
	s.http = &httptest.Server{Listener: l, Config: &http.Server{Handler: s}}
	s.http.Start()
}

// connections is how many there are.
func (s *server) connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.open)
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/stats" {
		s.stats(w)
		return
	}
	s.sessions.Add(1)
	defer s.sessions.Done()
	n := s.came.Add(1)
	if s.admits != nil {
		if status := s.admits(n); status != 0 {
			w.WriteHeader(status)
			return
		}
	}
	up := websocket.Upgrader{EnableCompression: s.packs.Load()}
	ws, err := up.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer ws.Close()
	s.mu.Lock()
	if s.dead {
		s.mu.Unlock()
		return
	}
	s.open[ws] = true
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.open, ws)
	}()
	s.asked.Store(r.URL.RawQuery)
	s.named.Store(r.UserAgent())
	for {
		typ, body, err := ws.ReadMessage()
		if err != nil {
			return
		}
		s.reply(message{ws, int(s.sent.Add(1)), typ, body})
	}
}

// stats tells of 1 ms of CPU time a message and of 1 KB a connection, if the
// server tells at all.
func (s *server) stats(w http.ResponseWriter) {
	if s.visited != nil {
		s.visited()
	}
	if !s.tells.Load() {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	n := s.sent.Load() - s.born.Load()
	json.NewEncoder(w).Encode(map[string]any{
		"schema": "wsimg.stats/1", "store": "latest", "pid": s.pid.Load(), "cpu_ns": n * 1e6,
		"memory": map[string]any{"resident_bytes": 1e6 + 1000*s.connections()},
		"stages": map[string]any{"binary": map[string]any{"save": record.Stage{Count: uint64(n), TotalNs: n * 1e3}}},
	})
}

// synthetic returns some small images.
func synthetic(t *testing.T) *payload.Source { return images(t, 4) }

// images returns n small images.
func images(t *testing.T, n int) *payload.Source {
	t.Helper()
	src, err := payload.Synthetic(t.Context(), 2000, n, 1)
	if err != nil {
		t.Fatal(err)
	}
	return src
}

// asked returns settings of a load of 100 images in a quarter of a second,
// evenly spread, over two clients, with two points.
func asked(t *testing.T, url string) Settings {
	return Settings{
		URL: url, Source: synthetic(t), Clients: 2, Timeout: 2 * time.Second, Seed: 7, Distinct: 4,
		Load:  loadgen.Load{Plan: schedule.Steady(400, 250*time.Millisecond), Arrivals: schedule.Constant},
		every: 125 * time.Millisecond,
	}
}

// onMeasuring returns a Progress that calls f when the warm-up is over.
func onMeasuring(f func()) func(Progress) {
	return func(p Progress) {
		if p.Phase == Measuring && p.Point == nil {
			f()
		}
	}
}

// interrupted runs s until it reports what has when say so, and returns what was
// kept.
func interrupted(t *testing.T, s Settings, when func(Progress) bool) *record.Run {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s.Progress = func(p Progress) {
		if when(p) {
			cancel()
		}
	}
	run, err := Run(ctx, s)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error: got %v, want %v", err, context.Canceled)
	}
	return run
}

// carriedOut runs what is expected to go well, and returns its one sample.
func carriedOut(t *testing.T, s Settings) (*record.Run, record.Sample) {
	t.Helper()
	run, err := Run(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if len(run.Cells) != 1 || len(run.Cells[0].Samples) != 1 {
		t.Fatalf("got cells %+v, want one with one sample", run.Cells)
	}
	return run, run.Cells[0].Samples[0]
}

// sum adds up something of all points.
func sum(points []record.Point, of func(record.Point) uint64) (n uint64) {
	for _, p := range points {
		n += of(p)
	}
	return n
}

// within reports a figure that is not near enough to what it should be.
func within(t *testing.T, what string, got, want, share float64) {
	t.Helper()
	if got < want*(1-share) || got > want*(1+share) {
		t.Errorf("%s: got %.3g, want %.3g within %.0f %%", what, got, want, 100*share)
	}
}

// acknowledge answers as upload services do.
func acknowledge(m message) {
	m.WriteMessage(websocket.TextMessage, fmt.Appendf(nil, `{"ok":true,"bytes":%d}`, len(m.body)))
}
