package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/wsimg/wsimg/loadgen"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/reports"
)

// quick are the flags of a run that takes no time.
var quick = []string{"--sizes", "10KB", "--distinct", "8", "--modes", "binary", "--clients", "2", "--rounds", "2", "--duration", "20ms", "--warmup", "40ms", "--timeout", "1s"}

// typeBench runs wsimg bench and returns what it printed and its exit code.
func typeBench(ctx context.Context, flags ...string) (stdout, stderr string, code int) {
	return typeBenchAnd(ctx, nil, flags...)
}

// typeBenchAnd calls measuring, if any, when the warm-up is over.
func typeBenchAnd(ctx context.Context, measuring func(), flags ...string) (stdout, stderr string, code int) {
	var out bytes.Buffer
	errs := &watchedBuffer{measuring: measuring}
	err := run(ctx, append([]string{"bench"}, flags...), strings.NewReader(""), &out, errs)
	return out.String(), errs.String(), exitCode(err)
}

// peer is a server of somebody else's, for as long as the test runs. It
// answers message n (from 1, over all connections) as reply says.
func peer(t *testing.T, reply func(ws *websocket.Conn, n, typ int, message []byte)) (url string) {
	t.Helper()
	var n atomic.Int64
	var sessions sync.WaitGroup
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sessions.Add(1)
		defer sessions.Done()
		ws, err := new(websocket.Upgrader).Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer ws.Close()
		for {
			typ, message, err := ws.ReadMessage()
			if err != nil {
				return
			}
			reply(ws, int(n.Add(1)), typ, message)
		}
	}))
	t.Cleanup(func() {
		srv.Close()
		sessions.Wait()
	})
	return "ws" + strings.TrimPrefix(srv.URL, "http")
}

// TestFaultyServers is what a user sees of a server that gets one image wrong.
func TestFaultyServers(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		kind  string
		wrong func(ws *websocket.Conn, typ int, m []byte)
	}{
		{loadgen.Flipped, func(ws *websocket.Conn, typ int, m []byte) { m[len(m)/2] ^= 0x20; ws.WriteMessage(typ, m) }},
		{loadgen.Short, func(ws *websocket.Conn, typ int, m []byte) { ws.WriteMessage(typ, m[1:]) }},
		{loadgen.Long, func(ws *websocket.Conn, typ int, m []byte) { ws.WriteMessage(typ, append(m, m...)) }},
		{loadgen.Retyped, func(ws *websocket.Conn, typ int, m []byte) { ws.WriteMessage(websocket.TextMessage, m) }},
		{loadgen.Doubled, func(ws *websocket.Conn, typ int, m []byte) { ws.WriteMessage(typ, m); ws.WriteMessage(typ, m) }},
		{loadgen.Late, func(ws *websocket.Conn, typ int, m []byte) {
			time.Sleep(1200 * time.Millisecond)
			ws.WriteMessage(typ, m)
		}},
		{loadgen.Unanswered, func(*websocket.Conn, int, []byte) {}},
		{"closed-1011", func(ws *websocket.Conn, _ int, _ []byte) {
			ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(1011, "disk full"), time.Now().Add(time.Second))
		}},
	} {
		t.Run(tt.kind, func(t *testing.T) {
			t.Parallel()
			url := peer(t, func(ws *websocket.Conn, n, typ int, m []byte) {
				if n == 5 { // while two clients warm up: the other's images are right
					tt.wrong(ws, typ, m)
					return
				}
				ws.WriteMessage(typ, m)
			})
			stdout, stderr, code := typeBench(t.Context(), append(quick, "--loads", record.Closed, "--url", url, "--format", "json")...)
			if code != exitFailed {
				t.Errorf("exit code: got %d, want %d", code, exitFailed)
			}
			if !strings.Contains(stderr, "1 image failed") {
				t.Errorf("standard error does not say that one image failed:\n%s", stderr)
			}
			var report reports.Report
			if err := json.Unmarshal([]byte(stdout), &report); err != nil {
				t.Fatal(err)
			}
			got := map[string]uint64{}
			for _, c := range report.Cells {
				for kind, n := range c.Errors {
					got[kind] += n
				}
			}
			if len(got) != 1 || got[tt.kind] != 1 {
				t.Errorf("failures: got %v, want one %s", got, tt.kind)
			}
		})
	}
}

