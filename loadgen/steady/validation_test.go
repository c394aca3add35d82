package steady

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/wsimg/wsimg/loadgen"
	"github.com/wsimg/wsimg/loadgen/churn"
	"github.com/wsimg/wsimg/loadgen/schedule"
)

func TestSettingsAreRefused(t *testing.T) {
	for _, tt := range []struct {
		name  string
		wrong func(*Settings)
		says  string
	}{
		{"a scheme", func(s *Settings) { s.URL = "http://host/" }, "ask for ws://host:port"},
		{"a user in the URL", func(s *Settings) { s.URL = "ws://me:pw@host/" }, "without a user"},
		{"no images", func(s *Settings) { s.Source = nil }, "no images"},
		{"clients", func(s *Settings) { s.Clients = -1 }, "-1 clients"},
		{"in flight", func(s *Settings) { s.InFlight = -1 }, "-1 images in flight"},
		{"timeout", func(s *Settings) { s.Timeout = -1 }, "timeout -1ns"},
		{"receive buffer", func(s *Settings) { s.Rcvbuf = -1 }, "receive buffer of -1 bytes"},
		{"warm-up", func(s *Settings) { s.Warmup = -1 }, "warm-up of -1ns"},
		{"reply", func(s *Settings) { s.Reply = "shrug" }, "ask for echo or ack"},
		{"sender", func(s *Settings) { s.Sender = "telepathy" }, "ask for live or prepared"},
		{"arrivals", func(s *Settings) { s.Load.Arrivals = "sometimes" }, "use poisson or constant"},
		{"a plan and a duration", func(s *Settings) { s.Duration = 1 }, "leave one of them out"},
		{"a plan and think time", func(s *Settings) { s.Load.Think = 1 }, "closed loop"},
		{"a plan of nothing", func(s *Settings) { s.Load.Plan[0] = schedule.Stage{Length: 1} }, "no image is ever due"},
		{"fewer than none active", func(s *Settings) { s.Active = -1 }, "-1 of 2 clients active"},
		{"more active than there are", func(s *Settings) { s.Active = 3 }, "3 of 2 clients active"},
		{"a rate of connecting", func(s *Settings) { s.ConnectRate = -1 }, "-1 connections a second"},
		{"a back-off", func(s *Settings) { s.Backoff.Base = -1 }, "ask for a positive duration and one that is no shorter"},
		{"a lifetime", func(s *Settings) { s.Lifetime.Time = -1 }, "lifetime"},
		{"a ramp", func(s *Settings) { s.Ramp = -1 }, "ramp of -1ns"},
		{"a ramp and stages", func(s *Settings) { s.Ramp, s.Load.Plan[0].To = 1, 500 }, "a ramp of clients beside stages"},
		{"a ramp and a storm", func(s *Settings) { s.Ramp, s.Storm = 1, true }, "a ramp of clients beside a storm"},
		{"a ramp and a rate", func(s *Settings) { s.Ramp, s.ConnectRate = 1, 1 }, "the ramp is the rate"},
		{"a storm and a rate", func(s *Settings) { s.Storm, s.ConnectRate = true, 1 }, "in a storm nothing is bounded"},
		{"a storm and a back-off", func(s *Settings) { s.Storm, s.Backoff = true, churn.DefaultBackoff() }, "in a storm every client tries again at once"},
		{"a storm that nobody comes back from", func(s *Settings) { s.Storm, s.Forsake = true, true }, "in a storm every client tries again at once"},
		{"a back-off of nobody", func(s *Settings) { s.Forsake, s.Backoff = true, churn.DefaultBackoff() }, "clients that do not come back"},
		{"a lifetime without another", func(s *Settings) { s.Forsake, s.Lifetime.Images = true, 5 }, "let clients reconnect"},
		{"a cut that all are gone after", func(s *Settings) { s.Forsake, s.Cuts = true, []time.Duration{1} }, "let clients reconnect"},
		{"a cut at the end", func(s *Settings) { s.Cuts = []time.Duration{250 * time.Millisecond} }, "it must lie within"},
		{"a cut before the start", func(s *Settings) { s.Cuts = []time.Duration{-1} }, "it must lie within"},
		{"a negative duration", func(s *Settings) { s.Load, s.Duration = loadgen.Load{}, -1 }, "ask for a positive duration"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := asked(t, "ws://127.0.0.1:1/")
			if err := s.Validate(); err != nil {
				t.Fatalf("before: %v", err)
			}
			tt.wrong(&s)
			_, err := Run(t.Context(), s)
			if err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %v, want it to say %q", err, tt.says)
			}
		})
	}
	all := Settings{URL: "ftp://", Clients: -1, Reply: "shrug"}.Validate()
	if got := strings.Count(fmt.Sprint(all), "\n") + 1; got != 4 {
		t.Errorf("got %d faults, want 4 at once:\n%v", got, all)
	}
}
