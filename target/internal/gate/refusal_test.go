package gate

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestRefusalsAsHTTP(t *testing.T) {
	for _, c := range []struct {
		name         string
		refusal      *Refusal
		status       int
		retryAfter   string
		authenticate string
		advice       string
	}{
		{"full", full(), 503, "5", "", "--max-connections"},
		{"too many of one address", tooMany(), 429, "5", "", "--max-per-address"},
		{"too fast, by a blink", tooFast(time.Nanosecond), 429, "1", "", "--max-new-per-address"},
		{"too fast, by a second", tooFast(time.Second), 429, "1", "", "--max-new-per-address"},
		{"too fast, by more than a second", tooFast(time.Second + 1), 429, "2", "", "--max-new-per-address"},
		{"too fast, by years", tooFast(seconds(1e18)), 429, "2305843010", "", "--max-new-per-address"},
		{"no token", noToken(), 401, "", "Bearer", "?token="},
		{"wrong token", wrongToken(), 401, "", "Bearer", "--token"},
		{"foreign origin", foreignOrigin(), 403, "", "", "--allow-origin"},
		{"many origins", manyOrigins(), 403, "", "", "send one"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := httptest.NewRecorder()
			c.refusal.Write(w)
			if w.Code != c.status {
				t.Errorf("status is %d, want %d", w.Code, c.status)
			}
			for header, want := range map[string]string{
				"Retry-After":      c.retryAfter,
				"WWW-Authenticate": c.authenticate,
				"Connection":       "close",
				"Content-Type":     "text/plain; charset=utf-8",
			} {
				if got := w.Header().Get(header); got != want {
					t.Errorf("%s is %q, want %q", header, got, want)
				}
			}
			body := strings.TrimSuffix(w.Body.String(), "\n")
			if body != c.refusal.Reason || !strings.Contains(body, c.advice) || strings.ContainsAny(body, "\n") {
				t.Errorf("the body is %q, want a sentence with %q", body, c.advice)
			}
		})
	}
}

// Over a real connection: it is closed, and the answer arrives.
func TestARefusalClosesItsConnection(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { full().Write(w) }))
	defer server.Close()
	response, err := server.Client().Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusServiceUnavailable || !response.Close {
		t.Errorf("HTTP %d, and the connection is closed: %t; want 503 and true", response.StatusCode, response.Close)
	}
}
