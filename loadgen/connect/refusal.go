package connect

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// maxReason is how much of a server's answer is read and shown, in bytes.
const maxReason = 200

// maxRetryAfter bounds what a server may ask for.
const maxRetryAfter = time.Hour

// HandshakeError is a server's refusal to upgrade.
type HandshakeError struct {
	Status int // HTTP status
	// Reason is the first sentence of what the server says, at most 200 bytes of
	// printable characters, without what Settings say in confidence; empty when it
	// says nothing, or sends a page for people.
	Reason string
	// RetryAfter is how long the server asks to be left alone (RFC 9110, section
	// 10.2.3), at most an hour; 0: it does not say.
	RetryAfter time.Duration
}

// Error says what the server answered, and what to do.
func (e *HandshakeError) Error() string {
	said := fmt.Sprintf("the server answered the WebSocket handshake with HTTP %d", e.Status)
	if e.Reason != "" {
		said += ": " + e.Reason
	}
	if e.saysHow() {
		return said
	}
	return said + "; " + e.remedy()
}

// saysHow reports whether the server itself says what to do: a wsimg target
// that wants a token or is full names the flag.
func (e *HandshakeError) saysHow() bool {
	switch e.Status {
	case http.StatusUnauthorized:
		return strings.Contains(e.Reason, "--token")
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return strings.Contains(e.Reason, "--max-")
	}
	return false
}

func (e *HandshakeError) remedy() string {
	switch e.Status {
	case http.StatusUnauthorized:
		return "give its token with --token"
	case http.StatusForbidden:
		return "see there whom it lets in, and give what it wants: --token, or another --url"
	case http.StatusTooManyRequests:
		return "ask for fewer clients, connect them more slowly with --connect-rate, or raise its limits for one address"
	case http.StatusServiceUnavailable:
		return "ask for fewer clients, or raise its limits"
	default:
		return "check the path of the URL and what the server wants of a client"
	}
}

// newHandshakeError reads the answer of a server that did not upgrade. The
// secrets are those that it may hand back.
func newHandshakeError(resp *http.Response, s secrets) *HandshakeError {
	e := &HandshakeError{Status: resp.StatusCode, RetryAfter: retryAfter(resp.Header.Get("Retry-After"), time.Now())}
	if strings.Contains(resp.Header.Get("Content-Type"), "html") {
		return e
	}
	body, _ := io.ReadAll(resp.Body) // gorilla keeps 1,024 bytes, or what there is
	e.Reason = firstSentence(s.conceal(string(body)))
	return e
}

// retryAfter reads a header of that name: seconds, or a date.
func retryAfter(value string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(value, 10, 63); err == nil {
		return min(time.Duration(min(seconds, uint64(maxRetryAfter/time.Second)))*time.Second, maxRetryAfter)
	}
	if date, err := http.ParseTime(value); err == nil {
		return min(max(date.Sub(now), 0), maxRetryAfter)
	}
	return 0
}

// firstSentence returns the first sentence of a text, without its full stop, in
// one line of printable characters, at most maxReason bytes.
func firstSentence(text string) string {
	text, _, _ = strings.Cut(strings.TrimSpace(text), "\n")
	text, _, _ = strings.Cut(text, ". ")
	text = strings.ToValidUTF8(strings.TrimSuffix(strings.TrimSpace(text), "."), "?")
	text = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, text)
	if len(text) > maxReason {
		const cut = "…"
		text = strings.ToValidUTF8(text[:maxReason-len(cut)], "") + cut
	}
	return text
}
