package loadgen_test

import (
	"context"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/websocket"

	"github.com/wsimg/wsimg/loadgen"
	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/loadgen/record"
)

// reply answers message number n (from 1, over all connections) of a
// connection.
type reply func(ws *websocket.Conn, n, typ int, message []byte)

func echo(ws *websocket.Conn, _, typ int, message []byte) { ws.WriteMessage(typ, message) }

// nth answers message n wrongly and all others rightly.
func nth(n int, wrong reply) reply {
	return func(ws *websocket.Conn, k, typ int, message []byte) {
		if k == n {
			wrong(ws, k, typ, message)
			return
		}
		echo(ws, k, typ, message)
	}
}

// server runs a WebSocket server until the test ends, and returns its URL.
func server(t *testing.T, r reply) string {
	t.Helper()
	var count atomic.Int64
	var sessions sync.WaitGroup
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		sessions.Add(1) // before the upgrade, while srv.Close still waits for us
		defer sessions.Done()
		ws, err := new(websocket.Upgrader).Upgrade(w, req, nil)
		if err != nil {
			return
		}
		defer ws.Close()
		for {
			typ, message, err := ws.ReadMessage()
			if err != nil {
				return
			}
			r(ws, int(count.Add(1)), typ, message)
		}
	}))
	t.Cleanup(func() {
		srv.Close()
		sessions.Wait()
	})
	return "ws" + strings.TrimPrefix(srv.URL, "http")
}

// source is eight images of 10 KB, made once.
var source = sync.OnceValues(func() (*payload.Source, error) {
	return payload.Synthetic(context.Background(), 10_000, 8, 1)
})