// TestServerThatNeverAnswers is given up after its first cells; one that
// refuses a size is not, and the other size is measured.
func TestServerThatNeverAnswers(t *testing.T) {
	t.Parallel()
	two := append([]string{"--sizes", "20KB,10KB", "--format", "json"}, quick[2:]...) // in place of its own sizes
	cells := func(url string, want int) (verified []int64) {
		stdout, stderr, code := typeBench(t.Context(), append(two, "--timeout", "300ms", "--url", url)...)
		if code != exitFailed || !strings.Contains(stderr, "no image was verified") {
			t.Errorf("got exit code %d and %q; want %d and what happened", code, stderr, exitFailed)
		}
		var report reports.Report
		if err := json.Unmarshal([]byte(stdout), &report); err != nil {
			t.Fatal(err)
		}
		tried := 0
		for _, c := range report.Cells {
			if c.Failed != "" || c.Images > 0 {
				tried++
			}
			if c.Images > 0 {
				verified = append(verified, c.SizeBytes)
			}
		}
		if tried != want {
			t.Errorf("tried %d cells, want %d", tried, want)
		}
		return verified
	}
	if got := cells(peer(t, func(*websocket.Conn, int, int, []byte) {}), 1); len(got) != 0 {
		t.Errorf("without an answer: got images of %v", got)
	}
	small := peer(t, func(ws *websocket.Conn, _, typ int, m []byte) {
		if len(m) > 15_000 {
			ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(1009, "too big"), time.Now().Add(time.Second))
			return
		}
		ws.WriteMessage(typ, m)
	})
	if got := cells(small, 6); !slices.Equal(got, []int64{10_000, 10_000, 10_000}) {
		t.Errorf("where 20 KB is refused: got images of %v, want 10 KB under all loads", got)
	}
}

// TestEqualLoad is what a user sees of the open load. On a machine that is busy
// otherwise it is rightly void, and the tables are there all the same.
func TestEqualLoad(t *testing.T) {
	url := peer(t, func(ws *websocket.Conn, _, typ int, m []byte) { ws.WriteMessage(typ, m) })
	for _, tt := range []struct {
		name      string
		flags     []string
		says      []string
		saysNotAt string
	}{
		{"by default beside the other loads", []string{"--modes", "text,binary", "--rounds", "1"},
			[]string{"Throughput and cost", "Unloaded latency", "Latency at equal load (2 clients, poisson arrivals)", "Where the time went"}, "requested by"},
		{"a rate of one's own is all that is measured then", []string{"--rate", "30k/min", "--arrivals", "constant", "--in-flight", "2", "--duration", "200ms"},
			[]string{"Latency at equal load (2 clients, constant arrivals", "requested  scheduled  achieved", "500"}, "Throughput and cost"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			stdout, stderr, code := typeBench(t.Context(), append(append(quick, "--url", url), tt.flags...)...)
			if code != 0 && code != exitVoid {
				t.Errorf("exit code: got %d, want 0 or %d\n%s", code, exitVoid, stderr)
			}
			for _, says := range tt.says {
				if !strings.Contains(stdout, says) {
					t.Errorf("the report does not say %q:\n%s", says, stdout)
				}
			}
			if strings.Contains(stdout, tt.saysNotAt) {
				t.Errorf("the report says %q:\n%s", tt.saysNotAt, stdout)
			}
		})
	}
}

func TestServerThatPingsDisturbsNothing(t *testing.T) {
	var ping sync.Map // by connection: a pinger runs
	url := peer(t, func(ws *websocket.Conn, n, typ int, m []byte) {
		if _, runs := ping.LoadOrStore(ws, true); !runs {
			go func() {
				for ws.WriteControl(websocket.PingMessage, []byte("here?"), time.Now().Add(time.Second)) == nil {
					time.Sleep(10 * time.Millisecond)
				}
			}()
		}
		ws.WriteMessage(typ, m)
	})
	_, stderr, code := typeBench(t.Context(), append(quick, "--loads", record.Closed, "--url", url, "--duration", "200ms")...)
	if code != 0 {
		t.Errorf("exit code: got %d, want 0\n%s", code, stderr)
	}
}

