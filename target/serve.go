package target

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/wsimg/wsimg/target/internal/gate"
)

const (
	// pendingConnections is how many connections there may be that are not
	// sessions yet. Silent ones make room for others, half as many a second.
	pendingConnections = 512
	// keepAlive is how long an HTTP connection may wait for its next request.
	keepAlive = 30 * time.Second
	// maxHeaderBytes bounds the headers of a request.
	maxHeaderBytes = 16 << 10
)

// Listen returns a server that listens and is ready to Serve. The port comes
// first: a second target that finds it taken must not touch the folder of the
// first. The error wraps ErrCannotStart, or tells what Validate found, and
// says what to do.
func Listen(settings Settings) (*Server, error) {
	if err := settings.Validate(); err != nil {
		return nil, err
	}
	addr := settings.withDefaults().Addr
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("%w: %s", ErrCannotStart, listenFault(addr, err))
	}
	s, err := New(settings)
	if err != nil {
		l.Close()
		return nil, err
	}
	s.access.Hosts = ownHosts(addr)
	s.listener = gate.NewListener(l, pendingConnections, s.log)
	return s, nil
}

// addressInUse is what Windows calls EADDRINUSE: WSAEADDRINUSE.
const addressInUse = syscall.Errno(10048)

// listenFault says in a sentence why nobody can listen at addr.
func listenFault(addr string, err error) string {
	switch {
	case errors.Is(err, syscall.EADDRINUSE), errors.Is(err, addressInUse):
		return fmt.Sprintf("another program listens on %s: stop it, or choose another address with --addr, as in --addr 127.0.0.1:9001", addr)
	case errors.Is(err, os.ErrPermission):
		return fmt.Sprintf("this user may not listen on %s: choose a port above 1023 with --addr, as in --addr %s", addr, DefaultAddr)
	default:
		return fmt.Sprintf("%v: choose another address with --addr, as in --addr %s", err, DefaultAddr)
	}
}

// Addr returns where the server listens, nil if it does not.
func (s *Server) Addr() net.Addr {
	if s.listener == nil {
		return nil
	}
	return s.listener.Addr()
}

// URL returns where clients on this machine connect to, ws:// or wss://, empty if
// the server does not listen.
func (s *Server) URL() string {
	addr := s.Addr()
	if addr == nil {
		return ""
	}
	scheme := "ws://"
	if s.settings.Access.TLS != nil {
		scheme = "wss://"
	}
	ap, err := netip.ParseAddrPort(addr.String())
	if err == nil && ap.Addr().IsUnspecified() {
		loopback := netip.MustParseAddr("127.0.0.1")
		return scheme + netip.AddrPortFrom(loopback, ap.Port()).String()
	}
	return scheme + addr.String()
}

// Serve serves until ctx is done; then it shuts down and returns nil, or why it
// had to use force. It panics if the server was not made by Listen.
func (s *Server) Serve(ctx context.Context) error {
	if s.listener == nil {
		panic("target: Serve of a server that does not listen")
	}
	server := s.web()
	served := make(chan error, 1)
	go func() { served <- server.Serve(s.secured()) }()

	var failed error
	select {
	case <-ctx.Done():
	case err := <-served:
		failed = fmt.Errorf("accept connections: %w", err)
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.settings.DrainTimeout)
	defer cancel()
	// Both at once: a request that hangs must not keep the sessions waiting.
	var web sync.WaitGroup
	web.Go(func() {
		if server.Shutdown(drain) != nil {
			server.Close()
		}
	})
	err := s.Shutdown(drain)
	web.Wait()
	if failed == nil {
		<-served
	}
	return errors.Join(failed, err)
}

// web returns the HTTP server in front of the sessions. Its timeouts hold for
// all that is no session.
func (s *Server) web() *http.Server {
	limits := s.settings.Limits
	return &http.Server{
		Handler:           s.Handler(),
		ConnState:         s.listener.ConnState,
		ReadHeaderTimeout: limits.Handshake,
		ReadTimeout:       limits.Handshake,
		WriteTimeout:      limits.Write,
		IdleTimeout:       keepAlive,
		MaxHeaderBytes:    maxHeaderBytes,
		// Of clients that fail to shake hands: they could fill the log.
		ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelInfo),
	}
}

// secured returns the listener, with TLS if that is asked for. WebSocket's
// handshake is HTTP/1.1.
func (s *Server) secured() net.Listener {
	config := s.settings.Access.TLS
	if config == nil {
		return s.listener
	}
	config = config.Clone()
	config.NextProtos = []string{"http/1.1"}
	return tls.NewListener(s.listener, config)
}