func traffic(t *testing.T, mode string, clients int) *loadgen.Traffic {
	t.Helper()
	m, err := payload.ParseMode(mode)
	if err != nil {
		t.Fatal(err)
	}
	images, err := source()
	if err != nil {
		t.Fatal(err)
	}
	tr, err := loadgen.NewTraffic(images, m, loadgen.Live, record.Echo, clients)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// drive runs the blocks one after another with a fresh fleet and returns the
// samples, with the failures that came last, and the examples.
func drive(t *testing.T, s loadgen.Settings, length time.Duration, blocks ...*loadgen.Traffic) ([]record.Sample, map[string]uint64, map[string]record.Example) {
	t.Helper()
	fleet, err := loadgen.Dial(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	var samples []record.Sample
	counts, examples := map[string]uint64{}, map[string]record.Example{}
	add := func(c map[string]uint64, e map[string]record.Example) {
		for k, n := range c {
			counts[k] += n
		}
		maps.Copy(examples, e)
	}
	for _, b := range blocks {
		sample, e, err := fleet.Run(t.Context(), loadgen.Block{Traffic: b, Length: length})
		if err != nil {
			t.Fatal(err)
		}
		samples = append(samples, sample)
		add(sample.Errors, e)
	}
	time.Sleep(20 * time.Millisecond) // for strays after the last block
	add(fleet.Close())
	return samples, counts, examples
}

// TestEveryFaultHasItsKind meets servers that answer one message wrongly.
func TestEveryFaultHasItsKind(t *testing.T) {
	t.Parallel() // with what waits as well
	var held struct {
		sync.Mutex
		ws      *websocket.Conn
		typ     int
		message []byte
	}
	tests := []struct {
		name  string
		reply func() reply
		want  map[string]uint64
	}{
		{"an honest echo", func() reply { return echo }, map[string]uint64{}},
		{"one byte flipped", func() reply {
			return nth(2, func(ws *websocket.Conn, _, typ int, m []byte) {
				m[len(m)-1] ^= 1
				ws.WriteMessage(typ, m)
			})
		}, map[string]uint64{loadgen.Flipped: 1}},
		{"the first byte flipped", func() reply {
			return nth(2, func(ws *websocket.Conn, _, typ int, m []byte) {
				m[0] ^= 1
				ws.WriteMessage(typ, m)
			})
		}, map[string]uint64{loadgen.Flipped: 1}},
		{"one byte short", func() reply {
			return nth(2, func(ws *websocket.Conn, _, typ int, m []byte) { ws.WriteMessage(typ, m[:len(m)-1]) })
		}, map[string]uint64{loadgen.Short: 1}},
		{"an empty reply", func() reply {
			return nth(2, func(ws *websocket.Conn, _, typ int, m []byte) { ws.WriteMessage(typ, nil) })
		}, map[string]uint64{loadgen.Short: 1}},
		{"one byte long", func() reply {
			return nth(2, func(ws *websocket.Conn, _, typ int, m []byte) { ws.WriteMessage(typ, append(m, 'x')) })
		}, map[string]uint64{loadgen.Long: 1}},
		{"the other frame type", func() reply {
			return nth(2, func(ws *websocket.Conn, _, typ int, m []byte) {
				ws.WriteMessage(websocket.TextMessage+websocket.BinaryMessage-typ, m)
			})
		}, map[string]uint64{loadgen.Retyped: 1}},
		{"a short reply of the other frame type", func() reply {
			return nth(2, func(ws *websocket.Conn, _, typ int, m []byte) {
				ws.WriteMessage(websocket.TextMessage+websocket.BinaryMessage-typ, []byte("thank you"))
			})
		}, map[string]uint64{loadgen.Retyped: 1}},
		{"the beginning of the image in the other frame type", func() reply {
			return nth(2, func(ws *websocket.Conn, _, typ int, m []byte) {
				ws.WriteMessage(websocket.TextMessage+websocket.BinaryMessage-typ, m[:100])
			})
		}, map[string]uint64{loadgen.Retyped: 1}},
		{"a reply twice", func() reply {
			return nth(2, func(ws *websocket.Conn, _, typ int, m []byte) {
				ws.WriteMessage(typ, m)
				ws.WriteMessage(typ, m)
			})
		}, map[string]uint64{loadgen.Doubled: 1}},
		{"the first message of all again", func() reply {
			var before []byte
			return func(ws *websocket.Conn, n, typ int, m []byte) {
				if n == 1 {
					before = append([]byte(nil), m...)
				}
				if n == 4 { // one client: three images later
					m = before
				}
				ws.WriteMessage(typ, m)
			}
		}, map[string]uint64{loadgen.Misplaced: 1}},
		{"no reply at all", func() reply {
			return nth(2, func(*websocket.Conn, int, int, []byte) {})
		}, map[string]uint64{loadgen.Unanswered: 1}},
		{"a reply too late", func() reply {
			return nth(2, func(ws *websocket.Conn, _, typ int, m []byte) {
				time.Sleep(1200 * time.Millisecond)
				ws.WriteMessage(typ, m)
			})
		}, map[string]uint64{loadgen.Late: 1}},
		{"a close with a code", func() reply {
			return nth(2, func(ws *websocket.Conn, _, typ int, m []byte) {
				ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(1011, "disk full"), time.Now().Add(time.Second))
			})
		}, map[string]uint64{"closed-1011": 1}},
		{"a connection dropped", func() reply {
			return nth(2, func(ws *websocket.Conn, _, typ int, m []byte) { ws.Close() })
		}, map[string]uint64{loadgen.Dropped: 1}},
		{"a masked frame", func() reply {
			return nth(2, func(ws *websocket.Conn, _, typ int, m []byte) { ws.NetConn().Write([]byte{0x82, 0x80, 1, 2, 3, 4}) })
		}, map[string]uint64{loadgen.Protocol: 1}},
	}
	for _, tt := range tests {
		modes := []string{"binary", "text"}
		if tt.want[loadgen.Unanswered]+tt.want[loadgen.Late] > 0 {
			modes = modes[1:] // binary: TestImageThatIsNotAnswered, which takes no time
		}
		for _, mode := range modes {
			t.Run(tt.name+", "+mode, func(t *testing.T) {
				t.Parallel()
				clients := 1
				url := server(t, tt.reply())
				first, second, audit := traffic(t, mode, clients), traffic(t, mode, clients), new(book)
				first.Audit(audit)
				second.Audit(audit)
				samples, got, examples := drive(t,
					loadgen.Settings{URL: url, Clients: clients, Timeout: time.Second},
					50*time.Millisecond, first, second)
				audit.check(t, samples, got, got[loadgen.Doubled] > 0)
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("failures (-want +got):\n%s%v", diff, examples)
				}
				for kind := range got {
					if examples[kind].Detail == "" {
						t.Errorf("no example of %s is kept", kind)
					}
				}
				if len(tt.want) > 0 && samples[1].Images == 0 && len(samples[1].Errors) == 0 {
					t.Errorf("the client was not redialed: the next block verified no image")
				}
			})
		}
	}
	t.Run("replies swapped between two clients", func(t *testing.T) {
		url := server(t, func(ws *websocket.Conn, n, typ int, m []byte) {
			held.Lock()
			defer held.Unlock()
			switch {
			case n < 5 || held.typ == -1:
				ws.WriteMessage(typ, m)
			case held.ws == nil:
				held.ws, held.typ, held.message = ws, typ, m
			case held.ws != ws:
				ws.WriteMessage(held.typ, held.message)
				held.ws.WriteMessage(typ, m)
				held.typ = -1
			}
		})
		_, got, examples := drive(t, loadgen.Settings{URL: url, Clients: 2, Timeout: time.Second},
			50*time.Millisecond, traffic(t, "text", 2))
		if want := map[string]uint64{loadgen.Foreign: 2}; !maps.Equal(got, want) {
			t.Errorf("failures: got %v, want %v (%v)", got, want, examples)
		}
	})
}

