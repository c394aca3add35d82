package capacity

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/search"
)

func mustJSON(t *testing.T, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestLengthOfAProbe(t *testing.T) {
	for _, tt := range []struct {
		name   string
		slos   []string
		load   float64
		phase  string
		change func(*Settings)
		want   time.Duration
	}{
		{"at a high rate", []string{"response_p99<1s"}, 1000, record.Grow, nil, 1200 * time.Millisecond},
		{"to confirm", []string{"response_p99<1s"}, 2000, record.Confirm, nil, 2 * time.Second},
		{"to confirm what takes longer for its images", []string{"response_p99<1s"}, 1000, record.Confirm, nil, 3 * time.Second},
		{"and at most twice as long", []string{"response_p90<1s"}, 500, record.Confirm, nil, 4 * time.Second},
		{"as long as its images take", []string{"response_p99<1s"}, 100, record.Bisect, nil, 3737500 * time.Microsecond},
		{"a lower percentile needs fewer", []string{"response_p90<1s"}, 100, record.Bisect, nil, 1200 * time.Millisecond},
		{"the highest of them counts", []string{"response_p50<1s", "response_p99<1s"}, 100, record.Bisect, nil, 3737500 * time.Microsecond},
		{"no longer than its share of the time", []string{"response_p99<1s"}, 1, record.Grow, nil, DefaultTimeBudget / 12},
		{"all clients have their turns", []string{"response_p90<1s"}, 1000, record.Grow,
			func(s *Settings) { s.Find, s.Think = record.FindClients, 2*time.Second }, 6 * time.Second},
		{"clients have a rate", []string{"response_p99<1s"}, 1000, record.Grow,
			func(s *Settings) { s.Find, s.PerClient = record.FindClients, 0.1 }, 3737500 * time.Microsecond},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := asked(t, "ws://127.0.0.1:1/", tt.slos...)
			s.TimeBudget, s.searching, s.confirming = 0, 0, 0
			if tt.change != nil {
				tt.change(&s)
			}
			s = s.withDefaults()
			got := s.length(search.Step{Load: tt.load, Phase: tt.phase})
			if got.Round(time.Millisecond) != tt.want.Round(time.Millisecond) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

// TestWhatCanBeJudged: 299 images and a quarter more in a twelfth of the time.
func TestWhatCanBeJudged(t *testing.T) {
	s := asked(t, "ws://127.0.0.1:1/", "response_p99<1s").withDefaults()
	s.TimeBudget = 120 * time.Second
	for _, tt := range []struct {
		name   string
		change func(*Settings)
		want   float64
	}{
		{"images a second", func(*Settings) {}, 37.375},
		{"a lower percentile", func(s *Settings) { s.Objectives = objectives(t, "response_p90<1s") }, 3.625},
		{"clients at a pace", func(s *Settings) { s.Find, s.PerClient = record.FindClients, 0.5 }, 74.75},
		{"clients that think", func(s *Settings) { s.Find, s.Think = record.FindClients, 2*time.Second }, 74.75},
	} {
		s := s
		tt.change(&s)
		if got := s.judgeable(); got != tt.want {
			t.Errorf("%s: got %g, want %g", tt.name, got, tt.want)
		}
	}
}

func TestABlockHasItsSubWindows(t *testing.T) {
	s := asked(t, "ws://127.0.0.1:1/", "response_p99<1s").withDefaults()
	b := s.block(search.Step{Load: 100}, 3, 6*time.Second)
	if n := (b.Load.Plan.Length() - b.RampIn) / b.Every; n < 10 || b.RampIn != b.Every || b.Load.Plan.Mean() != 100 {
		t.Errorf("got %d sub-windows behind a ramp-in of %v at %g/s, want at least 10 behind one more at 100/s", n, b.RampIn, b.Load.Plan.Mean())
	}
	if again := s.block(search.Step{Load: 100}, 3, 6*time.Second); again.Load.Seed != b.Load.Seed {
		t.Error("probes of one turn have other arrivals")
	}
	if next := s.block(search.Step{Load: 100}, 4, 6*time.Second); next.Load.Seed == b.Load.Seed {
		t.Error("all turns have the same arrivals")
	}
	s.Find, s.Think = record.FindClients, 2*time.Second
	if b := s.block(search.Step{Load: 8000}, 0, 6*time.Second); b.Load.Open() || b.Length != 6*time.Second || b.Ramp != 4*time.Second {
		t.Errorf("got %+v, want a closed loop whose clients come over 4 s", b)
	}
}

func TestSettingsAreRefused(t *testing.T) {
	for _, tt := range []struct {
		name  string
		wrong func(*Settings)
		says  string
	}{
		{"a scheme", func(s *Settings) { s.URL = "http://host/" }, "ask for ws://host:port"},
		{"no images", func(s *Settings) { s.Source = nil }, "no images"},
		{"no modes", func(s *Settings) { s.Modes = nil }, "no modes"},
		{"a baseline that is not measured", func(s *Settings) { s.Modes = s.Modes[:1] }, "baseline binary is not among"},
		{"no objectives", func(s *Settings) { s.Objectives = nil }, "no objectives"},
		{"something else to be found", func(s *Settings) { s.Find = "truth" }, "ask for rate or clients"},
		{"a rate of clients with a pace", func(s *Settings) { s.PerClient = 1 }, "a pace of clients where a rate is to be found"},
		{"clients without a pace", func(s *Settings) { s.Find = record.FindClients }, "clients without one pace"},
		{"clients with two", func(s *Settings) { s.Find, s.PerClient, s.Think = record.FindClients, 1, 1 }, "clients without one pace"},
		{"half a client", func(s *Settings) { s.Find, s.PerClient, s.Most = record.FindClients, 1, 7.5 }, "whole numbers"},
		{"the lower last", func(s *Settings) { s.Least, s.Most = 5, 4 }, "the lower first"},
		{"a negative load", func(s *Settings) { s.Least = -1 }, "the lower first"},
		{"precision", func(s *Settings) { s.Precision = 1 }, "precision of 1"},
		{"time", func(s *Settings) { s.TimeBudget = -1 }, "time budget of -1ns"},
		{"reply", func(s *Settings) { s.Reply = "shrug" }, "ask for echo or ack"},
		{"sender", func(s *Settings) { s.Sender = "telepathy" }, "ask for live or prepared"},
		{"arrivals", func(s *Settings) { s.Arrivals = "sometimes" }, "use poisson or constant"},
		{"clients", func(s *Settings) { s.Clients = -1 }, "-1 clients"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := asked(t, "ws://127.0.0.1:1/", "response_p99<1s")
			if err := s.Validate(); err != nil {
				t.Fatalf("before: %v", err)
			}
			tt.wrong(&s)
			if _, err := Run(t.Context(), s); err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %v, want it to say %q", err, tt.says)
			}
		})
	}
}
