package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/site"
	"github.com/wsimg/wsimg/loadgen/steady"
	"github.com/wsimg/wsimg/reports"
	"github.com/wsimg/wsimg/target"
	"github.com/wsimg/wsimg/target/store"
)

// TestBothEndsKeepTheSameBook audits a real target: that the two ends agree on
// the hash and on its JSON shows in that nothing is found, and that something
// is when one image of a run doesn't arrive as it was sent.
func TestBothEndsKeepTheSameBook(t *testing.T) {
	as := func(images ...[]byte) [][]byte { return images }
	for _, tt := range []struct {
		name    string
		mode    string
		between func(image []byte) [][]byte // what arrives of one image; nil: nobody is between
		fault   string                      // holds this; empty: there is none
	}{
		{"nobody is between, binary", "binary", nil, ""},
		{"nobody is between, text", "text+codec=std", nil, ""},
		{"somebody changes nothing", "binary", func(i []byte) [][]byte { return as(i) }, ""},
		{"somebody drops an image", "binary", func([]byte) [][]byte { return nil }, "the target saved %d of %d verified images"},
		{"somebody repeats one", "binary", func(i []byte) [][]byte { return as(i, i) }, "1 more than the"},
		{"somebody flips a bit", "binary", func(i []byte) [][]byte {
			flipped := append([]byte(nil), i...)
			flipped[len(i)/2] ^= 1
			return as(flipped)
		}, "at least 1 was altered or lost"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			url := auditedTarget(t)
			if tt.between != nil {
				url = serveBetween(t, url, tt.between)
			}
			mode, err := payload.ParseMode(tt.mode)
			if err != nil {
				t.Fatal(err)
			}
			source, err := payload.Synthetic(t.Context(), 2000, 4, 1)
			if err != nil {
				t.Fatal(err)
			}
			run, err := steady.Run(t.Context(), steady.Settings{
				URL: "ws" + strings.TrimPrefix(url, "http"), Source: source, Mode: mode, Clients: 2, Audit: true,
				Duration: 20 * time.Millisecond, Warmup: 10 * time.Millisecond,
			})
			if err != nil {
				t.Fatal(err)
			}
			a, want := run.Audit, tt.fault
			if strings.Contains(want, "%d") {
				want = fmt.Sprintf(want, a.Verified-1, a.Verified)
			}
			if (a.Fault == "") != (want == "") || !strings.Contains(strings.ReplaceAll(a.Fault, ",", ""), want) || a.Verified == 0 {
				t.Errorf("got %+v, want fault %q", a, want)
			}
		})
	}
}

// TestAuditNoticesATargetStartedAnew though it has the PID of the one before, as
// in a container: both are of this process.
func TestAuditNoticesATargetStartedAnew(t *testing.T) {
	proxy := func(behind string) http.Handler {
		to, err := url.Parse(behind)
		if err != nil {
			t.Fatal(err)
		}
		return httputil.NewSingleHostReverseProxy(to)
	}
	var began atomic.Bool // the first session
	first, second := proxy(auditedTarget(t)), proxy(auditedTarget(t))
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/stats" {
			began.Store(true)
		}
		if began.Load() {
			second.ServeHTTP(w, r)
			return
		}
		first.ServeHTTP(w, r)
	}))
	t.Cleanup(srv.Close)
	source, err := payload.Synthetic(t.Context(), 2000, 4, 1)
	if err != nil {
		t.Fatal(err)
	}
	run, err := steady.Run(t.Context(), steady.Settings{
		URL: "ws" + strings.TrimPrefix(srv.URL, "http"), Source: source, Clients: 2, Audit: true,
		Duration: 20 * time.Millisecond, Warmup: 10 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	if a := run.Audit; !strings.HasPrefix(a.Fault, "the target was started anew") || a.Verified == 0 {
		t.Errorf("got %+v, want a fault that the target was started anew", a)
	}
}

// TestAuditSaysHowItExits: a target that can't be audited is wrong usage, a
// fault a failure, whatever else failed.
func TestAuditSaysHowItExits(t *testing.T) {
	sound, fault := &reports.Audit{}, &reports.Audit{Audit: record.Audit{Fault: "one was lost"}}
	failed := []reports.Cell{{ErrorCount: 3}}
	for _, tt := range []struct {
		name   string
		report *reports.Report
		err    error
		code   int
		says   string
	}{
		{"nothing there to audit", nil, fmt.Errorf("%w: too old", site.ErrAudit), exitUsage, "too old"},
		{"all is well", &reports.Report{Audit: sound}, nil, 0, ""},
		{"a fault", &reports.Report{Audit: fault}, nil, exitFailed, "the audit found a fault: one was lost"},
		{"a fault, and images failed", &reports.Report{Audit: fault, Cells: failed}, nil, exitFailed, "one was lost"},
		{"no fault, and images failed", &reports.Report{Audit: sound, Cells: failed}, nil, exitFailed, "3 images failed"},
		{"a fault of an interrupted run", &reports.Report{Audit: fault}, errInterrupted, exitInterrupted, "interrupted"},
	} {
		err := outcome(tt.report, tt.err)
		if got := exitCode(err); got != tt.code {
			t.Errorf("%s: got exit code %d, want %d", tt.name, got, tt.code)
		}
		if err != nil && !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: got %q, want it to say %q", tt.name, err, tt.says)
		}
	}
}

// auditedTarget serves a target for as long as the test runs.
func auditedTarget(t *testing.T) (url string) {
	t.Helper()
	s, err := target.New(target.Settings{Store: store.Discard})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(s.Handler())
	t.Cleanup(func() {
		srv.Close()
		if err := s.Shutdown(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	return srv.URL
}

// serveBetween stands between clients and a target, tells what the target tells
// and answers every image itself. The tenth image arrives at the target as
// between has it, all others as they are.
func serveBetween(t *testing.T, behind string, between func([]byte) [][]byte) (front string) {
	t.Helper()
	to, err := url.Parse(behind)
	if err != nil {
		t.Fatal(err)
	}
	var (
		stats    = httputil.NewSingleHostReverseProxy(to)
		sessions sync.WaitGroup
		mu       sync.Mutex
		n        int
	)
	arrives := func(image []byte) [][]byte {
		mu.Lock()
		defer mu.Unlock()
		if n++; n == 10 {
			return between(image)
		}
		return [][]byte{image}
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/stats" {
			stats.ServeHTTP(w, r)
			return
		}
		sessions.Add(1)
		defer sessions.Done()
		on, _, err := websocket.DefaultDialer.Dial("ws://"+to.Host+"/?"+r.URL.RawQuery, nil)
		if err != nil {
			return
		}
		defer on.Close()
		ws, err := new(websocket.Upgrader).Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer ws.Close()
		for {
			typ, message, err := ws.ReadMessage()
			if err != nil {
				return
			}
			for _, image := range arrives(message) {
				if on.WriteMessage(typ, image) != nil {
					return
				}
				if _, _, err := on.ReadMessage(); err != nil {
					return
				}
			}
			if ws.WriteMessage(typ, message) != nil {
				return
			}
		}
	}))
	t.Cleanup(func() {
		srv.Close()
		sessions.Wait()
	})
	return srv.URL
}
