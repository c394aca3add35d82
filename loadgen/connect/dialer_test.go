package connect

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
)

// secured starts a server whose certificate is its own word alone.
func secured(t *testing.T, h http.HandlerFunc) (url string, known *x509.CertPool) {
	t.Helper()
	srv := httptest.NewUnstartedServer(h)
	srv.Config.ErrorLog = log.New(io.Discard, "", 0) // of handshakes that fail on purpose
	srv.EnableHTTP2 = true
	srv.StartTLS()
	t.Cleanup(srv.Close)
	known = x509.NewCertPool()
	known.AddCert(srv.Certificate())
	return "wss" + strings.TrimPrefix(srv.URL, "https"), known
}

func TestTLS(t *testing.T) {
	url, known := secured(t, accepting)
	trusting := &tls.Config{RootCAs: known, NextProtos: []string{"h2"}}
	for name, tt := range map[string]struct {
		tls  *tls.Config
		good bool
	}{
		"a certificate that is known": {trusting, true},
		"one that is not checked":     {&tls.Config{InsecureSkipVerify: true}, true},
		"one that nobody knows":       {nil, false},
		"another host's":              {&tls.Config{RootCAs: known, ServerName: "elsewhere.invalid"}, false},
	} {
		ws, phases, err := New(Settings{URL: url, TLS: tt.tls}).Dial(t.Context(), 0, nil)
		if err == nil {
			ws.Close()
		}
		if tt.good {
			if err != nil {
				t.Errorf("%s: got %v", name, err)
			}
			if phases.TCP <= 0 || phases.TLS <= 0 || phases.Upgrade <= 0 {
				t.Errorf("%s: got phases %+v, want all of them", name, phases)
			}
			continue
		}
		if _, ok := errors.AsType[*tls.CertificateVerificationError](err); !ok || Passing(err) {
			t.Errorf("%s: got %v, passing %v, want a certificate that is refused for good", name, err, Passing(err))
		}
		if phases.TLS <= 0 || phases.Upgrade != 0 {
			t.Errorf("%s: got phases %+v, want none after TLS", name, phases)
		}
	}
	if trusting.ServerName != "" || len(trusting.NextProtos) != 1 {
		t.Errorf("the TLS settings were changed: %+v", trusting)
	}
}

// TestRefusedCertificateLeavesNothingOpen, though nobody gets to see the
// connection.
func TestRefusedCertificateLeavesNothingOpen(t *testing.T) {
	url, _ := secured(t, accepting)
	var open atomic.Int32
	d := New(Settings{URL: url, Open: func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := new(net.Dialer).DialContext(ctx, network, addr)
		open.Add(1)
		return &counted{Conn: c, open: &open}, err
	}})
	if _, _, err := d.Dial(t.Context(), 0, nil); err == nil || open.Load() != 0 {
		t.Errorf("got %v and %d connections open, want an error and none", err, open.Load())
	}
}

// TestSessionsAreNotResumed: users who come for the first time can't either.
func TestSessionsAreNotResumed(t *testing.T) {
	for _, tt := range []struct {
		name  string
		cache tls.ClientSessionCache
		want  bool
	}{
		{"as it is", nil, false},
		{"when it is asked for", tls.NewLRUClientSessionCache(1), true},
	} {
		resumed := make(chan bool, 2)
		url, known := secured(t, func(w http.ResponseWriter, r *http.Request) {
			resumed <- r.TLS.DidResume
			accepting(w, r)
		})
		d := New(Settings{URL: url, TLS: &tls.Config{RootCAs: known, ClientSessionCache: tt.cache}})
		for range 2 {
			ws, _, err := d.Dial(t.Context(), 0, nil)
			if err != nil {
				t.Fatal(err)
			}
			ws.Close()
		}
		<-resumed
		if got := <-resumed; got != tt.want {
			t.Errorf("%s: the second connection was resumed: %v, want %v", tt.name, got, tt.want)
		}
	}
}

