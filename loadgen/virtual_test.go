package loadgen

import (
	"context"
	"fmt"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/wsimg/wsimg/loadgen/alarm"
	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/loadgen/record"
)

// virtual is a server over pipes, to be made in a synctest bubble: nothing
// takes time there but what sleeps, so what a fleet should measure is known to
// the nanosecond. It always reads. What it answers, and when, is its conduct,
// called for one message of a session at a time.
type virtual struct {
	start   time.Time
	conduct func(s *session, m message)

	// met is called for every handshake, one at a time, and returns what answers
	// it in place of taking it; nil: it is taken. May be nil.
	met  func() (refuse func(http.ResponseWriter))
	bid  func(code int)       // called for every close frame; may be nil
	deaf func(m message) bool // whether nothing that comes behind m is read, for an hour; may be nil

	lines    chan net.Conn
	closed   chan struct{}
	once     sync.Once
	sessions sync.WaitGroup

	mu    sync.Mutex
	alive map[*session]bool
	down  bool          // refuses connections
	slow  time.Duration // to take one
	most  int           // messages of a session that were unanswered at the same time
}

// message is an image as it arrived.
type message struct {
	image int
	n     int // of its session, from 0
	at    time.Time
	typ   int
	data  []byte
}

// session is one connection of a virtual server.
type session struct {
	server *virtual
	ws     *websocket.Conn
	owed   int // guarded by server.mu
	nth    int // for conducts that count
}

// newVirtual starts a server that the test's end stops. Its fleets must be
// closed before.
func newVirtual(t *testing.T, conduct func(*session, message)) *virtual {
	t.Helper()
	v := &virtual{
		start: time.Now(), conduct: conduct,
		lines: make(chan net.Conn), closed: make(chan struct{}), alive: make(map[*session]bool),
	}
	srv := &http.Server{Handler: v}
	v.sessions.Go(func() { srv.Serve(v) })
	t.Cleanup(func() {
		srv.Close()
		v.sessions.Wait()
	})
	return v
}

// since is the instant in the plan of the block that is driven first.
func (v *virtual) since(at time.Time) time.Duration { return at.Sub(v.start) - lead }

func (v *virtual) Accept() (net.Conn, error) {
	select {
	case c := <-v.lines:
		return c, nil
	case <-v.closed:
		return nil, net.ErrClosed
	}
}

func (v *virtual) Close() error {
	v.once.Do(func() { close(v.closed) })
	return nil
}

func (v *virtual) Addr() net.Addr { return &net.UnixAddr{Name: "virtual", Net: "pipe"} }

// dial is a fleet's transport.
func (v *virtual) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	v.mu.Lock()
	down, slow := v.down, v.slow
	v.mu.Unlock()
	time.Sleep(slow)
	if down {
		return nil, &net.OpError{Op: "dial", Net: network, Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	}
	here, there := net.Pipe()
	select {
	case v.lines <- there:
		return here, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// fall ends all connections and refuses others until rise.
func (v *virtual) fall() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.down = true
	for s := range v.alive {
		s.drop()
	}
}

// delay has new connections take that long.
func (v *virtual) delay(slow time.Duration) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.slow = slow
}

func (v *virtual) rise() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.down = false
}

// ServeHTTP is a session.
func (v *virtual) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v.sessions.Add(1)
	defer v.sessions.Done()
	v.mu.Lock()
	var refuse func(http.ResponseWriter)
	if v.met != nil {
		refuse = v.met() // in here: who is taken must not depend on who comes meanwhile
	}
	v.mu.Unlock()
	if refuse != nil {
		refuse(w)
		return
	}
	ws, err := new(websocket.Upgrader).Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer ws.Close()
	s := &session{server: v, ws: ws}
	v.mu.Lock()
	v.alive[s] = true
	bid := v.bid
	v.mu.Unlock()
	if bid != nil {
		ws.SetCloseHandler(func(code int, _ string) error {
			bid(code)
			return ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, ""), time.Now().Add(time.Second))
		})
	}
	inbox := make(chan message, 64)
	var work sync.WaitGroup
	work.Go(func() {
		for m := range inbox {
			v.conduct(s, m)
		}
	})
	for n := 0; ; n++ {
		typ, data, err := ws.ReadMessage()
		if err != nil {
			break
		}
		v.mu.Lock()
		s.owed++
		v.most = max(v.most, s.owed)
		v.mu.Unlock()
		m := message{image: imageOf(data), n: n, at: time.Now(), typ: typ, data: data}
		inbox <- m
		if v.deaf != nil && v.deaf(m) {
			time.Sleep(time.Hour)
		}
	}
	close(inbox)
	work.Wait()
	v.mu.Lock()
	delete(v.alive, s)
	v.mu.Unlock()
}

