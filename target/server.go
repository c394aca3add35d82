package target

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/wsimg/wsimg/target/internal/budget"
	"github.com/wsimg/wsimg/target/internal/buffer"
	"github.com/wsimg/wsimg/target/internal/compression"
	"github.com/wsimg/wsimg/target/internal/decoder"
	"github.com/wsimg/wsimg/target/internal/frame"
	"github.com/wsimg/wsimg/target/internal/gate"
	"github.com/wsimg/wsimg/target/internal/machine"
	"github.com/wsimg/wsimg/target/internal/readahead"
	"github.com/wsimg/wsimg/target/internal/tally"
	"github.com/wsimg/wsimg/target/store"
)

// unused is the size of buffers that gorilla wants for what we do in its place:
// reading and writing frames.
const unused = 128

// ErrCannotStart is what New and Listen wrap when the machine doesn't give
// what the settings ask for: a port in use, a folder that can't be written.
// The settings themselves may be fine.
var ErrCannotStart = errors.New("cannot start the target")

// Server is a target. Its methods are safe for concurrent use; Serve and
// Shutdown may be called once.
type Server struct {
	settings    Settings
	listener    *gate.Listener // nil when made by New
	started     time.Time
	runsOn      Environment
	store       store.Store
	limits      [modes]int // of a message, in bytes
	memoryBound int64
	warnings    []string
	instance    string // unlike that of any other server
	counters    *counters
	faults      faults // of the store
	log         *slog.Logger

	// At the door.
	access   gate.Access
	gate     *gate.Gate
	upgrader websocket.Upgrader

	// Shared by all sessions.
	budget  *budget.Budget
	buffers *buffer.Pool
	ahead   readahead.Pool
	masks   frame.Pool
	flate   *compression.Pool
	tally   tally.Tally
	// decoders are by codec. One for each session would cost it 600 bytes.
	decoders map[Codec]*decoder.Decoder

	mu       sync.Mutex
	sessions map[*session]struct{}
	numbered uint64 // the last session's id
	draining bool   // no session begins any more
	running  sync.WaitGroup

	forced  chan struct{} // closed when messages in progress are given up
	stopped chan struct{} // closed when no session is left
	pulsing sync.WaitGroup
}

// New returns a server without a listener, its store open, for those who have
// one for its Handler. It must be shut down to close the store again.
func New(settings Settings) (*Server, error) {
	if err := settings.Validate(); err != nil {
		return nil, err
	}
	environment := machine.Read(context.Background())
	asked := settings
	settings = settings.on(environment)
	if err := settings.fits(environment); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCannotStart, err)
	}
	how := []store.Option{store.OpenFiles(settings.keptFiles)}
	if settings.transient {
		how = append(how, store.Transient())
	}
	st, err := store.Open(settings.Store, settings.Dir, settings.Keep, how...)
	if err != nil {
		return nil, fmt.Errorf("%w: %w; choose another folder with --dir, or --store discard", ErrCannotStart, err)
	}
	limits := settings.Limits
	s := &Server{
		settings:    settings,
		started:     time.Now(),
		runsOn:      environment,
		store:       st,
		limits:      settings.messageLimits(),
		memoryBound: settings.memoryBound(),
		warnings:    warningsOf(asked, settings, environment, st),
		instance:    newInstance(),
		counters:    newCounters(),
		log:         settings.Logger,
		access:      gate.Access{Token: settings.Access.Token, Origins: settings.Access.Origins},
		gate:        gate.New(gate.Limits{Connections: limits.Connections, PerAddress: limits.PerAddress, NewPerAddress: limits.NewPerAddress}),
		budget:      budget.New(limits.InFlight),
		buffers:     buffer.NewPool(frame.Room+settings.largestMessage(), limits.InFlight/keptPart),
		flate:       compression.NewPool(),
		decoders:    map[Codec]*decoder.Decoder{},
		upgrader: websocket.Upgrader{
			HandshakeTimeout: limits.Handshake,
			ReadBufferSize:   unused,
			WriteBufferSize:  unused,
			WriteBufferPool:  &sync.Pool{},
			CheckOrigin:      func(*http.Request) bool { return true }, // that is the gate's affair
		},
		sessions: map[*session]struct{}{},
		forced:   make(chan struct{}),
		stopped:  make(chan struct{}),
	}
	for _, codec := range []Codec{SIMD, Std} {
		d := decoder.New(codec, settings.Lenient)
		s.decoders[codec] = &d
	}
	s.pulsing.Go(s.pulse)
	return s, nil
}

// now returns the time since the server started, for half of what time.Now
// costs.
func (s *Server) now() time.Duration { return time.Since(s.started) }
