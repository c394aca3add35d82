package gate

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// fewDescriptors is how many files the child may have open.
const fewDescriptors = 48

// counted counts the calls of Accept, and those that failed.
type counted struct {
	net.Listener
	failed atomic.Int64
}

func (c *counted) Accept() (net.Conn, error) {
	conn, err := c.Listener.Accept()
	if err != nil {
		c.failed.Add(1)
	}
	return conn, err
}

// report is what the child tells at its end.
type report struct{ FailedAccepts int64 }

// serveWithFewDescriptors is the child: it says where it listens, logs, serves until
// its input ends, and reports.
func serveWithFewDescriptors() error {
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: fewDescriptors, Max: fewDescriptors}); err != nil {
		return err
	}
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	inner := &counted{Listener: tcp}
	l := NewListener(inner, 10*fewDescriptors, slog.New(slog.NewTextHandler(os.Stdout, nil)))
	server := &http.Server{Handler: http.HandlerFunc(takeOver), ConnState: l.ConnState}
	fmt.Println(l.Addr())
	go func() {
		io.Copy(io.Discard, os.Stdin)
		server.Close()
	}()
	server.Serve(l)
	return json.NewEncoder(os.Stdout).Encode(report{inner.failed.Load()})
}

func TestAServerWithoutDescriptorsRecovers(t *testing.T) {
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), roleVariable+"=server", "GORACE=atexit_sleep_ms=0")
	child.Stderr = os.Stderr
	stdin, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	defer child.Wait()
	defer stdin.Close()
	lines := bufio.NewScanner(stdout)
	next := func() string {
		if !lines.Scan() {
			t.Fatalf("the child ended: %v", lines.Err())
		}
		return lines.Text()
	}
	addr := next()
	began := time.Now()

	var crowd []net.Conn
	for range 2 * fewDescriptors {
		c, err := net.DialTimeout("tcp", addr, 10*time.Second)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		crowd = append(crowd, c)
	}
	if line := next(); !strings.Contains(line, "too many open files") {
		t.Fatalf("the child logged %q, want that it has no descriptor left", line)
	}
	for _, c := range crowd {
		c.Close()
	}
	client := http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Get("http://" + addr)
	if err != nil {
		t.Fatalf("it did not recover: %v", err)
	}
	response.Body.Close()

	took := time.Since(began)
	stdin.Close()
	var got report
	if err := json.Unmarshal([]byte(next()), &got); err != nil {
		t.Fatal(err)
	}
	// A pause tries 8 times in its first second, then once a second, and once for
	// each connection that ends.
	most := 9 + 2*fewDescriptors + 1 + int64(took/longestPause)
	if got.FailedAccepts < 1 || got.FailedAccepts > most {
		t.Errorf("accepting failed %d times in %v, want between 1 and %d", got.FailedAccepts, took, most)
	}
}