// TestStrayAfterTheBlock doubles the very last reply of a block, and a pair of
// blocks in different modes must not take it for something else.
func TestStrayAfterTheBlock(t *testing.T) {
	url := server(t, func(ws *websocket.Conn, n, typ int, m []byte) {
		ws.WriteMessage(typ, m)
		if n == 1 {
			time.Sleep(20 * time.Millisecond)
			ws.WriteMessage(typ, m)
		}
	})
	// The block's window is over before the first reply is doubled.
	_, got, _ := drive(t, loadgen.Settings{URL: url, Clients: 1}, time.Nanosecond, traffic(t, "text", 1))
	if want := map[string]uint64{loadgen.Doubled: 1}; !maps.Equal(got, want) {
		t.Errorf("failures: got %v, want %v", got, want)
	}
}

func TestDialSaysWhatIsWrong(t *testing.T) {
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	for _, tt := range []struct{ name, url, kind, says string }{
		{"nobody listens", gone.URL, loadgen.Refused, "connection refused"},
		{"no WebSocket there", plain.URL, loadgen.Handshake + "-404", "HTTP 404"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := loadgen.Dial(t.Context(), loadgen.Settings{URL: "ws" + strings.TrimPrefix(tt.url, "http"), Clients: 3})
			if err == nil {
				t.Fatal("got no error")
			}
			if got := loadgen.Kind(err); got != tt.kind {
				t.Errorf("kind: got %s, want %s (%v)", got, tt.kind, err)
			}
			if !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %q, want it to say %q", err, tt.says)
			}
		})
	}
}

func TestInterruptKeepsWhatWasMeasured(t *testing.T) {
	url := server(t, echo)
	fleet, err := loadgen.Dial(t.Context(), loadgen.Settings{URL: url, Clients: 4})
	if err != nil {
		t.Fatal(err)
	}
	defer fleet.Close()
	images := traffic(t, "binary", 4)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	sample, _, err := fleet.Run(ctx, loadgen.Block{Traffic: images, Length: time.Minute})
	if err == nil {
		t.Fatal("got no error from an interrupted block")
	}
	if sample.Images == 0 || sample.Seconds <= 0 || sample.Seconds > 5 {
		t.Errorf("got %d images in %.3f s, want what the 100 ms held", sample.Images, sample.Seconds)
	}
}

// TestPings meets a server that pings in the middle of everything.
func TestPings(t *testing.T) {
	var pongs atomic.Int64
	url := server(t, func(ws *websocket.Conn, n, typ int, m []byte) {
		ws.SetPongHandler(func(string) error { pongs.Add(1); return nil })
		if n%3 == 0 {
			ws.WriteControl(websocket.PingMessage, []byte("still there?"), time.Now().Add(time.Second))
		}
		w, _ := ws.NextWriter(typ)
		w.Write(m[:len(m)/2])
		w.Write(m[len(m)/2:])
		w.Close()
	})
	samples, got, _ := drive(t, loadgen.Settings{URL: url, Clients: 3}, 100*time.Millisecond, traffic(t, "binary", 3))
	if len(got) > 0 {
		t.Errorf("failures: got %v, want none", got)
	}
	if pongs.Load() == 0 {
		t.Error("no ping was answered")
	}
	s := samples[0]
	if s.WireReceivedBytes%s.BlockImages != 0 {
		t.Errorf("received %d bytes for %d images of one size: pings are counted among them", s.WireReceivedBytes, s.BlockImages)
	}
	if got, want := s.WireSentBytes/s.BlockImages, uint64(10_000+8); got != want {
		t.Errorf("sent: got %d bytes an image, want %d", got, want)
	}
}

// TestServerThatReadsNothing holds up whoever writes to it; an interrupt must
// come through all the same.
func TestServerThatReadsNothing(t *testing.T) {
	t.Parallel()
	held := make(chan struct{})
	defer close(held)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if ws, err := new(websocket.Upgrader).Upgrade(w, req, nil); err == nil {
			go func() {
				<-held
				ws.Close()
			}()
		}
	}))
	defer srv.Close()
	// More than the buffers of both sockets hold; what is in it does not matter.
	file := filepath.Join(t.TempDir(), "big.jpg")
	if err := os.WriteFile(file, make([]byte, 20_000_000), 0o600); err != nil {
		t.Fatal(err)
	}
	big, err := payload.Files(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	tr, err := loadgen.NewTraffic(big, payload.Mode{}, loadgen.Prepared, record.Echo, 3)
	if err != nil {
		t.Fatal(err)
	}
	fleet, err := loadgen.Dial(t.Context(), loadgen.Settings{URL: "ws" + strings.TrimPrefix(srv.URL, "http"), Clients: 3, Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	defer fleet.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	began := time.Now()
	sample, _, err := fleet.Run(ctx, loadgen.Block{Traffic: tr, Length: time.Second})
	if err == nil {
		t.Error("got no error from an interrupted block")
	}
	if got := sample.Errors[loadgen.Unanswered]; got != 3 {
		t.Errorf("unanswered: got %d of 3 (%v)", got, sample.Errors)
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("the interrupt took %v, with images that may take a minute", took)
	}
}
