package site

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestWhatTheTargetAllows(t *testing.T) {
	const lan = "192.0.2.9"
	for name, c := range map[string]struct {
		demand Demand
		source string
		told   string   // of limits and connections
		want   []string // parts of the one sentence; none: it is allowed
	}{
		"a target that tells nothing":         {Demand{Connections: 1 << 30, ImageBytes: 1 << 40}, lan, ``, nil},
		"as many connections as it takes":     {Demand{Connections: 100}, lan, `"limits":{"connections":100}`, nil},
		"one more":                            {Demand{Connections: 101}, lan, `"limits":{"connections":100}`, []string{"101 connections are asked for and it takes 100: raise its --max-connections"}},
		"beside others, as many as are left":  {Demand{Connections: 60}, lan, `"limits":{"connections":100},"connections":{"open":40}`, nil},
		"more than it takes, beside others":   {Demand{Connections: 101}, lan, `"limits":{"connections":100},"connections":{"open":40}`, []string{"101 connections", "takes 100, of which others have 40"}},
		"an old target with few files":        {Demand{Connections: 101}, lan, `"environment":{"open_files":100}`, []string{"its process may have 100"}},
		"an old target with enough files":     {Demand{Connections: 100}, lan, `"environment":{"open_files":100}`, nil},
		"as many of one address as may be":    {Demand{Connections: 50}, lan, `"limits":{"per_address":50}`, nil},
		"one more of one address":             {Demand{Connections: 51}, lan, `"limits":{"per_address":50}`, []string{"51 connections come from one address and it takes 50", "--max-per-address", "--local-addr"}},
		"loopback counts for none":            {Demand{Connections: 51}, "127.0.0.1", `"limits":{"per_address":50}`, nil},
		"nobody knows from where":             {Demand{Connections: 51}, "", `"limits":{"per_address":50}`, nil},
		"two addresses":                       {Demand{Connections: 100, LocalAddrs: addrs("192.0.2.9 192.0.2.10")}, lan, `"limits":{"per_address":50}`, nil},
		"one of two addresses is loopback":    {Demand{Connections: 102, LocalAddrs: addrs("192.0.2.9 127.0.0.2")}, lan, `"limits":{"per_address":50}`, []string{"51 connections come from one address"}},
		"two addresses of one network":        {Demand{Connections: 52, LocalAddrs: addrs("2001:db8::1 2001:db8::2")}, lan, `"limits":{"per_address":50}`, []string{"52 connections come from one address"}},
		"two addresses of two networks":       {Demand{Connections: 52, LocalAddrs: addrs("2001:db8::1 2001:db8:1::2")}, lan, `"limits":{"per_address":50}`, nil},
		"too many a second":                   {Demand{Connections: 5000, ConnectRate: 2000}, lan, `"limits":{"new_per_address":1000}`, []string{"2,000 connections a second come from one address and it takes 1,000: lower --connect-rate to 1000/s"}},
		"too many a second for a moment":      {Demand{Connections: 2000, ConnectRate: 2000}, lan, `"limits":{"new_per_address":1000}`, nil},
		"as many a second as it takes":        {Demand{Connections: 5000, ConnectRate: 1000}, lan, `"limits":{"new_per_address":1000}`, nil},
		"as many a second as are taken":       {Demand{Connections: 5000}, lan, `"limits":{"new_per_address":1000}`, nil},
		"very many a second":                  {Demand{Connections: 100_000, ConnectRate: 30_000}, lan, `"limits":{"new_per_address":20000}`, []string{"30,000 connections a second", "lower --connect-rate to 20000/s"}},
		"too many a second, of two addresses": {Demand{Connections: 10_000, ConnectRate: 4000, LocalAddrs: addrs("192.0.2.9 192.0.2.10")}, lan, `"limits":{"new_per_address":1000}`, []string{"2,000 connections a second", "lower --connect-rate to 2000/s"}},
		"the largest image it takes":          {Demand{Connections: 1, ImageBytes: 1000}, lan, `"limits":{"max_image_bytes":1000}`, nil},
		"a larger one":                        {Demand{Connections: 1, ImageBytes: 1001}, lan, `"limits":{"max_image_bytes":1000}`, []string{"the largest image has 1,001 bytes and it takes 1,000: raise its --max-image"}},
	} {
		body := `{"schema":"wsimg.stats/1"}`
		if c.told != "" {
			body = `{"schema":"wsimg.stats/1",` + c.told + `}`
		}
		s := &Site{channel: open(t, serve(t, saying(body)), Access{})}
		s.source, _ = netip.ParseAddr(c.source)
		err := s.Admits(t.Context(), c.demand)
		if len(c.want) == 0 {
			if err != nil {
				t.Errorf("%s: got %v, want that it is allowed", name, err)
			}
			continue
		}
		if !errors.Is(err, ErrLimit) || strings.Contains(err.Error(), "\n") || !strings.HasPrefix(err.Error(), "more than the target allows: ") {
			t.Errorf("%s: got %v, want one sentence that is ErrLimit", name, err)
			continue
		}
		for _, part := range c.want {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: got %q, want it to say %q", name, err, part)
			}
		}
	}
}

