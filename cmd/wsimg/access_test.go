package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/wsimg/wsimg/loadgen/record"
)

// compared is a wsimg bench that was typed with an --out, and what came of it.
type compared struct {
	stdout, stderr, saved string // saved is the file
	code                  int
	run                   record.Run
}

// compare types the quickest wsimg bench there is.
func compare(t *testing.T, flags ...string) compared {
	t.Helper()
	dir := t.TempDir()
	image, out := filepath.Join(dir, "image.jpg"), filepath.Join(dir, "run.json")
	if err := os.WriteFile(image, []byte("made in no time"), 0o600); err != nil {
		t.Fatal(err)
	}
	flags = append([]string{"--images", image, "--modes", "binary", "--loads", "closed", "--clients", "2", "--rounds", "1",
		"--duration", "10ms", "--warmup", "10ms", "--timeout", "5s", "--out", out}, flags...)
	var got compared
	got.stdout, got.stderr, got.code = typeBench(t.Context(), flags...)
	if data, err := os.ReadFile(out); err == nil {
		got.saved = string(data)
		if err := json.Unmarshal(data, &got.run); err != nil {
			t.Fatal(err)
		}
	}
	return got
}

// certified makes a certificate for loopback that nobody vouches for, and
// returns the files of it and of its key, and its fingerprint.
func certified(t *testing.T) (certFile, keyFile, fingerprint string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(time.Hour),
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name, kind string, content []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: content}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	sum := sha256.Sum256(der)
	return write("cert.pem", "CERTIFICATE", der), write("key.pem", "PRIVATE KEY", private), strings.ReplaceAll(fmt.Sprintf("% X", sum), " ", ":")
}

func TestTLSFromEndToEnd(t *testing.T) {
	cert, key, fingerprint := certified(t)
	other, _, _ := certified(t)
	serving := typeTarget(t, "--store", "discard", "--cert", cert, "--key", key)
	defer serving.stop(t)
	if got := serving.next(); !strings.Contains(got, fingerprint) {
		t.Errorf("the target says %q, want the fingerprint %s", got, fingerprint)
	}
	const advice = "with --ca; use the name that is in it; or do without the check, with --insecure"
	for _, tt := range []struct {
		name  string
		flags []string
		says  string // standard error; empty: all is well
		noted bool   // that nobody checked
	}{
		{"its certificate is given", []string{"--ca", cert}, "", false},
		{"the certificate is not checked", []string{"--insecure"}, "", true},
		{"nothing is given", nil, advice, false},
		{"another certificate is given", []string{"--ca", other}, advice, false},
	} {
		got := compare(t, append(tt.flags, "--url", serving.url)...)
		if (got.code == exitFailed) != (tt.says != "") || !strings.Contains(got.stderr, tt.says) {
			t.Errorf("%s: got exit code %d and %q, want %q", tt.name, got.code, got.stderr, tt.says)
			continue
		}
		if tt.says == "" && got.run.Environment.Target == nil {
			t.Errorf("%s: the side channel was not read", tt.name)
		}
		if noted := slices.Contains(got.run.Notes, insecureNote); noted != tt.noted || tt.noted && !strings.Contains(got.stdout, "certificate was not checked") {
			t.Errorf("%s: got notes %q, want it noted: %v", tt.name, got.run.Notes, tt.noted)
		}
	}
}

func TestSelfSignedTarget(t *testing.T) {
	serving := typeTarget(t, "--store", "discard", "--tls", "self-signed")
	defer serving.stop(t)
	if got := serving.next(); !strings.Contains(got, "SHA-256") {
		t.Errorf("the target says %q, want a fingerprint", got)
	}
	if got := compare(t, "--insecure", "--url", serving.url); got.code != 0 {
		t.Errorf("got exit code %d and %q", got.code, got.stderr)
	}
}

// TestToken shows a token in every way there is, and looks for it wherever it
// must not be.
func TestToken(t *testing.T) {
	const token, wrong = "tokenHush3f9a8b7c6d5", "wrongHush0a1b2c3d4e5"
	serving := typeTarget(t, "--store", "discard", "-v", "--token", token)
	for _, tt := range []struct {
		name        string
		environment string
		url         string
		flags       []string
		in          bool
		told        bool // by the side channel
	}{
		{name: "a flag", flags: []string{"--token", token}, in: true, told: true},
		{name: "the environment", environment: token, in: true, told: true},
		{name: "a flag before the environment", environment: wrong, flags: []string{"--token", token}, in: true, told: true},
		{name: "the URL", url: "/?token=" + token, in: true, told: true},
		{name: "the URL, and an audit", url: "/?token=" + token, flags: []string{"--audit"}, in: true, told: true},
		{name: "none"},
		{name: "a wrong one", flags: []string{"--token", wrong}},
		{name: "a wrong one in the URL", url: "/?token=" + wrong},
		{name: "a wrong one, and an audit", flags: []string{"--token", wrong, "--audit"}},
	} {
		if t.Setenv(tokenVariable, tt.environment); tt.environment == "" {
			os.Unsetenv(tokenVariable) // until the end of the test
		}
		got := compare(t, append(tt.flags, "--url", serving.url+tt.url)...)
		if (got.code == 0) != tt.in {
			t.Errorf("%s: got exit code %d and %q, want to be let in: %v", tt.name, got.code, got.stderr, tt.in)
		}
		if says := "HTTP 401"; !tt.in && (!strings.Contains(got.stderr, says) || !strings.Contains(got.stderr, "--token")) {
			t.Errorf("%s: got %q, want %s and --token", tt.name, got.stderr, says)
		}
		if advice := strings.Count(got.stderr, "--token"); advice > 1 {
			t.Errorf("%s: got %q, want what to do, once", tt.name, got.stderr)
		}
		if told := got.run.Environment.Target != nil; told != tt.told {
			t.Errorf("%s: the side channel was read: %v, want %v", tt.name, told, tt.told)
		}
		for where, text := range map[string]string{"the report": got.stdout, "standard error": got.stderr, "the record": got.saved} {
			if strings.Contains(text, "Hush") {
				t.Errorf("%s: a token is in %s: %s", tt.name, where, text)
			}
		}
	}
	for path, want := range map[string]int{"/stats": http.StatusUnauthorized, "/stats?token=" + token: http.StatusOK, "/healthz": http.StatusOK} {
		if got := status(t, serving.url+path); got != want {
			t.Errorf("%s: got HTTP %d, want %d", path, got, want)
		}
	}
	if totals := serving.stop(t); !strings.Contains(totals, "refused before a session: ") || !strings.Contains(totals, "with HTTP 401") {
		t.Errorf("got totals %q, want who was refused", totals)
	}
	if log := serving.log.String(); strings.Contains(log, "Hush") {
		t.Errorf("a token is in the target's log:\n%s", log)
	}
}

