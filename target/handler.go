package target

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"

	"github.com/gorilla/websocket"

	"github.com/wsimg/wsimg/target/internal/compression"
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
	stats := s.Stats()
	if r.URL.Query().Get("hist") == "1" {
		h, err := s.histograms()
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		stats.Histograms = h
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	json.NewEncoder(w).Encode(stats)
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
	query := r.URL.Query()
	codec, codecErr := asked(query, "codec", ParseCodec, s.settings.Codec)
	reply, replyErr := asked(query, "reply", ParseReply, s.settings.Reply)
	level, levelErr := asked(query, "deflate", parseLevel, compression.DefaultLevel)
	if err := errors.Join(codecErr, replyErr, levelErr); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	r, deflates := s.negotiate(r)
	conn, err := s.upgrader.Upgrade(hijacker{w, &s.ahead}, r, nil)
	if err != nil {
		s.log.Info("handshake refused", "client", r.RemoteAddr, "error", err)
		return
	}
	session := newSession(s, conn, codec, reply)
	if deflates {
		session.compress(level)
	}
	if !s.begin(session) {
		session.saver.Close()
		session.sayGoodbye(drained())
	}
}

// asked returns what a connection asks for in its URL, the server's own setting
// when it asks for nothing.
func asked[T any](query url.Values, name string, parse func(string) (T, error), otherwise T) (T, error) {
	if value := query.Get(name); value != "" {
		return parse(value)
	}
	return otherwise, nil
}

// negotiate reports whether a session may have compressed messages. The library,
// which accepts any offer of permessage-deflate, is to upgrade the request that
// is returned: one with the offer that is accepted, or with none.
func (s *Server) negotiate(r *http.Request) (*http.Request, bool) {
	const name = "Sec-Websocket-Extensions" // in the form of http.Header
	if !s.settings.Deflate || r.Header[name] == nil {
		return r, false
	}
	acceptable := compression.Acceptable(r.Header)
	narrowed := *r
	narrowed.Header = r.Header.Clone()
	delete(narrowed.Header, name)
	if acceptable {
		narrowed.Header.Set(name, compression.Offer)
	}
	return &narrowed, acceptable
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
