package loadgen_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/wsimg/wsimg/loadgen"
)

// TestRefusedHandshake has a server refuse in many ways; what it says is
// shown, within bounds, and no secret of ours though it says that too.
func TestRefusedHandshake(t *testing.T) {
	const token, query = "tokenHush1", "queryHush%2F2"
	for name, tt := range map[string]struct {
		status     int
		kind, body string
		want       string // after "HTTP "
	}{
		"a token is missing":          {401, "text/plain", "this target wants a token\n", "401: this target wants a token; give its token with --token"},
		"how to give one is told":     {401, "", "give the token with --token or " + token + ".", "401: give the token with --token or redacted"},
		"somebody else's page":        {403, "", "Origin is not allowed. Ask the administrator.", "403: Origin is not allowed; see there whom it lets in"},
		"too many of one address":     {429, "text/plain", "too many connections from this address", "429: too many connections from this address; ask for fewer clients"},
		"too many of all":             {503, "text/plain", "10 sessions are open", "503: 10 sessions are open; ask for fewer clients"},
		"a page for people":           {404, "text/html; charset=utf-8", "<title>Not found</title>", "404; check the path of the URL"},
		"nothing":                     {500, "", "", "500; check the path of the URL"},
		"what would paint a terminal": {400, "", "\x1b[2Jno\u202e way\x00\xff", "400: ?[2Jno? way??; check"},
		"a line and more":             {400, "", "first\r\nsecond", "400: first; check"},
		"the token":                   {401, "", "unknown token " + token, "401: unknown token redacted; "},
		"the query, unescaped":        {401, "", "unknown key queryHush/2 of ?key=" + query, "401: unknown key redacted of ?key=redacted; "},
		"the path":                    {404, "", "no route for /hook/hush3 here", "404: no route for redacted here; "},
		"a setting is no secret":      {400, "", "no reply ack", "400: no reply ack; "},
		"a token that is cut off":     {401, "", strings.Repeat(token+" ", 100) + token, "401: redacted redacted"},
	} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if got, want := r.Header.Get("Authorization"), "Bearer "+token; got != want {
				t.Errorf("%s: authorization: got %q, want %q", name, got, want)
			}
			w.Header()["Content-Type"] = []string{tt.kind}
			w.WriteHeader(tt.status)
			fmt.Fprint(w, tt.body)
		}))
		url := "ws" + strings.TrimPrefix(srv.URL, "http") + "/hook/hush3?reply=ack&key=" + query
		_, err := loadgen.Dial(t.Context(), loadgen.Settings{URL: url, Clients: 1, Token: token, UserAgent: "wsimg"})
		srv.Close()
		if err == nil || loadgen.Kind(err) != loadgen.Handshake {
			t.Errorf("%s: got %v, want kind %s", name, err, loadgen.Handshake)
			continue
		}
		if want := "the server answered the WebSocket handshake with HTTP " + tt.want; !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: got\n%q, want\n%q…", name, err, want)
		}
		if strings.Count(err.Error(), "--token") > 1 {
			t.Errorf("%s: it says twice what to do: %v", name, err)
		}
		if strings.Contains(strings.ToLower(err.Error()), "hush") {
			t.Errorf("%s: a secret is shown: %v", name, err)
		}
	}
}

func TestRefusalIsBounded(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, strings.Repeat("ö", 5000), http.StatusTeapot)
	}))
	defer srv.Close()
	_, err := loadgen.Dial(t.Context(), loadgen.Settings{URL: "ws" + strings.TrimPrefix(srv.URL, "http"), Clients: 1})
	if err == nil {
		t.Fatal("got no error")
	}
	said := err.Error()
	if n := strings.Count(said, "ö"); n < 90 || n > 100 || !strings.Contains(said, "ö…;") || !utf8.ValidString(said) {
		t.Errorf("got %d of 5000 characters in %q, want about 200 bytes, and that there are more", n, said)
	}
}

func TestUnreadableURLStaysOut(t *testing.T) {
	_, err := loadgen.Dial(t.Context(), loadgen.Settings{URL: "ws://host:port/?token=hush", Clients: 1})
	if err == nil || strings.Contains(err.Error(), "hush") {
		t.Errorf("got %v, want an error without the URL", err)
	}
}
