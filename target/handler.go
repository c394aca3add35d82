package target

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"net/http"

	"github.com/gorilla/websocket"

	"github.com/wsimg/wsimg/target/internal/compression"
	"github.com/wsimg/wsimg/target/internal/gate"
	"github.com/wsimg/wsimg/target/internal/readahead"
)

// Handler returns the server without a listener: /stats, /healthz, and
// sessions on all other paths. Sessions outlive their request; Shutdown ends
// them.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /stats", s.serveStats)
	mux.HandleFunc("GET /healthz", serveHealth)
	mux.HandleFunc("/", s.serveSession)
	return mux
}

func serveHealth(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	fmt.Fprintln(w, "ok")
}

func (s *Server) serveStats(w http.ResponseWriter, r *http.Request) {
	if refused := s.access.Authorized(r); refused != nil {
		s.turnAway(w, refused)
		return
	}
	query := r.URL.Query()
	stats := s.Stats()
	if query.Get("hist") == "1" {
		h, err := s.histograms()
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		stats.Histograms = h
	}
	if query.Get("audit") == "1" {
		book := s.tally.Stats()
		book.Instance = s.instance
		stats.Audit = &book
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	json.NewEncoder(w).Encode(stats)
}

// turnAway answers a request that may not become what it wants to be.
func (s *Server) turnAway(w http.ResponseWriter, refused *gate.Refusal) {
	s.counters.turnedAway(refused.Status)
	refused.Write(w)
}

// serveSession upgrades the connection and returns; the session goes on in a
// goroutine of its own, or the objects of net/http would live as long as it.
func (s *Server) serveSession(w http.ResponseWriter, r *http.Request) {
	if !websocket.IsWebSocketUpgrade(r) {
		w.Header().Set("Connection", "Upgrade")
		w.Header().Set("Upgrade", "websocket")
		http.Error(w, "this is a WebSocket server: connect with ws://, or see /stats and /healthz", http.StatusUpgradeRequired)
		return
	}
	if refused := s.access.Check(r); refused != nil {
		s.turnAway(w, refused)
		return
	}
	wishes, err := s.wishesIn(r.URL.Query())
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	leave, refused := s.gate.Enter(gate.Remote(r))
	if refused != nil {
		s.turnAway(w, refused)
		return
	}
	r, answer, wishes := s.negotiate(r, wishes)
	conn, err := s.upgrader.Upgrade(hijacker{w, &s.ahead}, r, answer)
	if err != nil {
		leave()
		s.log.Info("handshake refused", "client", r.RemoteAddr, "error", err)
		return
	}
	// What the library made besides is not needed any more.
	session := newSession(s, conn.NetConn(), wishes, leave)
	if wishes.audit {
		s.tally.Begin()
	}
	if !s.begin(session) {
		session.saver.Close()
		session.sayGoodbye(drained())
	}
}

// negotiate agrees on compression, if the client offers it: it returns the header
// to answer with, and the wishes as they can be met. The library, which would
// accept offers in its own way, is to upgrade the request that is returned: it has
// none.
func (s *Server) negotiate(r *http.Request, asked wishes) (*http.Request, http.Header, wishes) {
	const name = "Sec-Websocket-Extensions" // in the form of http.Header
	if !s.settings.Deflate || r.Header[name] == nil {
		return r, nil, asked
	}
	bare := *r
	bare.Header = r.Header.Clone()
	delete(bare.Header, name)
	agreed, ok := compression.Agree(r.Header)
	if !ok {
		return &bare, nil, asked
	}
	asked.deflate, asked.level = true, agreed.Level(asked.level)
	// The library refuses to send this header in the form of http.Header. It sends
	// what it is given as it is spelled, and so does RFC 6455 section 11.3.2 spell it.
	return &bare, http.Header{"Sec-WebSocket-Extensions": {agreed.String()}}, asked
}

// hijacker makes a connection read ahead as it is taken over from net/http.
type hijacker struct {
	http.ResponseWriter
	pool *readahead.Pool
}

var _ http.Hijacker = hijacker{}

func (h hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	tcp, ok := conn.(*net.TCPConn)
	if !ok {
		return conn, rw, nil
	}
	ahead, err := readahead.New(tcp, h.pool)
	if err != nil {
		conn.Close()
		return nil, nil, err
	}
	return ahead, rw, nil
}
