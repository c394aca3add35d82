package capacity

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// server echoes a few messages at a time, each after a while, for as long as its
// test runs: it has a ceiling that is known.
type server struct {
	url   string
	slots chan struct{}
	work  time.Duration
	tells bool                 // it has a side channel
	admit func(n int64) bool   // the nth session, from 1; nil: all
	spoil func(n int64) string // the answer to the nth image instead of its echo; nil, or empty: the echo

	came, sent, open atomic.Int64
	mu               sync.Mutex
	kinds            []int // of messages, in the order they came
	http             *httptest.Server
	sessions         sync.WaitGroup
}

// serve starts a server that takes work for each image, slots at a time.
func serve(t *testing.T, slots int, work time.Duration) *server {
	t.Helper()
	s := &server{slots: make(chan struct{}, slots), work: work}
	s.http = httptest.NewServer(s)
	s.url = "ws" + strings.TrimPrefix(s.http.URL, "http") + "/"
	t.Cleanup(func() {
		s.http.CloseClientConnections()
		s.http.Close()
		s.sessions.Wait()
	})
	return s
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/stats" {
		if !s.tells {
			http.NotFound(w, r)
			return
		}
		json.NewEncoder(w).Encode(map[string]any{
			"schema": "wsimg.stats/1", "pid": 1, "cpu_ns": s.sent.Load() * 1000,
			"memory": map[string]any{"resident_bytes": 1e6 + 1000*s.open.Load()},
		})
		return
	}
	s.sessions.Add(1)
	defer s.sessions.Done()
	if n := s.came.Add(1); s.admit != nil && !s.admit(n) {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	s.open.Add(1)
	defer s.open.Add(-1)
	var up websocket.Upgrader
	ws, err := up.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer ws.Close()
	for {
		kind, body, err := ws.ReadMessage()
		if err != nil {
			return
		}
		s.slots <- struct{}{}
		time.Sleep(s.work)
		<-s.slots
		n := s.sent.Add(1)
		s.mu.Lock()
		s.kinds = append(s.kinds, kind)
		s.mu.Unlock()
		if s.spoil != nil {
			if text := s.spoil(n); text != "" {
				body = []byte(text)
			}
		}
		if ws.WriteMessage(kind, body) != nil {
			return
		}
	}
}