// status returns what a GET is answered with.
func status(t *testing.T, ws string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http"+strings.TrimPrefix(ws, "ws"), nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body) // what it says is another test's
	return resp.StatusCode
}

func TestOriginIsChecked(t *testing.T) {
	serving := typeTarget(t, "--store", "discard", "--allow-origin", "https://example.com", "--allow-origin", "https://example.org:8443")
	defer serving.stop(t)
	for origin, want := range map[string]int{
		"":                         http.StatusSwitchingProtocols,
		"https://example.com":      http.StatusSwitchingProtocols,
		"https://example.org:8443": http.StatusSwitchingProtocols,
		"https://example.org":      http.StatusForbidden,
		"https://example.net":      http.StatusForbidden,
		"http" + strings.TrimPrefix(serving.url, "ws"): http.StatusSwitchingProtocols,
	} {
		header := http.Header{}
		if origin != "" {
			header.Set("Origin", origin)
		}
		ws, resp, err := websocket.DefaultDialer.Dial(serving.url, header)
		if err == nil {
			ws.Close()
		}
		if resp == nil || resp.StatusCode != want {
			t.Errorf("origin %q: got %v (%v), want HTTP %d", origin, resp, err, want)
		}
	}
}

func TestTargetForOthersWantsALock(t *testing.T) {
	var stdout, stderr bytes.Buffer
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second) // should it serve all the same
	defer cancel()
	err := run(ctx, []string{"target", "--addr", "0.0.0.0:0", "--store", "off"}, nil, &stdout, &stderr)
	for _, want := range []string{"--token", "--allow-anonymous"} {
		if got := exitCode(err); got != exitUsage || !strings.Contains(stderr.String(), want) {
			t.Errorf("without a token: got exit code %d and %q; want %d and %s", got, stderr.String(), exitUsage, want)
		}
	}
	for _, flags := range [][]string{{"--allow-anonymous"}, {"--token", "secret"}} {
		typeTarget(t, append(flags, "--addr", "0.0.0.0:0", "--store", "off")...).stop(t)
	}
}

// TestUntrustedWordsInTheLog has a client say what would forge a log's lines, or
// paint the terminal of who reads it.
func TestUntrustedWordsInTheLog(t *testing.T) {
	const nasty = "\x1b[2J\nlevel=ERROR msg=forged"
	serving := typeTarget(t, "--store", "discard", "-v")
	ws, _, err := websocket.DefaultDialer.Dial(serving.url+"/%1b%5b2J%0alevel=ERROR%20msg=forged", http.Header{"User-Agent": {"\tlevel=ERROR msg=forged"}})
	if err != nil {
		t.Fatal(err)
	}
	ws.WriteMessage(websocket.TextMessage, []byte(nasty)) // no Base64
	ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(4000, nasty), time.Now().Add(time.Second))
	_, _, err = ws.ReadMessage()
	if _, ok := errors.AsType[*websocket.CloseError](err); !ok {
		t.Errorf("got %v, want a close frame", err)
	}
	ws.Close()
	ws, _, err = websocket.DefaultDialer.Dial(serving.url, nil)
	if err != nil {
		t.Fatal(err)
	}
	ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(4000, nasty), time.Now().Add(time.Second))
	ws.ReadMessage()
	ws.Close()
	for _, request := range []string{
		"GET / HTTP/1.1\r\nHost: a\r\nOrigin: \x1b[2J\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
		"GET /?codec=%1b%0alevel=ERROR HTTP/1.1\r\nHost: a\r\nOrigin: http://\tlevel=ERROR\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
		"\x1b[2J\nlevel=ERROR msg=forged\r\n\r\n",
	} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(serving.url, "ws://"))
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(conn, request)
		conn.(*net.TCPConn).CloseWrite()
		io.Copy(io.Discard, conn)
		conn.Close()
	}
	serving.stop(t)
	log := strings.TrimSuffix(serving.log.String(), "\n")
	if log == "" {
		t.Fatal("nothing was logged")
	}
	for line := range strings.SplitSeq(log, "\n") {
		if !strings.HasPrefix(line, "time=") || strings.ContainsFunc(line, func(r rune) bool { return r < ' ' }) {
			t.Errorf("a client's words are in the log as they came: %q", line)
		}
	}
}
