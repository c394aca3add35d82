package site

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/loadgen/record"
)

// serve starts a server that answers GET /stats with h, and returns its
// WebSocket URL.
func serve(t *testing.T, h http.HandlerFunc) string {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /stats", h)
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return "ws" + strings.TrimPrefix(s.URL, "http")
}

// saying answers with body.
func saying(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, body) }
}

// open opens a side channel that must be there, for as long as the test runs.
func open(t *testing.T, address string, access Access) *sideChannel {
	t.Helper()
	s, err := openSideChannel(t.Context(), address, access)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.close)
	return s
}

func TestSideChannelIsThereOrNot(t *testing.T) {
	const right = `{"schema":"wsimg.stats/1","cpu_ns":5}`
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		want   bool
	}{
		"a target":                 {saying(right), true},
		"one that tells more":      {saying(`{"schema":"wsimg.stats/1","cpu_ns":5,"new":{"a":[1]}}`), true},
		"another version":          {saying(`{"schema":"wsimg.stats/2","cpu_ns":5}`), false},
		"somebody else's stats":    {saying(`{"uptime":12,"requests":[1,2]}`), false},
		"a web page":               {saying("<!doctype html><title>Stats</title>"), false},
		"nothing":                  {saying(""), false},
		"a figure that is a word":  {saying(`{"schema":"wsimg.stats/1","cpu_ns":"many"}`), false},
		"more than anybody tells":  {saying(`{"schema":"wsimg.stats/1","pad":"` + strings.Repeat("x", statsBytes) + `"}`), false},
		"no such page":             {http.NotFound, false},
		"an error with an answer":  {func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(500); saying(right)(w, r) }, false},
		"a connection that breaks": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, false},
		"a redirect to what looks right": {func(w http.ResponseWriter, r *http.Request) {
			if r.URL.RawQuery == "" {
				http.Redirect(w, r, "/stats?again", http.StatusFound)
				return
			}
			saying(right)(w, r)
		}, false},
	} {
		s, err := openSideChannel(t.Context(), serve(t, c.answer)+"/images", Access{})
		if got := s != nil; got != c.want || got != (err == nil) {
			t.Errorf("%s: got a side channel: %v (%v), want %v", name, got, err, c.want)
		}
		if s != nil {
			s.close()
		}
	}
}

func TestSideChannelWithoutAServer(t *testing.T) {
	for name, address := range map[string]string{
		"nobody listens":   strings.Replace(gone(t), "http", "ws", 1),
		"not a URL":        "ws://host:port",
		"not a WebSocket":  "ftp://127.0.0.1/",
		"nothing":          "",
		"without its host": "ws:///images",
	} {
		if s, err := openSideChannel(t.Context(), address, Access{}); s != nil || err == nil {
			t.Errorf("%s: got %v and error %v, want only that", name, s, err)
		}
	}
}

// gone returns the URL of a server that has ended.
func gone(t *testing.T) string {
	t.Helper()
	s := httptest.NewServer(http.NotFoundHandler())
	s.Close()
	return s.URL
}

// stall is a server that takes a request and never answers.
type stall struct{}

func (stall) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

func TestSideChannelWaitsForNobody(t *testing.T) {
	address := serve(t, saying(`{"schema":"wsimg.stats/1"}`))
	s := open(t, address, Access{})
	s.close()
	synctest.Test(t, func(t *testing.T) {
		s.client.Transport = stall{}
		start := time.Now()
		ctx, cancel := context.WithCancel(t.Context())
		cancel() // an interrupted block still asks, and is not held up
		if got := (&Site{channel: s}).Stats(ctx); !cmp.Equal(got, Stats{}) {
			t.Errorf("got %+v of a server that stalls", got)
		}
		if got := time.Since(start); got != statsTimeout {
			t.Errorf("gave up after %v, want %v", got, statsTimeout)
		}
	})
}

func TestStatsAreReadWhenInterrupted(t *testing.T) {
	s := &Site{channel: open(t, serve(t, saying(`{"schema":"wsimg.stats/1","cpu_ns":7}`)), Access{})}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got := s.Stats(ctx); got.CPUNs == nil || *got.CPUNs != 7 {
		t.Errorf("got %+v, want 7 ns of CPU", got)
	}
}

func TestTargetTellsWhatItRunsOn(t *testing.T) {
	const head = `"schema":"wsimg.stats/1","wsimg":"v1","go":"go1.26","store":"discard","codec":"simd","reply":"echo"`
	told := record.Target{Wsimg: "v1", Go: "go1.26", Store: "discard", Codec: "simd", Reply: "echo"}
	all := told
	all.OS, all.Arch, all.Kernel, all.CPU = "linux", "arm64", "6.8", "Neoverse-N1"
	all.Cores, all.GOMAXPROCS, all.MemoryBytes, all.OpenFiles = 8, 4, 1<<34, 1024
	all.Virtualization, all.Governor = "kvm", "performance"
	all.Container = &record.Container{CPUs: 3.5, MemoryBytes: 1 << 30}
	for name, c := range map[string]struct {
		environment string
		want        record.Target
	}{
		"everything": {`,"environment":{"os":"linux","arch":"arm64","kernel":"6.8","cpu":"Neoverse-N1","cores":8,` +
			`"gomaxprocs":4,"memory_bytes":17179869184,"virtualization":"kvm","governor":"performance",` +
			`"open_files":1024,"container":{"cpus":3.5,"memory_bytes":1073741824}}`, all},
		"nothing":                      {"", told},
		"null":                         {`,"environment":null`, told},
		"more than is known here":      {`,"environment":{"disks":["nvme0"]}`, told},
		"what it told once, otherwise": {`,"environment":{"wsimg":"v9","store":"files"}`, told},
	} {
		s := open(t, serve(t, saying("{"+head+c.environment+"}")), Access{})
		if diff := cmp.Diff(&c.want, s.target()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestSideChannelSurvivesARestart has the target die without a word, and come back
// at the same address.
func TestSideChannelSurvivesARestart(t *testing.T) {
	target := func(l net.Listener, instance string) *http.Server {
		mux := http.NewServeMux()
		mux.HandleFunc("GET /stats", saying(`{"schema":"wsimg.stats/1","cpu_ns":900,"pid":1,"instance":"`+instance+`"}`))
		srv := &http.Server{Handler: mux}
		go srv.Serve(l)
		return srv
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := target(l, "first")
	s := Survey(t.Context(), "ws://"+l.Addr().String(), "v1", Access{})
	defer s.Close()
	before := s.Stats(t.Context())
	srv.Close()
	if got := s.Stats(t.Context()); got.Schema != "" {
		t.Errorf("got %+v of a target that is gone, want nothing", got)
	}
	if l, err = net.Listen("tcp", l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	srv = target(l, "second")
	defer srv.Close()
	after := s.Stats(t.Context())
	if before.Instance != "first" || after.Instance != "second" {
		t.Fatalf("got instance %q, then %q, want the first and the second", before.Instance, after.Instance)
	}
	var between record.Sample
	if after.Since(before, payload.Mode{}, &between); between.TargetCPUNs != nil || between.Stages != nil {
		t.Errorf("got %+v between two processes, want nothing", between)
	}
	s.Begin(t.Context())
	if d := s.End(t.Context()); d.Foreign < 0 {
		t.Errorf("got %+v", d)
	}
}
