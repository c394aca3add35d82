package connect

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
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
		"a token is missing":            {401, "text/plain", "this target wants a token\n", "401: this target wants a token; give its token with --token"},
		"how to give one is told":       {401, "", "give the token with --token or " + token + ".", "401: give the token with --token or redacted"},
		"somebody else's page":          {403, "", "Origin is not allowed. Ask the administrator.", "403: Origin is not allowed; see there whom it lets in"},
		"too many of one address":       {429, "text/plain", "too many connections from this address", "429: too many connections from this address; ask for fewer clients"},
		"too many, and how to raise it": {429, "", "raise the target's --max-per-address", "429: raise the target's --max-per-address"},
		"too many of all":               {503, "text/plain", "10 sessions are open", "503: 10 sessions are open; ask for fewer clients"},
		"a page for people":             {404, "text/html; charset=utf-8", "<title>Not found</title>", "404; check the path of the URL"},
		"nothing":                       {500, "", "", "500; see the log of the server"},
		"another address":               {307, "", "", "307; give the address that it leads to with --url"},
		"what would paint a terminal":   {400, "", "\x1b[2Jno\u202e way\x00\xff", "400: ?[2Jno? way??; check"},
		"a line and more":               {400, "", "first\r\nsecond", "400: first; check"},
		"plain HTTP to HTTPS, nginx":    {400, "text/html", "<center>The plain HTTP request was sent to HTTPS port</center>", "400; the server speaks TLS there: use wss:// in --url"},
		"the token":                     {401, "", "unknown token " + token, "401: unknown token redacted; "},
		"the query, unescaped":          {401, "", "unknown key queryHush/2 of ?key=" + query, "401: unknown key redacted of ?key=redacted; "},
		"the path":                      {404, "", "no route for /hook/hush3 here", "404: no route for redacted here; "},
		"a setting is no secret":        {400, "", "no reply ack", "400: no reply ack; "},
		"a token that is cut off":       {401, "", strings.Repeat(token+" ", 100) + token, "401: redacted redacted"},
	} {
		url := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if got, want := r.Header.Get("Authorization"), "Bearer "+token; got != want {
				t.Errorf("%s: authorization: got %q, want %q", name, got, want)
			}
			w.Header()["Content-Type"] = []string{tt.kind}
			w.WriteHeader(tt.status)
			fmt.Fprint(w, tt.body)
		}) + "/hook/hush3?reply=ack&key=" + query
		_, _, err := New(Settings{URL: url, Token: token}).Dial(t.Context(), 0, nil)
		if refused, ok := errors.AsType[*HandshakeError](err); !ok || refused.Status != tt.status {
			t.Errorf("%s: got %v, want a refusal with HTTP %d", name, err, tt.status)
			continue
		}
		if want := "the server answered the WebSocket handshake with HTTP " + tt.want; !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: got\n%q, want\n%q…", name, err, want)
		}
		if strings.Count(err.Error(), "--token") > 1 || strings.Count(err.Error(), "raise") > 1 {
			t.Errorf("%s: it says twice what to do: %v", name, err)
		}
		if strings.Contains(strings.ToLower(err.Error()), "hush") {
			t.Errorf("%s: a secret is shown: %v", name, err)
		}
	}
}

func TestRefusalIsBounded(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, strings.Repeat("ö", 5000), http.StatusTeapot)
	})
	_, _, err := New(Settings{URL: url}).Dial(t.Context(), 0, nil)
	if err == nil {
		t.Fatal("got no error")
	}
	said := err.Error()
	if n := strings.Count(said, "ö"); n < 90 || n > 100 || !strings.Contains(said, "ö…;") || !utf8.ValidString(said) {
		t.Errorf("got %d of 5000 characters in %q, want about 200 bytes, and that there are more", n, said)
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)
	for name, tt := range map[string]struct {
		value string
		want  time.Duration
	}{
		"nothing":                {"", 0},
		"seconds":                {"7", 7 * time.Second},
		"none at all":            {"0", 0},
		"more than is bearable":  {"86400", time.Hour},
		"more than there are":    {"9223372036854775807", time.Hour},
		"less than none":         {"-1", 0},
		"a date":                 {"Thu, 29 Feb 2024 12:00:30 GMT", 30 * time.Second},
		"a date that is past":    {"Thu, 29 Feb 2024 11:59:30 GMT", 0},
		"a date that is far off": {"Fri, 28 Feb 2025 12:00:00 GMT", time.Hour},
		"words":                  {"soon", 0},
	} {
		if got := retryAfter(tt.value, now); got != tt.want {
			t.Errorf("%s: got %v, want %v", name, got, tt.want)
		}
	}
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "3")
		w.WriteHeader(http.StatusTooManyRequests)
	})
	_, _, err := New(Settings{URL: url}).Dial(t.Context(), 0, nil)
	if refused, ok := errors.AsType[*HandshakeError](err); !ok || refused.RetryAfter != 3*time.Second {
		t.Errorf("got %+v, want 3 s", err)
	}
}

// TestSecretWithinAnother: none of its letters is left.
func TestSecretWithinAnother(t *testing.T) {
	s := newSecrets(Settings{Token: "hush12", URL: "ws://host/?key=hush1234"})
	if got, want := s.conceal("neither hush1234 nor hush12"), "neither redacted nor redacted"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
