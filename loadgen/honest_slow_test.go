//go:build slow

package loadgen

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/schedule"
)

// Promises about real time, to be run by hand on a machine that does nothing
// else:
//
//	go test -tags slow -run RealTime -v ./loadgen/
//
// It takes two minutes and prints what it found.

// TestRealTimeServiceTimes measures a server that takes a known time, over
// loopback, and holds the service times to what the server itself recorded,
// from the message it had read to the reply it had written.
func TestRealTimeServiceTimes(t *testing.T) {
	const (
		clients = 100
		rate    = 500
		length  = 15 * time.Second
		margin  = 200 * time.Microsecond
	)
	for _, d := range distributions {
		t.Run(d.name, func(t *testing.T) {
			var mu sync.Mutex
			kept := record.NewHistogram()
			deal := d.deck(rate * int(length.Seconds()))
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				ws, err := new(websocket.Upgrader).Upgrade(w, r, nil)
				if err != nil {
					return
				}
				defer ws.Close()
				for {
					typ, data, err := ws.ReadMessage()
					if err != nil {
						return
					}
					from := time.Now()
					time.Sleep(deal())
					ws.WriteMessage(typ, data)
					took := time.Since(from)
					mu.Lock()
					_ = kept.RecordValue(int64(took))
					mu.Unlock()
				}
			}))
			defer srv.Close()
			sample := realTime(t, "ws"+strings.TrimPrefix(srv.URL, "http"), clients, schedule.Poisson, rate, length)
			service := opened(t, sample.Service)
			for _, p := range []float64{50, 99} {
				got, want := at(service, p), at(kept, p)
				t.Logf("service time p%v: %v, the server recorded %v", p, got, want)
				if (got - want).Abs() > margin {
					t.Errorf("service time p%v: got %v, want the server's %v ± %v", p, got, want, margin)
				}
			}
		})
	}
}

// TestRealTimePacing measures how late images are sent to a server that is all but
// idle, in a process of its own.
func TestRealTimePacing(t *testing.T) {
	const clients, length = 100, 10 * time.Second
	url := startChild(t, "server")
	for _, arrivals := range []string{schedule.Constant, schedule.Poisson} {
		for _, rate := range []float64{100, 1000} {
			t.Run(fmt.Sprintf("%s, %v a second", arrivals, rate), func(t *testing.T) {
				sample := realTime(t, url, clients, arrivals, rate, length)
				lateness := opened(t, sample.Lateness)
				t.Logf("lateness: p50 %v, p99 %v, p99.9 %v, most %v; the pacer took %.1f %% of a core, the images %.1f %%",
					at(lateness, 50), at(lateness, 99), at(lateness, 99.9), at(lateness, 100),
					float64(sample.PacerCPUNs)/sample.Seconds/1e7, float64(sample.GeneratorCPUNs)/sample.Seconds/1e7)
				for p, limit := range map[float64]time.Duration{50: 100 * time.Microsecond, 99: time.Millisecond} {
					if got := at(lateness, p); got >= limit {
						t.Errorf("lateness p%v: got %v, want less than %v", p, got, limit)
					}
				}
			})
		}
	}
}

// realTime drives a fleet with images of 1 KB through one open block.
func realTime(t *testing.T, url string, clients int, arrivals string, rate float64, length time.Duration) record.Sample {
	t.Helper()
	images, err := payload.Synthetic(context.Background(), 1000, 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	traffic, err := NewTraffic(images, payload.Mode{}, Live, record.Echo, clients)
	if err != nil {
		t.Fatal(err)
	}
	fleet, err := Dial(t.Context(), Settings{URL: url, Clients: clients})
	if err != nil {
		t.Fatal(err)
	}
	defer fleet.Close()
	sample, examples, err := fleet.Run(t.Context(), Block{
		Traffic: traffic, RampIn: time.Second,
		Load: Load{Plan: schedule.Steady(rate, length+time.Second), Arrivals: arrivals, Seed: 1},
	})
	if err != nil || len(examples) > 0 {
		t.Fatal(err, examples)
	}
	return sample
}
