package loadgen

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"
)

// maxReason is how much of a server's answer is read and shown, in bytes.
const maxReason = 200

// HandshakeError is a server's refusal to upgrade.
type HandshakeError struct {
	Status int // HTTP status
	// Reason is the first sentence of what the server says, at most 200 bytes of
	// printable characters, without what Settings say in confidence; empty when it
	// says nothing, or sends a page for people.
	Reason string
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
// that wants a token does.
func (e *HandshakeError) saysHow() bool {
	return e.Status == http.StatusUnauthorized && strings.Contains(e.Reason, "--token")
}

func (e *HandshakeError) remedy() string {
	switch e.Status {
	case http.StatusUnauthorized:
		return "give its token with --token"
	case http.StatusForbidden:
		return "see there whom it lets in, and give what it wants: --token, or another --url"
	case http.StatusTooManyRequests:
		return "ask for fewer clients, or raise its limits for one address"
	case http.StatusServiceUnavailable:
		return "ask for fewer clients, or raise its limits"
	default:
		return "check the path of the URL and what the server wants of a client"
	}
}

// newHandshakeError reads the answer of a server that did not upgrade. The
// secrets are those that it may hand back.
func newHandshakeError(resp *http.Response, secrets []string) *HandshakeError {
	e := &HandshakeError{Status: resp.StatusCode}
	if strings.Contains(resp.Header.Get("Content-Type"), "html") {
		return e
	}
	body, _ := io.ReadAll(resp.Body) // gorilla keeps 1,024 bytes, or what there is
	e.Reason = firstSentence(conceal(string(body), secrets))
	return e
}

// telling is from how many bytes on a value in a URL may be a secret. Shorter
// ones are settings, and parts of ordinary words.
const telling = 6

// secrets is what must not be shown though the server may hand it back: the
// token, and the path and the query of the URL.
func (s Settings) secrets() []string {
	var secrets []string
	add := func(shortest int, values ...string) {
		for _, value := range values {
			if len(value) >= shortest {
				secrets = append(secrets, value)
			}
		}
	}
	add(1, s.Token)
	if u, err := url.Parse(s.URL); err == nil {
		add(telling, u.Path, u.EscapedPath(), u.RawQuery)
		for _, values := range u.Query() {
			for _, value := range values {
				add(telling, value, url.QueryEscape(value))
			}
		}
	}
	return secrets
}

// conceal takes secrets out of what a server says, the longest first: one may
// be a part of another. One that is cut off at the end goes too.
func conceal(said string, secrets []string) string {
	const instead = "redacted"
	slices.SortFunc(secrets, func(a, b string) int { return len(b) - len(a) })
	for _, secret := range secrets {
		said = strings.ReplaceAll(said, secret, instead)
		for n := min(len(secret), len(said)); n >= telling; n-- {
			if rest, ok := strings.CutSuffix(said, secret[:n]); ok {
				said = rest + instead
				break
			}
		}
	}
	return said
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