func TestServerThatDeclinesToCompress(t *testing.T) {
	url := peer(t, func(ws *websocket.Conn, _, typ int, m []byte) { ws.WriteMessage(typ, m) })
	flags := append(append([]string{}, quick...), "--url", url, "--loads", "closed", "--format", "json")
	stdout, stderr, code := typeBench(t.Context(), append(flags, "--modes", "binary,text+deflate")...)
	if code != exitFailed || !strings.Contains(stderr, "text+deflate, closed load: the server declines permessage-deflate") {
		t.Errorf("got exit code %d and %q; want %d and what the server declines", code, stderr, exitFailed)
	}
	var report reports.Report
	if err := json.Unmarshal([]byte(stdout), &report); err != nil {
		t.Fatal(err)
	}
	for _, c := range report.Cells {
		if declined := c.Mode == "text+deflate"; declined != (c.Images == 0) || declined != (c.Errors[loadgen.Declined] == 1) {
			t.Errorf("%s: got %d images and errors %v", c.Mode, c.Images, c.Errors)
		}
	}
}

func TestServerThatIsNotThere(t *testing.T) {
	gone := httptest.NewServer(http.NotFoundHandler())
	url := "ws" + strings.TrimPrefix(gone.URL, "http")
	gone.Close()
	_, stderr, code := typeBench(t.Context(), append(quick, "--url", url)...)
	if code != exitFailed || !strings.Contains(stderr, "refused") || !strings.Contains(stderr, "--url") {
		t.Errorf("got exit code %d and %q; want %d, a refusal and what to do about it", code, stderr, exitFailed)
	}
}

func TestInterruptedRunIsKept(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	url := peer(t, func(ws *websocket.Conn, _, typ int, m []byte) { ws.WriteMessage(typ, m) })
	soon := func() { time.AfterFunc(300*time.Millisecond, cancel) }
	stdout, stderr, code := typeBenchAnd(ctx, soon, append(quick, "--loads", record.Closed, "--url", url, "--rounds", "10000")...)
	if code != exitInterrupted {
		t.Errorf("exit code: got %d, want %d", code, exitInterrupted)
	}
	if !strings.Contains(stderr, "interrupted") {
		t.Errorf("standard error says nothing of the interruption: %q", stderr)
	}
	if !strings.Contains(stdout, "incomplete") || !strings.Contains(stdout, "Throughput") {
		t.Errorf("the report of what was measured is missing, or not marked incomplete:\n%s", stdout)
	}
}

// TestServerThatDies loses all its connections and comes back no more.
func TestServerThatDies(t *testing.T) {
	var conns sync.Map
	var srv *httptest.Server
	var n atomic.Int64
	srv = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/stats" {
			http.NotFound(w, r)
			return
		}
		ws, err := new(websocket.Upgrader).Upgrade(w, r, nil)
		if err != nil {
			return
		}
		conns.Store(ws, true)
		defer ws.Close()
		for {
			typ, m, err := ws.ReadMessage()
			if err != nil {
				return
			}
			if n.Add(1) == 1000 {
				srv.Listener.Close()
				conns.Range(func(c, _ any) bool { c.(*websocket.Conn).Close(); return true })
				return
			}
			ws.WriteMessage(typ, m)
		}
	}))
	defer srv.Close()
	stdout, stderr, code := typeBench(t.Context(), append(quick, "--loads", record.Closed, "--rounds", "10000", "--url", "ws"+strings.TrimPrefix(srv.URL, "http"))...)
	if code != exitFailed {
		t.Errorf("exit code: got %d, want %d", code, exitFailed)
	}
	if !strings.Contains(stderr, "refused") {
		t.Errorf("standard error does not say what happened: %q", stderr)
	}
	if !strings.Contains(stdout, "incomplete") {
		t.Errorf("the report is not marked incomplete:\n%s", stdout)
	}
}
