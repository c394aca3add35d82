package steady

import (
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/wsimg/wsimg/loadgen"
	"github.com/wsimg/wsimg/loadgen/churn"
	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/schedule"
	"github.com/wsimg/wsimg/loadgen/site"
)

func TestDemand(t *testing.T) {
	text := payload.Mode{Kind: payload.Text}
	for _, tt := range []struct {
		name   string
		change func(*Settings)
		want   site.Demand
	}{
		{"a closed load", func(s *Settings) { s.InFlight = 3 },
			site.Demand{Connections: 100, InFlight: 300, ImageBytes: 2000, SourceBytes: 8000}},
		{"few of them active", func(s *Settings) { s.Active = 10 },
			site.Demand{Connections: 100, InFlight: 10, ImageBytes: 2000, SourceBytes: 8000}},
		{"a rate that few images are due at before one is given up", func(s *Settings) {
			s.Load.Plan, s.Timeout = schedule.Plan{{From: 1, To: 4, Length: time.Second}, {From: 4, To: 0, Length: time.Second}}, 5*time.Second
		}, site.Demand{Connections: 100, InFlight: 21, ImageBytes: 2000, SourceBytes: 8000}},
		{"a high rate", func(s *Settings) { s.Load.Plan = schedule.Steady(1e5, time.Second) },
			site.Demand{Connections: 100, InFlight: 100, ImageBytes: 2000, SourceBytes: 8000}},
		{"text, prepared", func(s *Settings) { s.Mode, s.Sender = text, loadgen.Prepared },
			site.Demand{Connections: 100, InFlight: 100, ImageBytes: 2000, SourceBytes: 8000 + 2*10_666}},
		{"compressed, over TLS", func(s *Settings) { s.URL, s.Mode.Deflate.On = "wss://host/", true },
			site.Demand{Connections: 100, InFlight: 100, ImageBytes: 2000, SourceBytes: 8000, TLS: true, Deflate: true}},
		{"bundled, at a rate from an address", func(s *Settings) {
			s.Bundled, s.Store, s.ConnectRate, s.LocalAddrs = true, "latest", 50, []netip.Addr{netip.MustParseAddr("127.0.0.2")}
		}, site.Demand{Connections: 100, InFlight: 100, ImageBytes: 2000, SourceBytes: 8000, Bundled: true, Store: "latest",
			ConnectRate: 50, LocalAddrs: []netip.Addr{netip.MustParseAddr("127.0.0.2")}}},
		{"a ramp of all but the first", func(s *Settings) { s.Ramp = 3 * time.Second },
			site.Demand{Connections: 100, ConnectRate: 33, InFlight: 100, ImageBytes: 2000, SourceBytes: 8000}},
		{"a ramp of the idle", func(s *Settings) { s.Ramp, s.Active = 3*time.Second, 10 },
			site.Demand{Connections: 100, ConnectRate: 30, InFlight: 10, ImageBytes: 2000, SourceBytes: 8000}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := Settings{URL: "ws://host/", Source: synthetic(t), Clients: 100}
			tt.change(&s)
			if diff := cmp.Diff(tt.want, s.withDefaults().demand(), cmpopts.EquateComparable(netip.Addr{})); diff != "" {
				t.Errorf("demand (-want +got):\n%s", diff)
			}
		})
	}
}

func TestChurnIsRecorded(t *testing.T) {
	for _, tt := range []struct {
		name string
		of   Settings
		want *record.Churn
	}{
		{"nothing", Settings{}, nil},
		{"a lifetime", Settings{Lifetime: churn.Lifetime{Images: 50}}, &record.Churn{LifetimeImages: 50, BackoffSeconds: 0.1, MaxBackoffSeconds: 5}},
		{"a back-off", Settings{Backoff: churn.Backoff{Base: time.Second, Most: time.Minute}}, &record.Churn{BackoffSeconds: 1, MaxBackoffSeconds: 60}},
		{"none comes back", Settings{Forsake: true}, &record.Churn{NoReconnect: true}},
		{"a storm", Settings{Storm: true, Cuts: []time.Duration{time.Second, 1500 * time.Millisecond}}, &record.Churn{Storm: true, CutsSeconds: []float64{1, 1.5}}},
	} {
		if diff := cmp.Diff(tt.want, tt.of.churn()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestWaysToConnectAreRecorded(t *testing.T) {
	s := asked(t, "ws://127.0.0.1:1/")
	s.ConnectRate, s.LocalAddrs = 500, []netip.Addr{netip.MustParseAddr("127.0.0.2"), netip.MustParseAddr("127.0.0.3")}
	got := s.record()
	if diff := cmp.Diff([]string{"127.0.0.2", "127.0.0.3"}, got.LocalAddrs); diff != "" || got.ConnectRatePerS != 500 {
		t.Errorf("got %g/s from (-want +got):\n%s", got.ConnectRatePerS, diff)
	}
}

func TestAsManyActiveAsThereAre(t *testing.T) {
	s := Settings{Clients: 16, Active: 16}.withDefaults()
	if s.Active != 0 || s.idle() != 0 || s.active() != 16 {
		t.Errorf("got %d, with %d active and %d idle, want a run like any other", s.Active, s.active(), s.idle())
	}
}
