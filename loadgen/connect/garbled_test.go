package connect

import (
	"errors"
	"net"
	"strings"
	"testing"
)

// garbling starts a server that answers whatever it is asked with the same, and
// returns its URL.
func garbling(t *testing.T, answer string) (url string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		c.Read(make([]byte, 4096))
		c.Write([]byte(answer))
	}()
	return "ws://" + l.Addr().String()
}

// TestGarbledAnswers says what to do about servers that speak something else,
// and shows nothing of what they hand back.
func TestGarbledAnswers(t *testing.T) {
	const token = "tokenHush1"
	for name, tt := range map[string]struct {
		answer, want string
		tls          bool
	}{
		"another protocol":       {"220 mail.example ESMTP ready\r\n", "is no HTTP; see that a WebSocket server listens there", false},
		"an echo of the request": {"Bearer " + token + "\r\n", "is no HTTP; see that", false},
		"a header that is none":  {"HTTP/1.1 101 Switching Protocols\r\n" + token + "\r\n\r\n", "is no HTTP; see that", false},
		"an alert of TLS 1.0":    {"\x15\x03\x01\x00\x02\x02\x46", "with TLS; the server speaks TLS there: use wss:// in --url", true},
	} {
		_, _, err := New(Settings{URL: garbling(t, tt.answer), Token: token}).Dial(t.Context(), 0, nil)
		garbled, ok := errors.AsType[*GarbledError](err)
		if !ok || garbled.TLS != tt.tls || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), token) {
			t.Errorf("%s: got %v, want %q and no secret", name, err, tt.want)
		}
		if Passing(err) {
			t.Errorf("%s: it may pass, want that it stays", name)
		}
	}
}

// TestPlainToTLS: Go's server says what is wrong itself.
func TestPlainToTLS(t *testing.T) {
	url, _ := secured(t, accepting)
	_, _, err := New(Settings{URL: "ws" + strings.TrimPrefix(url, "wss")}).Dial(t.Context(), 0, nil)
	if refused, ok := errors.AsType[*HandshakeError](err); !ok || !refused.WantsTLS || !strings.HasSuffix(err.Error(), useTLS) {
		t.Errorf("got %v, want it to end with %q", err, useTLS)
	}
}
