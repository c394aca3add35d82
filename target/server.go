package target

import (
	"context"
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

	"github.com/gorilla/websocket"

	"github.com/wsimg/wsimg/target/internal/buffer"
	"github.com/wsimg/wsimg/target/internal/compression"
	"github.com/wsimg/wsimg/target/internal/frame"
	"github.com/wsimg/wsimg/target/internal/machine"
	"github.com/wsimg/wsimg/target/internal/readahead"
	"github.com/wsimg/wsimg/target/store"
)

const (
	// unused is the size of buffers that gorilla wants for what we do in its
	// place: reading frames, and writing those of images.
	unused = 128
	// handshakeTimeout bounds the headers of a request.
	handshakeTimeout = 10 * time.Second
	// idleTimeout ends kept-alive HTTP connections, not sessions.
	idleTimeout = 2 * time.Minute
	// maxHeaderBytes bounds the headers of a request.
	maxHeaderBytes = 16 << 10
)

// ErrCannotStart is what New and Listen wrap when the machine doesn't give
// what the settings ask for: a port in use, a folder that can't be written.
// The settings themselves may be fine.
var ErrCannotStart = errors.New("cannot start the target")

// Server is a target. Its methods are safe for concurrent use; Serve and
// Shutdown may be called once.
type Server struct {
	settings Settings
	listener net.Listener // nil when made by New
	started  time.Time
	runsOn   Environment
	store    store.Store
	limits   [modes]int // of a message, in bytes
	counters *counters
	log      *slog.Logger

	// Shared by all sessions.
	buffers  *buffer.Pool
	ahead    readahead.Pool
	flate    compression.Pool
	upgrader websocket.Upgrader

	mu       sync.Mutex
	sessions map[*session]struct{}
	numbered uint64 // the last session's id
	draining bool   // no session begins any more
	running  sync.WaitGroup
}

// New returns a server without a listener, its store open, for those who have
// one for its Handler. It must be shut down to close the store again.
func New(settings Settings) (*Server, error) {
	if err := settings.Validate(); err != nil {
		return nil, err
	}
	settings = settings.withDefaults()
	open := store.Open
	if settings.transient {
		open = store.OpenTransient
	}
	st, err := open(settings.Store, settings.Dir)
	if err != nil {
		return nil, fmt.Errorf("%w: %w; choose another folder with --dir, or --store discard", ErrCannotStart, err)
	}
	s := &Server{
		settings: settings,
		started:  time.Now(),
		runsOn:   machine.Read(context.Background()),
		store:    st,
		counters: newCounters(),
		log:      settings.Logger,
		sessions: map[*session]struct{}{},
	}
	s.limits = [modes]int{text: int(encodedLen(settings.MaxImage)), binary: int(settings.MaxImage)}
	largest := s.limits[text]
	if settings.Deflate {
		largest = compression.Bound(largest)
	}
	s.buffers = buffer.NewPool(frame.Room + largest)
	s.upgrader = websocket.Upgrader{
		HandshakeTimeout:  handshakeTimeout,
		ReadBufferSize:    unused,
		WriteBufferSize:   unused,
		WriteBufferPool:   &sync.Pool{},
		EnableCompression: settings.Deflate,
	}
	return s, nil
}

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
	s.listener = l
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

// URL returns where clients on this machine connect to, empty if the server
// does not listen.
func (s *Server) URL() string {
	addr := s.Addr()
	if addr == nil {
		return ""
	}
	ap, err := netip.ParseAddrPort(addr.String())
	if err == nil && ap.Addr().IsUnspecified() {
		loopback := netip.MustParseAddr("127.0.0.1")
		return "ws://" + netip.AddrPortFrom(loopback, ap.Port()).String()
	}
	return "ws://" + addr.String()
}

// Serve serves until ctx is done; then it shuts down and returns nil, or why it
// had to use force. It panics if the server was not made by Listen.
func (s *Server) Serve(ctx context.Context) error {
	if s.listener == nil {
		panic("target: Serve of a server that does not listen")
	}
	server := &http.Server{
		Handler:           s.Handler(),
		ReadHeaderTimeout: handshakeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(s.listener) }()

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
