package steady

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/wsimg/wsimg/loadgen"
	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/schedule"
)

// message is one that came, and how to answer it.
type message struct {
	*websocket.Conn
	n    int // from 1, over all connections
	typ  int
	body []byte
}

func (m message) echo() { m.WriteMessage(m.typ, m.body) }

// server is somebody's server for as long as the test runs.
type server struct {
	url   string
	asked atomic.Value // string: the query of the last session
	named atomic.Value // string: what the client of the last session calls itself
	tells atomic.Bool  // it has a side channel
	packs atomic.Bool  // it compresses for who asks
	sent  atomic.Int64 // messages so far

	visited func() // before the side channel answers; may be nil
}

// serve answers messages as reply says.
func serve(t *testing.T, reply func(message)) *server {
	t.Helper()
	s := new(server)
	var sessions sync.WaitGroup
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/stats" {
			s.stats(w)
			return
		}
		sessions.Add(1)
		defer sessions.Done()
		up := websocket.Upgrader{EnableCompression: s.packs.Load()}
		ws, err := up.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer ws.Close()
		s.asked.Store(r.URL.RawQuery)
		s.named.Store(r.UserAgent())
		for {
			typ, body, err := ws.ReadMessage()
			if err != nil {
				return
			}
			reply(message{ws, int(s.sent.Add(1)), typ, body})
		}
	}))
	t.Cleanup(func() {
		srv.Close()
		sessions.Wait()
	})
	s.url = "ws" + strings.TrimPrefix(srv.URL, "http") + "/"
	return s
}

// stats tells of 1 ms of CPU time a message, if the server tells at all.
func (s *server) stats(w http.ResponseWriter) {
	if s.visited != nil {
		s.visited()
	}
	if !s.tells.Load() {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	n := s.sent.Load()
	json.NewEncoder(w).Encode(map[string]any{
		"schema": "wsimg.stats/1", "store": "latest", "cpu_ns": n * 1e6,
		"stages": map[string]any{"binary": map[string]any{"save": record.Stage{Count: uint64(n), TotalNs: n * 1e3}}},
	})
}

// synthetic returns some small images.
func synthetic(t *testing.T) *payload.Source {
	t.Helper()
	src, err := payload.Synthetic(t.Context(), 2000, 4, 1)
	if err != nil {
		t.Fatal(err)
	}
	return src
}

// asked returns settings of a load of 100 images in a quarter of a second,
// evenly spread, over two clients, with a point each 50 ms.
func asked(t *testing.T, url string) Settings {
	return Settings{
		URL: url, Source: synthetic(t), Clients: 2, Timeout: 500 * time.Millisecond, Seed: 7, Distinct: 4,
		Load:  loadgen.Load{Plan: schedule.Steady(400, 250*time.Millisecond), Arrivals: schedule.Constant},
		every: 50 * time.Millisecond,
	}
}

// onMeasuring returns a Progress that calls f when the warm-up is over.
func onMeasuring(f func()) func(Progress) {
	return func(p Progress) {
		if p.Phase == Measuring && p.Point == nil {
			f()
		}
	}
}

// carriedOut runs what is expected to go well, and returns its one sample.
func carriedOut(t *testing.T, s Settings) (*record.Run, record.Sample) {
	t.Helper()
	run, err := Run(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if len(run.Cells) != 1 || len(run.Cells[0].Samples) != 1 {
		t.Fatalf("got cells %+v, want one with one sample", run.Cells)
	}
	return run, run.Cells[0].Samples[0]
}

// sum adds up something of all points.
func sum(points []record.Point, of func(record.Point) uint64) (n uint64) {
	for _, p := range points {
		n += of(p)
	}
	return n
}

// within reports a figure that is not near enough to what it should be.
func within(t *testing.T, what string, got, want, share float64) {
	t.Helper()
	if got < want*(1-share) || got > want*(1+share) {
		t.Errorf("%s: got %.3g, want %.3g within %.0f %%", what, got, want, 100*share)
	}
}

// acknowledge answers as upload services do.
func acknowledge(m message) {
	m.WriteMessage(websocket.TextMessage, fmt.Appendf(nil, `{"ok":true,"bytes":%d}`, len(m.body)))
}

// soon returns a context that is done after d, and before the test ends.
func soon(t *testing.T, d time.Duration) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	timer := time.AfterFunc(d, cancel)
	t.Cleanup(func() { timer.Stop(); cancel() })
	return ctx
}