// echo answers a message as it should be.
func (s *session) echo(m message) { s.send(m.typ, m.data) }

// send answers the oldest message with anything.
func (s *session) send(typ int, data []byte) {
	s.server.mu.Lock()
	s.owed--
	s.server.mu.Unlock()
	s.ws.WriteMessage(typ, data)
}

// drop ends the connection without a close frame.
func (s *session) drop() { s.ws.NetConn().Close() }

// serial works on one message of a session after the other, for as long as
// takes says of each.
func serial(takes func(m message) time.Duration) func(*session, message) {
	return func(s *session, m message) {
		time.Sleep(takes(m))
		s.echo(m)
	}
}

// always is a time that does not vary.
func always(d time.Duration) func(message) time.Duration {
	return func(message) time.Duration { return d }
}

// tiny is how many images the virtual server is sent, each of 8 bytes: its
// number.
const tiny = 64

func imageOf(data []byte) int {
	i, err := strconv.Atoi(string(data))
	if err != nil {
		return -1
	}
	return i
}

// ownerOf is the client, of that many, whose turn image i is.
func ownerOf(i, clients int) int { return i * clients / tiny }

// numbers makes the images once.
var numbers = sync.OnceValues(func() (*payload.Source, error) {
	dir, err := os.MkdirTemp("", "wsimg-test-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	for i := range tiny {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%03d", i)), fmt.Appendf(nil, "%08d", i), 0o600); err != nil {
			return nil, err
		}
	}
	return payload.Files(context.Background(), dir)
})

// result is a sample, what came after it included.
type result struct {
	record.Sample
	examples map[string]record.Example
}

// failed is how many images failed.
func (r result) failed() uint64 {
	var sum uint64
	for _, n := range r.Errors {
		sum += n
	}
	return sum
}

// play drives a fleet through one block of images against v. What s and b
// leave out is made up.
func play(t *testing.T, v *virtual, s Settings, b Block) result {
	t.Helper()
	got, err := playFor(t.Context(), t, v, s, b)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// playFor is play with a context for the block, and its error.
func playFor(ctx context.Context, t *testing.T, v *virtual, s Settings, b Block) (result, error) {
	t.Helper()
	s.URL, s.open = "ws://virtual/", v.dial
	if s.alarm == nil {
		s.alarm = virtualAlarm
	}
	if b.Traffic == nil {
		b.Traffic = newNumbers(t, record.Echo, s.Clients)
	}
	fleet, err := Dial(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	sample, examples, err := fleet.Run(ctx, b)
	counts, more := fleet.Close()
	for kind, n := range counts {
		if sample.Errors == nil {
			sample.Errors = make(map[string]uint64)
		}
		sample.Errors[kind] += n
	}
	got := result{sample, maps.Clone(examples)}
	if got.examples == nil {
		got.examples = more
	}
	return got, err
}

// virtualAlarm rings at the instant by the bubble's clock.
func virtualAlarm() (alarm.Alarm, error) { return alarm.NewSleeper(0), nil }

func newNumbers(t *testing.T, reply string, clients int) *Traffic {
	t.Helper()
	images, err := numbers()
	if err != nil {
		t.Fatal(err)
	}
	tr, err := NewTraffic(images, payload.Mode{}, Prepared, reply, clients)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}
