package connect

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
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
		want    error
		says    string
		code    int // of the close frame; 0: none is sent, gorilla itself has ended it
	}{
		{"asked for and agreed to", true, agreed, nil, "", 0},
		{"agreed to with a window of the server's own", true, agreed + `; server_max_window_bits="10"`, nil, "", 0},
		{"agreed to in capitals, without spaces", true, "Permessage-Deflate;server_no_context_takeover;client_no_context_takeover;client_max_window_bits=15", nil, "", 0},
		{"neither asked for nor given", false, "", nil, "", 0},
		{"declined in silence", true, "", ErrDeclined, "turn compression on", 1010},
		{"with context takeover at the server", true, "permessage-deflate; client_no_context_takeover", ErrDeclined, "without server_no_context_takeover", 0},
		{"with context takeover at the client", true, "permessage-deflate; server_no_context_takeover", ErrDeclined, "without client_no_context_takeover", 0},
		{"with a window too small for us", true, agreed + "; client_max_window_bits=10", ErrDeclined, "smaller window", 1010},
		{"with a parameter nobody knows", true, agreed + "; level=11", ErrUnoffered, "not offered", 1002},
		{"with another extension", true, agreed + ", x-webkit-deflate-frame", ErrUnoffered, "not offered", 1002},
		{"not asked for and turned on", false, agreed, ErrUnoffered, "not offered", 1002},
		{"not asked for and turned on by halves", false, "permessage-deflate", ErrUnoffered, "not offered", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			url, asked, sent := answering(t, tt.answer)
			d := New(Settings{URL: url, Deflate: tt.deflate, Header: http.Header{"User-Agent": {"wsimg/1.2 (text+deflate=6)"}}})
			ws, _, err := d.Dial(t.Context(), 0, nil)
			if err == nil {
				ws.Close()
			}
			header := <-asked
			if got := header.Get("User-Agent"); got != "wsimg/1.2 (text+deflate=6)" {
				t.Errorf("the client calls itself %q", got)
			}
			if got := strings.Contains(header.Get("Sec-WebSocket-Extensions"), agreed); got != tt.deflate {
				t.Errorf("offered: got %q, want permessage-deflate: %t", header.Get("Sec-WebSocket-Extensions"), tt.deflate)
			}
			got := <-sent
			if code := closeCode(got); code != tt.code {
				t.Errorf("got close code %d in %x, want %d", code, got, tt.code)
			}
			if !errors.Is(err, tt.want) || tt.want == nil && err != nil {
				t.Fatalf("got %v, want %v", err, tt.want)
			}
			if tt.want != nil && (!strings.Contains(err.Error(), tt.says) || Passing(err)) {
				t.Errorf("got %v, passing %v, want %q, and that it lasts", err, Passing(err), tt.says)
			}
		})
	}
}

// closeCode is that of a client's close frame, if it is all there is; 0 of
// nothing, and -1 of anything else.
func closeCode(sent []byte) int {
	switch {
	case len(sent) == 0:
		return 0
	case len(sent) < 8 || sent[0] != 0x88 || sent[1] < 0x82 || len(sent) != 6+int(sent[1]&0x7f):
		return -1
	}
	return int(sent[6]^sent[2])<<8 | int(sent[7]^sent[3])
}
