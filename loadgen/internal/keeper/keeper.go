// Package keeper is a server for tests that keeps a book as a target does: it
// echoes images, text or binary, and tells on its side channel what it has
// saved of them. Tests have it save them wrongly.
package keeper

import (
	"encoding/base64"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/gorilla/websocket"
	"github.com/zeebo/xxh3"
)

// Server serves as long as its test runs. Its fields may be changed before
// anybody connects; they are called one at a time.
type Server struct {
	URL string // ws://host:port
	// Saves returns what is saved of the n-th image, from 1, and whether it is
	// answered: else the connection ends. Nil: the image, and it is.
	Saves func(n int, image []byte) (saved [][]byte, answered bool)
	// Tells reports whether there is a side channel when n images have come.
	// Nil: there is.
	Tells func(n int) bool
	// Token is asked of who connects, and of who reads the side channel; empty:
	// nobody is asked.
	Token string

	mu       sync.Mutex
	open     int
	audited  int
	images   int
	counts   [256]int
	sums     [256]*big.Int
	sessions sync.WaitGroup
}

// New starts a server.
func New(t *testing.T) *Server {
	t.Helper()
	s := new(Server)
	for i := range s.sums {
		s.sums[i] = new(big.Int)
	}
	srv := httptest.NewServer(s)
	t.Cleanup(func() {
		srv.Close()
		s.sessions.Wait()
	})
	s.URL = "ws" + strings.TrimPrefix(srv.URL, "http")
	return s
}

// Sessions returns how many audited sessions were begun.
func (s *Server) Sessions() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.audited
}

// ServeHTTP answers /stats, and whatever else with a session.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case s.Token != "" && r.Header.Get("Authorization") != "Bearer "+s.Token:
		w.WriteHeader(http.StatusUnauthorized)
	case r.URL.Path == "/stats":
		s.stats(w)
	default:
		s.session(w, r)
	}
}

func (s *Server) stats(w http.ResponseWriter) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.Tells != nil && !s.Tells(s.images) {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	var parts []string
	for i, n := range s.counts {
		if n > 0 {
			parts = append(parts, fmt.Sprintf(`"%d":{"count":%d,"sum":"%032x"}`, i, n, s.sums[i]))
		}
	}
	fmt.Fprintf(w, `{"schema":"wsimg.stats/1","store":"latest","pid":7,"connections":{"open":%d},"audit":{"connections":%d,"parts":{%s}}}`,
		s.open, s.audited, strings.Join(parts, ","))
}

func (s *Server) session(w http.ResponseWriter, r *http.Request) {
	s.sessions.Add(1)
	defer s.sessions.Done()
	ws, err := new(websocket.Upgrader).Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer ws.Close()
	audited := r.URL.Query().Get("audit") == "1"
	s.begin(audited)
	defer s.end()
	for {
		typ, message, err := ws.ReadMessage()
		if err != nil {
			return
		}
		image := message
		if typ == websocket.TextMessage {
			if image, err = base64.StdEncoding.DecodeString(string(message)); err != nil {
				return
			}
		}
		if !s.save(image, audited) || ws.WriteMessage(typ, message) != nil {
			return
		}
	}
}

func (s *Server) begin(audited bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open++
	if audited {
		s.audited++
	}
}

func (s *Server) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open--
}

// save keeps the book and reports whether the image is answered.
func (s *Server) save(image []byte, audited bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.images++
	saved, answered := [][]byte{image}, true
	if s.Saves != nil {
		saved, answered = s.Saves(s.images, image)
	}
	for _, image := range saved {
		if !audited {
			break
		}
		hash := xxh3.Hash128(image).Bytes()
		i := hash[15]
		s.counts[i]++
		s.sums[i].Add(s.sums[i], new(big.Int).SetBytes(hash[:]))
		s.sums[i].SetBit(s.sums[i], 128, 0)
	}
	return answered
}
