package loadgen_test

import (
	"context"
	"errors"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/wsimg/wsimg/loadgen"
)

// TestOneFailsAndTheOthersGoOn has a server do wrong by one of three clients:
// that is counted once and under one kind, and the other two are served on.
func TestOneFailsAndTheOthersGoOn(t *testing.T) {
	closing := func(code int, reason string) reply {
		return func(ws *websocket.Conn, _, _ int, _ []byte) {
			ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, reason), time.Now().Add(time.Second))
		}
	}
	raw := func(frame ...byte) reply {
		return func(ws *websocket.Conn, _, _ int, _ []byte) { ws.NetConn().Write(frame) }
	}
	for _, tt := range []struct {
		name string
		kind string
		says string
		do   reply
	}{
		{"a code with a name", "closed-1013", `code 1013 (try again later): "full"`, closing(1013, "full")},
		{"a code of the server's own", "closed-4321", "code 4321 and no reason", closing(4321, "")},
		{"a close frame without a code", "closed-1005", "without a code", closing(websocket.CloseNoStatusReceived, "")},
		{"too large for the server", loadgen.TooLarge, "(message too big)", closing(1009, "")},
		{"a length beyond all bounds", loadgen.TooLarge, "read limit", raw(0x82, 127, 0xff, 0, 0, 0, 0, 0, 0, 0)},
		{"a frame of no known type", loadgen.Protocol, "bad opcode", raw(0x83, 0)},
		{"a close frame of one byte", "closed-1005", "without a code", raw(0x88, 1, 0)},
		{"a close frame with a code that none may have", loadgen.Protocol, "bad close code", raw(0x88, 2, 0, 5)},
		{"an end without a word", loadgen.Dropped, "without a close frame", func(ws *websocket.Conn, _, _ int, _ []byte) { ws.Close() }},
		{"an end in the middle of a reply", loadgen.Dropped, "without a close frame", func(ws *websocket.Conn, _, _ int, m []byte) {
			ws.NetConn().Write(append([]byte{0x82, 126, byte(len(m) >> 8), byte(len(m))}, m[:len(m)/2]...))
			ws.Close()
		}},
		{"a reset", loadgen.Reset, "reset", func(ws *websocket.Conn, _, _ int, _ []byte) {
			ws.NetConn().(*net.TCPConn).SetLinger(0)
			ws.Close()
		}},
		{"bytes changed", loadgen.Flipped, "differs at byte 7 ", func(ws *websocket.Conn, _, typ int, m []byte) {
			m[7] ^= 1
			ws.WriteMessage(typ, m)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var mu sync.Mutex
			served := map[*websocket.Conn]int{} // since the wrong was done
			wronged := false
			url := server(t, func(ws *websocket.Conn, n, typ int, m []byte) {
				mu.Lock()
				wrong := n == 4
				wronged = wronged || wrong
				if wronged && !wrong {
					served[ws]++
				}
				enough := 0
				for _, n := range served {
					if n > 5 {
						enough++
					}
				}
				mu.Unlock()
				if wrong {
					tt.do(ws, n, typ, m)
					return
				}
				if enough == 2 {
					cancel()
				}
				echo(ws, n, typ, m)
			})
			fleet, err := loadgen.Dial(t.Context(), loadgen.Settings{URL: url, Clients: 3})
			if err != nil {
				t.Fatal(err)
			}
			sample, examples, err := fleet.Run(ctx, loadgen.Block{Traffic: traffic(t, "binary", 3), Length: time.Minute})
			if !errors.Is(err, context.Canceled) {
				t.Errorf("got %v before the other two were served on", err)
			}
			// A byte that can't be told from the connection's end comes late.
			later, _ := fleet.Close()
			if want := map[string]uint64{tt.kind: 1}; !maps.Equal(sample.Errors, want) || len(later) > 0 {
				t.Errorf("failures: got %v, and %v at the end; want %v (%v)", sample.Errors, later, want, examples)
			}
			e := examples[tt.kind]
			if !strings.Contains(e.Detail, tt.says) {
				t.Errorf("detail: got %q, want it to say %q", e.Detail, tt.says)
			}
			if e.Remedy == "" || strings.Contains(e.Detail, e.Remedy) {
				t.Errorf("remedy: got %q beside %q, want what to do, once", e.Remedy, e.Detail)
			}
		})
	}
}

// TestKindsOfRefusal meets servers that there is no connecting to.
func TestKindsOfRefusal(t *testing.T) {
	answering := func(t *testing.T, h http.HandlerFunc) string {
		srv := httptest.NewServer(h)
		t.Cleanup(srv.Close)
		return "ws" + strings.TrimPrefix(srv.URL, "http")
	}
	status := func(status int) func(*testing.T) string {
		return func(t *testing.T) string {
			return answering(t, func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "No.", status) })
		}
	}
	// talking is a server that says something, whatever it is asked, and hangs up.
	talking := func(says string) func(*testing.T) string {
		return func(t *testing.T) string {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				for {
					c, err := l.Accept()
					if err != nil {
						return
					}
					c.Read(make([]byte, 4096))
					io.WriteString(c, says)
					c.Close()
				}
			}()
			t.Cleanup(func() {
				l.Close()
				<-ended
			})
			return "ws://" + l.Addr().String()
		}
	}
	for _, tt := range []struct {
		name string
		kind string
		url  func(*testing.T) string
	}{
		{"a token is wanted", "handshake-401", status(401)},
		{"nothing is there", "handshake-404", status(404)},
		{"too many ask", "handshake-429", status(429)},
		{"too much is asked", loadgen.TooLarge, status(413)},
		{"a server that is no HTTP server", loadgen.Protocol, talking("SSH-2.0-OpenSSH_9.9\r\n")},
		{"one that hangs up", loadgen.Dropped, talking("")},
		{"nobody", loadgen.Refused, func(t *testing.T) string {
			srv := httptest.NewServer(http.NotFoundHandler())
			srv.Close()
			return "ws" + strings.TrimPrefix(srv.URL, "http")
		}},
		{"one without TLS", loadgen.TLS, func(t *testing.T) string {
			return strings.Replace(status(400)(t), "ws:", "wss:", 1)
		}},
		{"one with a certificate of its own", loadgen.TLS, func(t *testing.T) string {
			srv := httptest.NewUnstartedServer(http.NotFoundHandler())
			srv.Config.ErrorLog = log.New(io.Discard, "", 0) // of the handshake that fails
			srv.StartTLS()
			t.Cleanup(srv.Close)
			return "wss" + strings.TrimPrefix(srv.URL, "https")
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			fleet, err := loadgen.Dial(t.Context(), loadgen.Settings{URL: tt.url(t), Clients: 2})
			if err == nil {
				fleet.Close()
				t.Fatal("got no error")
			}
			if got := loadgen.Kind(err); got != tt.kind {
				t.Errorf("kind: got %s, want %s (%v)", got, tt.kind, err)
			}
		})
	}
}