// TestPhasesAreToldApart is over a pipe in virtual time, so that every phase
// takes what it is given.
func TestPhasesAreToldApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const tcp, upgrade = 30 * time.Millisecond, 200 * time.Millisecond
		here, there := net.Pipe()
		defer there.Close()
		go func() {
			req, err := http.ReadRequest(newReader(there))
			if err != nil {
				return
			}
			time.Sleep(upgrade)
			io.WriteString(there, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "+
				acceptKey(req.Header.Get("Sec-WebSocket-Key"))+"\r\n\r\n")
		}()
		wrapped := false
		d := New(Settings{URL: "ws://virtual/", Open: func(context.Context, string, string) (net.Conn, error) {
			time.Sleep(tcp)
			return here, nil
		}})
		ws, got, err := d.Dial(t.Context(), 0, func(c net.Conn) net.Conn {
			wrapped = c == here
			return c
		})
		if err != nil {
			t.Fatal(err)
		}
		ws.Close()
		if want := (Phases{TCP: tcp, Upgrade: upgrade}); got != want || got.Total() != tcp+upgrade {
			t.Errorf("got phases %+v, want %+v", got, want)
		}
		if !wrapped {
			t.Error("the connection was not wrapped")
		}
	})
}

// TestCancelledUpgrade has a server that takes connections and says nothing.
func TestCancelledUpgrade(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, tt := range map[string]struct {
			timeout, after time.Duration
			want           error
			took           time.Duration
		}{
			"the caller gives up":      {0, time.Second, context.Canceled, time.Second},
			"the time is up":           {3 * time.Second, time.Minute, nil, 3 * time.Second},
			"the time is up, as it is": {0, time.Minute, nil, DefaultTimeout},
		} {
			here, there := net.Pipe()
			gone := make(chan struct{})
			go func() {
				io.Copy(io.Discard, there)
				close(gone)
			}()
			d := New(Settings{URL: "ws://virtual/", Timeout: tt.timeout, Open: func(context.Context, string, string) (net.Conn, error) { return here, nil }})
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(tt.after, cancel)
			begun := time.Now()
			_, _, err := d.Dial(ctx, 0, nil)
			if got := time.Since(begun); got != tt.took {
				t.Errorf("%s: it took %v, want %v", name, got, tt.took)
			}
			if tt.want != nil && err != tt.want || tt.want == nil && !Passing(err) {
				t.Errorf("%s: got %v, want %v or that the time is up", name, err, tt.want)
			}
			<-gone // the connection was closed
			cancel()
		}
	})
}

func TestUnreadableURLStaysOut(t *testing.T) {
	for _, url := range []string{"ws://host:port/?token=hush", "ws://h/%zz?token=hush", "http://h/?token=hush"} {
		_, _, err := New(Settings{URL: url}).Dial(t.Context(), 0, nil)
		if err == nil || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: got %v, want an error without the URL", url, err)
		}
	}
}

// TestDialerIsShared has many clients dial at the same time, with a token, over
// one Dialer: run it with -race.
func TestDialerIsShared(t *testing.T) {
	header := http.Header{"User-Agent": {"wsimg/1.2"}}
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer hush" || r.UserAgent() != "wsimg/1.2" {
			http.Error(w, "who are you, hush?", http.StatusUnauthorized)
			return
		}
		accepting(w, r)
	})
	d := New(Settings{URL: url, Header: header, Token: "hush"})
	var all sync.WaitGroup
	for id := range 40 {
		all.Go(func() {
			ws, _, err := d.Dial(t.Context(), id, nil)
			if err != nil {
				t.Error(err)
				return
			}
			ws.Close()
		})
	}
	all.Wait()
	if len(header) != 1 {
		t.Errorf("the header was changed: %v", header)
	}
}

// TestConnectionsAreSmall: what the dialer leaves on the heap of a connection
// over which nothing was sent; the socket is not in it.
func TestConnectionsAreSmall(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector has memory of its own")
	}
	const n, most = 200, 1_500
	d := New(Settings{URL: "ws://virtual/", Open: func(context.Context, string, string) (net.Conn, error) {
		return &answered{}, nil
	}})
	conns := make([]*websocket.Conn, n)
	dial := func(i int) {
		var err error
		if conns[i], _, err = d.Dial(t.Context(), i, nil); err != nil {
			t.Fatal(err)
		}
	}
	dial(0) // what is made once for all
	before := heap()
	for i := range n {
		dial(i)
	}
	if got := (int64(heap()) - int64(before)) / n; got > most {
		t.Errorf("a connection keeps %d bytes, want at most %d", got, most)
	} else {
		t.Logf("a connection keeps %d bytes", got)
	}
	runtime.KeepAlive(conns)
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // a pool keeps what it has for one more
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
