package proof

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"regexp"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/wsimg/wsimg/loadgen/alarm"
)

// server echoes every message after a delay that depends on the mode, which it
// reads from the handshake's User-Agent, and keeps a log. Its sessions run in
// this process; close ends them. It is safe for concurrent use.
type server struct {
	url     string
	usual   map[string]time.Duration // delay, by mode
	jitter  float64
	seed    uint64
	mood    mood
	started time.Time

	http     *http.Server
	ctx      context.Context // done: sessions end
	cancel   context.CancelFunc
	sessions sync.WaitGroup

	mu     sync.Mutex
	logs   map[string][]visit // by mode, in order of arrival
	opened uint64             // sessions so far
	fault  error              // of a session that did not just end
}

// serve starts a server on a free port of 127.0.0.1 with the usual delay of
// each mode, from which images differ by about the jitter: 0.1 is 10 %. What
// varies about the delays follows from the seed.
func serve(usual map[string]time.Duration, jitter float64, seed uint64) (*server, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start the delaying server: %w", err)
	}
	s := &server{
		url:     fmt.Sprintf("ws://%s/", l.Addr()),
		usual:   usual,
		jitter:  jitter,
		seed:    seed,
		mood:    newMood(seed),
		started: time.Now(),
		logs:    make(map[string][]visit),
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: 5 * time.Second}
	s.sessions.Go(func() { _ = s.http.Serve(l) })
	return s, nil
}

// close ends the server and returns its log once no session writes to it
// anymore.
func (s *server) close() (map[string][]visit, error) {
	s.mu.Lock() // after which no session begins
	s.cancel()
	s.mu.Unlock()
	_ = s.http.Close()
	s.sessions.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.logs), s.fault
}

// agent is the User-Agent of wsimg, "wsimg/0.3.0 (binary#2)".
var agent = regexp.MustCompile(`^wsimg/\S+ \(([^()]+)\)$`)

// ServeHTTP runs a session until its connection or the server ends.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !websocket.IsWebSocketUpgrade(r) {
		http.NotFound(w, r) // wsimg looks for a side channel
		return
	}
	named := agent.FindStringSubmatch(r.UserAgent())
	if named == nil || s.usual[named[1]] == 0 {
		http.Error(w, "the User-Agent names no mode that this server delays", http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	if s.ctx.Err() != nil {
		s.mu.Unlock()
		return
	}
	s.opened++
	number := s.opened
	draw := rand.New(rand.NewPCG(s.seed, s.opened))
	s.sessions.Add(1)
	s.mu.Unlock()
	defer s.sessions.Done()

	up := websocket.Upgrader{ReadBufferSize: 64 << 10}
	conn, err := up.Upgrade(w, r, nil)
	if err != nil {
		return // told the client
	}
	defer conn.Close()
	defer context.AfterFunc(s.ctx, func() { conn.Close() })()
	err = s.session(conn, number, named[1], &delays{s.usual[named[1]], s.jitter, s.mood, draw})
	var closed *websocket.CloseError
	if !errors.As(err, &closed) && s.ctx.Err() == nil {
		s.mu.Lock()
		s.fault = errors.Join(s.fault, fmt.Errorf("session of %s: %w", named[1], err))
		s.mu.Unlock()
	}
}

// session echoes until the connection ends, which is its error.
func (s *server) session(conn *websocket.Conn, number uint64, mode string, d *delays) error {
	clock, err := alarm.New()
	if err != nil {
		return err
	}
	defer clock.Close()
	for {
		kind, message, err := conn.ReadMessage()
		if err != nil {
			return err
		}
		v := visit{session: number, arrived: time.Since(s.started)}
		v.planned = d.next(v.arrived)
		at := s.started.Add(v.arrived + v.planned)
		clock.Set(at)
		for time.Until(at) > 0 {
			clock.Wait()
		}
		v.replied = time.Since(s.started)
		if err := conn.WriteMessage(kind, message); err != nil {
			return err
		}
		s.mu.Lock()
		s.logs[mode] = append(s.logs[mode], v)
		s.mu.Unlock()
	}
}
