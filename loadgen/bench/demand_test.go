package bench

import (
	"errors"
	"math"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/gorilla/websocket"

	"github.com/wsimg/wsimg/loadgen"
	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/site"
)

// TestDemandIsThatOfAllFleets at the same time, but for images: one fleet sends
// at a time.
func TestDemandIsThatOfAllFleets(t *testing.T) {
	small, err := payload.Synthetic(t.Context(), 3000, 4, 1)
	if err != nil {
		t.Fatal(err)
	}
	large, err := payload.Synthetic(t.Context(), 6000, 2, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name   string
		modes  []string
		change func(*Settings)
		want   site.Demand
	}{
		{"binary", []string{"binary"}, func(*Settings) {},
			site.Demand{Connections: 34, InFlight: 48, ImageBytes: 6000, SourceBytes: 24_000}},
		{"text beside it", []string{"binary", "text"}, func(*Settings) {},
			site.Demand{Connections: 34, InFlight: 48, ImageBytes: 6000, SourceBytes: 24_000 + 32_000}},
		{"prepared", []string{"binary", "text"}, func(s *Settings) { s.Sender = loadgen.Prepared },
			site.Demand{Connections: 34, InFlight: 48, ImageBytes: 6000, SourceBytes: 2*24_000 + 2*32_000}},
		{"compressed, over TLS", []string{"binary+deflate"}, func(s *Settings) { s.URL = "wss://host/" },
			site.Demand{Connections: 34, InFlight: 48, ImageBytes: 6000, SourceBytes: 24_000, Deflate: true, TLS: true}},
		{"bundled, from an address", []string{"binary"}, func(s *Settings) {
			s.ConnectRate, s.Bundled, s.Store, s.LocalAddrs = 500, true, "off", []netip.Addr{netip.MustParseAddr("127.0.0.2")}
		}, site.Demand{Connections: 34, InFlight: 48, ImageBytes: 6000, SourceBytes: 24_000, ConnectRate: 500, Bundled: true, Store: "off",
			LocalAddrs: []netip.Addr{netip.MustParseAddr("127.0.0.2")}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := comparing(t, tt.modes...)
			s.URL, s.Sources, s.InFlight = "ws://host/", []*payload.Source{small, large}, 3
			tt.change(&s)
			if diff := cmp.Diff(tt.want, s.demand(), cmpopts.EquateComparable(netip.Addr{})); diff != "" {
				t.Errorf("demand (-want +got):\n%s", diff)
			}
		})
	}
}

// TestClientsWithoutAConnectionEndTheRun: a comparison would be one of other
// loads than were asked for.
func TestClientsWithoutAConnectionEndTheRun(t *testing.T) {
	var came, open atomic.Int64
	var sessions sync.WaitGroup
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sessions.Add(1)
		defer sessions.Done()
		if r.URL.Path == "/stats" {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		if came.Add(1) > 1 {
			for wait := 0; open.Load() == 0 && wait < 100; wait++ {
				time.Sleep(5 * time.Millisecond)
			}
			time.Sleep(20 * time.Millisecond)
			w.WriteHeader(http.StatusForbidden)
			return
		}
		ws, err := new(websocket.Upgrader).Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer ws.Close()
		open.Add(1)
		ws.ReadMessage()
	}))
	defer sessions.Wait()
	defer srv.Close()
	s := quick(t, "ws"+strings.TrimPrefix(srv.URL, "http"), "binary")
	s.Rounds = 1
	run, err := Run(t.Context(), s)
	if run != nil || !errors.Is(err, loadgen.ErrVacant) || !strings.Contains(err.Error(), "1 of 2") || !strings.Contains(err.Error(), "--connect-rate") {
		t.Errorf("got a run: %v, and %v; want none, how many are connected and what to do", run != nil, err)
	}
}

func TestWaysToConnect(t *testing.T) {
	s := comparing(t, "binary")
	s.Sources[0], _ = payload.Synthetic(t.Context(), 3000, 1, 1)
	s.URL, s.ConnectRate, s.LocalAddrs = "ws://host/", 500, []netip.Addr{netip.MustParseAddr("127.0.0.2")}
	if err := s.Validate(); err != nil {
		t.Fatal(err)
	}
	got := s.record()
	if diff := cmp.Diff([]string{"127.0.0.2"}, got.LocalAddrs); diff != "" || got.ConnectRatePerS != 500 {
		t.Errorf("recorded %g/s from (-want +got):\n%s", got.ConnectRatePerS, diff)
	}
	for _, tt := range []struct {
		name  string
		wrong func(*Settings)
		says  string
	}{
		{"a negative rate", func(s *Settings) { s.ConnectRate = -1 }, "-1 connections a second"},
		{"a rate that is no number", func(s *Settings) { s.ConnectRate = math.NaN() }, "NaN connections a second"},
	} {
		changed := s
		tt.wrong(&changed)
		if err := changed.Validate(); err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: got %v, want it to say %q", tt.name, err, tt.says)
		}
	}
}

// TestConnectionsAreBegunAtARate in all fleets; the clients of the second are
// there too.
func TestConnectionsAreBegunAtARate(t *testing.T) {
	url, _ := echoServer(t)
	s := quick(t, url, "binary")
	s.Rounds, s.ConnectRate, s.Loads = 1, 1000, []string{record.Closed}
	s.LocalAddrs = []netip.Addr{netip.MustParseAddr("127.0.0.1")}
	run, err := Run(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if run.Settings.ConnectRatePerS != 1000 || run.Cells[0].Samples[0].Images == 0 {
		t.Errorf("got %+v, want a run at 1000 connections a second", run.Settings)
	}
}
