package loadgen_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/wsimg/wsimg/loadgen"
)

// answering runs a server that answers the offer of extensions in this way,
// whatever it was, and tells who asked and what came afterwards.
func answering(t *testing.T, extensions string) (url string, asked <-chan http.Header, sent <-chan []byte) {
	t.Helper()
	headers, came := make(chan http.Header, 1), make(chan []byte, 1)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		answer := http.Header{}
		if extensions != "" {
			answer["Sec-WebSocket-Extensions"] = []string{extensions} // gorilla forbids the canonical name
		}
		ws, err := new(websocket.Upgrader).Upgrade(w, req, answer)
		if err != nil {
			t.Error(err)
			return
		}
		defer ws.Close()
		headers <- req.Header
		ws.SetReadDeadline(time.Now().Add(5 * time.Second))
		all, _ := io.ReadAll(ws.NetConn())
		came <- all
	}))
	t.Cleanup(srv.Close)
	return "ws" + strings.TrimPrefix(srv.URL, "http"), headers, came
}

func TestNegotiation(t *testing.T) {
	const agreed = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
	for _, tt := range []struct {
		name    string
		deflate bool
		answer  string
		kind    string // of the failure; empty: there is none
		says    string
	}{
		{"asked for and agreed to", true, agreed, "", ""},
		{"agreed to with a window of the server's own", true, agreed + `; server_max_window_bits="10"`, "", ""},
		{"agreed to in capitals, without spaces", true, "Permessage-Deflate;server_no_context_takeover;client_no_context_takeover;client_max_window_bits=15", "", ""},
		{"neither asked for nor given", false, "", "", ""},
		{"declined in silence", true, "", loadgen.Declined, "turn compression on"},
		{"with context takeover at the server", true, "permessage-deflate; client_no_context_takeover", loadgen.Declined, "without server_no_context_takeover"},
		{"with context takeover at the client", true, "permessage-deflate; server_no_context_takeover", loadgen.Declined, "without client_no_context_takeover"},
		{"with a window too small for us", true, agreed + "; client_max_window_bits=10", loadgen.Declined, "smaller window"},
		{"with a parameter nobody knows", true, agreed + "; level=11", loadgen.Protocol, "not offered"},
		{"with another extension", true, agreed + ", x-webkit-deflate-frame", loadgen.Protocol, "not offered"},
		{"not asked for and turned on", false, agreed, loadgen.Protocol, "not offered"},
		{"not asked for and turned on by halves", false, "permessage-deflate", loadgen.Protocol, "not offered"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			url, asked, sent := answering(t, tt.answer)
			fleet, err := loadgen.Dial(t.Context(), loadgen.Settings{URL: url, Clients: 1, Deflate: tt.deflate, UserAgent: "wsimg/1.2 (text+deflate=6)"})
			if err == nil {
				fleet.Close()
			}
			header := <-asked
			if got := header.Get("User-Agent"); got != "wsimg/1.2 (text+deflate=6)" {
				t.Errorf("the client calls itself %q", got)
			}
			if got := strings.Contains(header.Get("Sec-WebSocket-Extensions"), agreed); got != tt.deflate {
				t.Errorf("offered: got %q, want permessage-deflate: %t", header.Get("Sec-WebSocket-Extensions"), tt.deflate)
			}
			got := <-sent
			if len(got) > 131 || len(got) > 0 && got[0] != 0x88 {
				t.Errorf("got %d bytes sent, %x, want at most a close frame", len(got), got)
			}
			if tt.kind == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if err == nil || loadgen.Kind(err) != tt.kind || !strings.Contains(err.Error(), tt.says) {
				t.Fatalf("got %v, want kind %s and %q", err, tt.kind, tt.says)
			}
			if got := errors.Is(err, loadgen.ErrDeclined); got != (tt.kind == loadgen.Declined) {
				t.Errorf("ErrDeclined: got %t of %v", got, err)
			}
		})
	}
}