func TestServersThatTellNothingAdmitAll(t *testing.T) {
	s := Survey(t.Context(), serve(t, http.NotFound), "v1", Access{})
	defer s.Close()
	if err := s.Admits(t.Context(), Demand{Connections: 1 << 30}); err != nil {
		t.Errorf("got %v, want nothing", err)
	}
}

// TestClientsThatLeaveMakeRoom is a run right after another one.
func TestClientsThatLeaveMakeRoom(t *testing.T) {
	var asked atomic.Int64
	address := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		open := max(0, 90-30*asked.Add(1))
		fmt.Fprintf(w, `{"schema":"wsimg.stats/1","limits":{"connections":100},"connections":{"open":%d}}`, open)
	})
	s := &Site{channel: open(t, address, Access{})}
	if err := s.Admits(t.Context(), Demand{Connections: 100}); err != nil {
		t.Errorf("got %v, want to wait until all have left", err)
	}
	if got := asked.Load(); got != 3 {
		t.Errorf("got %d readings, want 3: who is there, who is left, and nobody", got)
	}
}

// others is a target on which others stay.
type others struct{}

func (others) RoundTrip(*http.Request) (*http.Response, error) {
	body := `{"schema":"wsimg.stats/1","limits":{"connections":100},"connections":{"open":40}}`
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(body))}, nil
}

// silent is a target that tells what others does once, and then nothing.
type silent struct{ asked int }

func (s *silent) RoundTrip(r *http.Request) (*http.Response, error) {
	if s.asked++; s.asked == 1 {
		return others{}.RoundTrip(r)
	}
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// TestWaitingForRoomEnds with the run that waits, and in its time when the target
// does not answer any more.
func TestWaitingForRoomEnds(t *testing.T) {
	const early = 300 * time.Millisecond
	for _, tt := range []struct {
		name   string
		target http.RoundTripper
		after  time.Duration // the run is interrupted
		took   time.Duration
		err    error
	}{
		{"interrupted beside others who stay", others{}, early, early, context.Canceled},
		{"interrupted beside a target that is silent", new(silent), early, early, context.Canceled},
		{"a target that is silent", new(silent), time.Hour, leaving, ErrLimit},
	} {
		synctest.Test(t, func(t *testing.T) {
			c := &sideChannel{url: "http://target/stats", client: &http.Client{Transport: tt.target, Timeout: statsTimeout}}
			var err error
			if c.first, err = c.read(t.Context()); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			defer time.AfterFunc(tt.after, cancel).Stop()
			began := time.Now()
			err = (&Site{channel: c}).Admits(ctx, Demand{Connections: 61})
			if took := time.Since(began); took != tt.took || !errors.Is(err, tt.err) {
				t.Errorf("%s: got %v after %v, want %v after %v", tt.name, err, took, tt.err, tt.took)
			}
		})
	}
}

func TestClientsThatStayAreNotWaitedForForever(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &sideChannel{url: "http://target/stats", client: &http.Client{Transport: others{}}}
		var err error
		if c.first, err = c.read(t.Context()); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		err = (&Site{channel: c}).Admits(t.Context(), Demand{Connections: 61})
		if took := time.Since(began); took != leaving {
			t.Errorf("it took %v, want %v", took, leaving)
		}
		if !errors.Is(err, ErrLimit) || !strings.Contains(err.Error(), "of which others have 40") {
			t.Errorf("got %v, want that others are there", err)
		}
	})
}
