package target

import (
	"context"
	"crypto/tls"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/wsimg/wsimg/target/store"
)

func TestAddressesThatWantAToken(t *testing.T) {
	for _, tc := range []struct {
		addr string
		open bool
	}{
		{"127.0.0.1:9000", false},
		{"127.8.9.10:0", false},
		{"[::1]:9000", false},
		{"[::ffff:127.0.0.1]:9000", false},
		{"localhost:9000", false},
		{":9000", true},
		{"0.0.0.0:9000", true},
		{"[::]:9000", true},
		{"192.168.1.2:9000", true},
		{"localhost.example:9000", true},
	} {
		err := Settings{Addr: tc.addr}.Validate()
		if (err != nil) != tc.open {
			t.Errorf("%s: got error %v, want one: %v", tc.addr, err, tc.open)
		}
		if tc.open && (!strings.Contains(err.Error(), "--token") || !strings.Contains(err.Error(), "--allow-anonymous")) {
			t.Errorf("%s: got error %v, want one that names --token and --allow-anonymous", tc.addr, err)
		}
		for _, access := range []Access{{Token: "secret"}, {Anonymous: true}} {
			if err := (Settings{Addr: tc.addr, Access: access}).Validate(); err != nil {
				t.Errorf("%s with a token, or without by intent: got error %v", tc.addr, err)
			}
		}
	}
}

func TestAccessThatIsIncomplete(t *testing.T) {
	for _, tc := range []struct {
		name     string
		settings Settings
		want     string
	}{
		{"TLS without a certificate", Settings{Access: Access{TLS: &tls.Config{}}}, "--cert"},
		{"an origin that is none", Settings{Access: Access{Origins: []string{"example.com"}}}, "https://example.com"},
		{"keeping what is not saved", Settings{Store: store.Discard, Keep: store.Keep{Images: 3}}, "--keep"},
		{"a limit below 0", Settings{Limits: Limits{Idle: -1}}, "idle timeout"},
		{"a limit that nobody could meet", Settings{Limits: Limits{Idle: 1}}, "set --idle-timeout to 100ms or more"},
	} {
		if err := tc.settings.Validate(); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: got error %v, want one that names %s", tc.name, err, tc.want)
		}
	}
}

// get returns the status, the body and the header of a GET; an upgrade is asked
// for unless path is one of HTTP's own.
func get(t *testing.T, srv testServer, path string, header http.Header) (int, string, http.Header) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "GET", "http"+strings.TrimPrefix(srv.url, "ws")+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range header {
		req.Header[name] = values
	}
	if path != "/healthz" && !strings.HasPrefix(path, "/stats") {
		for name, value := range map[string]string{"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "MDEyMzQ1Njc4OWFiY2RlZg=="} {
			req.Header.Set(name, value)
		}
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusSwitchingProtocols {
		return resp.StatusCode, "", resp.Header
	}
	body, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(body), resp.Header
}

func TestWhoMayComeIn(t *testing.T) {
	log := &syncBuffer{}
	srv := newTestServer(t, Settings{
		Store:  store.Discard,
		Access: Access{Token: "open sesame", Origins: []string{"https://friend.example"}},
		Logger: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	bearer := http.Header{"Authorization": {"Bearer open sesame"}}
	from := func(origin string) http.Header {
		return http.Header{"Authorization": bearer["Authorization"], "Origin": {origin}}
	}
	for _, tc := range []struct {
		name, path string
		header     http.Header
		want       int
	}{
		{"health without a token", "/healthz", nil, 200},
		{"statistics without a token", "/stats", nil, 401},
		{"statistics with another", "/stats?token=open", nil, 401},
		{"statistics with the token", "/stats", bearer, 200},
		{"a session without a token", "/", nil, 401},
		{"a session with another token", "/?token=shut", nil, 401},
		{"a session with the token in its header", "/", bearer, 101},
		{"a session with the token in its URL", "/?token=open+sesame", nil, 101},
		{"a page of another origin", "/", from("https://foe.example"), 403},
		{"a page of an origin that is allowed", "/", from("https://friend.example"), 101},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got, body, _ := get(t, srv, tc.path, tc.header); got != tc.want {
				t.Errorf("got %d %q, want %d", got, body, tc.want)
			}
		})
	}
	if got := srv.Stats().Refused; got[401] != 4 || got[403] != 1 || got[429] != 0 || got[503] != 0 {
		t.Errorf("got refusals %v, want four 401 and one 403", got)
	}
	if strings.Contains(log.String(), "sesame") {
		t.Errorf("the token is in the log:\n%s", log)
	}
}

