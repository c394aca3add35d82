package connect

import (
	"errors"
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
	// WantsTLS is a server that says that it was spoken to in plain HTTP and
	// speaks HTTPS.
	WantsTLS bool
}

// RetryAfter is how long the server asks to be left alone with its refusal err,
// at most an hour; 0: it does not say, or err is something else.
func RetryAfter(err error) time.Duration {
	if refused, ok := errors.AsType[*HandshakeError](err); ok {
		return refused.RetryAfter
	}
	return 0
}

// Error says what the server answered, and what to do.
func (e *HandshakeError) Error() string {
	if e.saysHow() {
		return e.Answer()
	}
	return e.Answer() + "; " + e.Remedy()
}

// Remedy is what to do about it.
func (e *HandshakeError) Remedy() string {
	if e.WantsTLS {
		return useTLS
	}
	return Remedy(e.Status)
}

// Answer says what the server answered, and nothing else.
func (e *HandshakeError) Answer() string {
	said := fmt.Sprintf("the server answered the WebSocket handshake with HTTP %d", e.Status)
	if e.Reason != "" {
		said += ": " + e.Reason
	}
	return said
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

// Remedy is what to do about a handshake that was answered with this HTTP
// status.
func Remedy(status int) string {
	switch {
	case status == http.StatusUnauthorized:
		return "give its token with --token"
	case status == http.StatusForbidden:
		return "see there whom it lets in, and give what it wants: --token, or another --url"
	case status == http.StatusTooManyRequests:
		return "ask for fewer clients, connect them more slowly with --connect-rate, or raise its limits for one address"
	case status == http.StatusServiceUnavailable:
		return "ask for fewer clients, connect them more slowly with --connect-rate, or raise its limits"
	case status/100 == 3:
		return "give the address that it leads to with --url"
	case status/100 == 5:
		return "see the log of the server, and of what stands before it"
	}
	return "check the path of the URL and what the server wants of a client"
}

// newHandshakeError reads the answer of a server that did not upgrade. The
// secrets are those that it may hand back.
func newHandshakeError(resp *http.Response, s secrets) *HandshakeError {
	e := &HandshakeError{Status: resp.StatusCode, RetryAfter: retryAfter(resp.Header.Get("Retry-After"), time.Now())}
	body, _ := io.ReadAll(resp.Body) // gorilla keeps 1,024 bytes, or what there is
	e.WantsTLS = e.Status == http.StatusBadRequest && saysHTTPS(string(body))
	if strings.Contains(resp.Header.Get("Content-Type"), "html") {
		return e
	}
	e.Reason = firstSentence(s.conceal(string(body)))
	return e
}

// saysHTTPS reports whether a server says in its answer to a plain request that
// its port is one for HTTPS: the words of Go, of nginx, and of Apache.
func saysHTTPS(body string) bool {
	for _, said := range []string{"to an HTTPS server", "to HTTPS port", "to an SSL-enabled server port"} {
		if strings.Contains(body, said) {
			return true
		}
	}
	return false
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