// TestAPageWhoseNameWasMadeToResolveHere is of the target's own origin, as far as
// its Origin tells.
func TestAPageWhoseNameWasMadeToResolveHere(t *testing.T) {
	srv, err := Listen(Settings{Addr: "127.0.0.1:0", Store: store.Discard})
	if err != nil {
		t.Fatal(err)
	}
	defer srv.listener.Close()
	defer srv.Shutdown(t.Context())
	for _, tc := range []struct {
		path, host string
		want       int
	}{
		{"/stats", "127.0.0.1:9000", http.StatusOK},
		{"/stats", "localhost:9000", http.StatusOK},
		{"/stats", "evil.example:9000", http.StatusForbidden},
		{"/healthz", "evil.example:9000", http.StatusOK},
		{"/", "evil.example:9000", http.StatusForbidden},
		{"/", "localhost:9000", http.StatusInternalServerError}, // let in; the recorder can't be hijacked
	} {
		answer, req := newRequest(t, "127.0.0.1:1234")
		req.URL.Path, req.Host = tc.path, tc.host
		req.Header.Set("Origin", "http://"+tc.host)
		srv.Handler().ServeHTTP(answer, req)
		if answer.Code != tc.want {
			t.Errorf("%s at %s: got %d %q, want %d", tc.path, tc.host, answer.Code, answer.Body, tc.want)
		}
	}
}

// TestPlaceIsFreeWhenTheConnectionHasEnded has a client come again the moment it
// sees the end of its connection, to a target with one place.
func TestPlaceIsFreeWhenTheConnectionHasEnded(t *testing.T) {
	srv := newTestServer(t, Settings{Store: store.Discard, Limits: Limits{Connections: 1}})
	for range 200 {
		conn := srv.dial(t, "")
		conn.WriteMessage(websocket.CloseMessage, nil)
		io.Copy(io.Discard, conn.NetConn())
		conn.Close()
	}
	if got := srv.Stats().Refused; got[503] != 0 {
		t.Errorf("got refusals %v, want none", got)
	}
}

func TestMoreConnectionsThanThereMayBe(t *testing.T) {
	srv := newTestServer(t, Settings{Store: store.Discard, Limits: Limits{Connections: 2, PerAddress: 1}})
	first := srv.dial(t, "")
	srv.dial(t, "") // loopback is exempt from the limit of one address
	status, reason, header := get(t, srv, "/", nil)
	if status != 503 || !strings.Contains(reason, "--max-connections") || header.Get("Retry-After") == "" {
		t.Errorf("got %d %q, Retry-After %q, want 503 that names --max-connections", status, reason, header.Get("Retry-After"))
	}
	if got := srv.Stats().Refused; got[503] != 1 {
		t.Errorf("got refusals %v, want one 503", got)
	}
	eventually(t, "both sessions have begun", func() bool { return srv.Stats().Connections.Total == 2 })
	first.WriteMessage(websocket.CloseMessage, nil)
	readClose(t, first)
	eventually(t, "there is room again", func() bool { return srv.Stats().Connections.Open == 1 })
	send(t, srv.dial(t, ""), websocket.BinaryMessage, photograph(10))
}

func TestMoreConnectionsOfOneAddressThanItMayHave(t *testing.T) {
	srv, err := New(Settings{Store: store.Discard, Limits: Limits{NewPerAddress: 1}})
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Shutdown(t.Context())
	for i, want := range []int{http.StatusInternalServerError, http.StatusTooManyRequests} { // the first one can't be hijacked
		answer, req := newRequest(t, "203.0.113.5:1234")
		srv.Handler().ServeHTTP(answer, req)
		if answer.Code != want {
			t.Errorf("request %d: got %d %q, want %d", i+1, answer.Code, answer.Body, want)
		}
	}
	if got := srv.Stats().Refused[429]; got != 1 {
		t.Errorf("got %d refusals with 429, want 1", got)
	}
}

func TestSlowHandshakesEnd(t *testing.T) {
	srv, err := Listen(Settings{Addr: "127.0.0.1:0", Store: store.Off, Limits: Limits{Handshake: 100 * time.Millisecond}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- srv.Serve(ctx) }()
	for _, begun := range []string{"", "GET / HTTP/1.1\r\nHost: ", "POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n"} {
		conn, err := net.Dial("tcp", srv.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		conn.Write([]byte(begun))
		conn.SetReadDeadline(time.Now().Add(10 * time.Second))
		if _, err := io.Copy(io.Discard, conn); err != nil {
			t.Errorf("after %q: got %v, want the end", begun, err)
		}
		conn.Close()
	}
	// What was in time is bounded no more.
	conn := dial(t, srv.URL())
	time.Sleep(250 * time.Millisecond)
	send(t, conn, websocket.BinaryMessage, photograph(10))
	conn.Close()
	stop()
	if err := <-served; err != nil {
		t.Error(err)
	}
}
