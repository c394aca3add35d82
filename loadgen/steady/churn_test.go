package steady

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wsimg/wsimg/loadgen"
	"github.com/wsimg/wsimg/loadgen/churn"
	"github.com/wsimg/wsimg/loadgen/record"
)

func TestRampOfClients(t *testing.T) {
	for _, tt := range []struct {
		name    string
		change  func(*Settings)
		seconds float64
	}{
		{"an open load", func(*Settings) {}, 0.25},
		{"a closed load, each client with images of its own", func(s *Settings) {
			s.Load, s.Duration = loadgen.Load{Think: time.Millisecond}, 100*time.Millisecond
			s.Source, s.Warmup = images(t, 8), time.Hour // it does not wait for all of them
		}, 0.1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			srv := serve(t, message.echo)
			s := asked(t, srv.url)
			s.Clients, s.Ramp = 4, 50*time.Millisecond
			tt.change(&s)
			var first int
			s.Progress = onMeasuring(func() { first = srv.connections() })
			run, sample := carriedOut(t, s)
			if c := run.Cells[0].Connecting; c.Connected != 1 || first != 1 {
				t.Errorf("%d clients were connected before, and %d were there after the warm-up, want the first", c.Connected, first)
			}
			if sample.Connections == nil || sample.Connections.Connected != 3 || sample.Ramp == nil {
				t.Fatalf("got connections %+v and ramp %+v, want three more clients in it", sample.Connections, sample.Ramp)
			}
			if run.Settings.RampSeconds != 0.05 || run.Settings.Seconds != tt.seconds {
				t.Errorf("recorded a ramp of %g s and a load of %g s, want 0.05 s before %g s", run.Settings.RampSeconds, run.Settings.Seconds, tt.seconds)
			}
			if sample.Images == 0 || sample.Images != sample.Scheduled && s.Load.Open() || sample.Ramp.Images == 0 {
				t.Errorf("got %d images of %d, and %d in the ramp, want all that were due and some", sample.Images, sample.Scheduled, sample.Ramp.Images)
			}
			if len(run.Notes) > 0 {
				t.Errorf("got notes %q, want none", run.Notes)
			}
		})
	}
}

func TestConnectionsComeAndGo(t *testing.T) {
	quick := churn.Backoff{Base: time.Millisecond, Most: 5 * time.Millisecond}
	for _, tt := range []struct {
		name   string
		change func(*Settings)
		count  func(*record.Connections) uint64
		least  uint64
		failed bool
	}{
		{"a lifetime of images", func(s *Settings) { s.Lifetime.Images = 6 }, func(c *record.Connections) uint64 { return c.Retired }, 6, false},
		{"a lifetime in time", func(s *Settings) { s.Lifetime.Time = 30 * time.Millisecond }, func(c *record.Connections) uint64 { return c.Retired }, 4, false},
		{"a cut", func(s *Settings) { s.Cuts = []time.Duration{20 * time.Millisecond} }, func(c *record.Connections) uint64 { return c.Cut }, 2, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := asked(t, serve(t, message.echo).url)
			s.Backoff, s.every = quick, time.Hour // a single point
			s.Load.Plan[0].Length = 150 * time.Millisecond
			tt.change(&s)
			run, sample := carriedOut(t, s)
			c := sample.Connections
			if c == nil || tt.count(c) < tt.least || c.Connected < tt.least || c.Connected+c.Vacant != tt.count(c) { // one may end with the load
				t.Fatalf("got %+v, want at least %d that ended so and as many in their place", c, tt.least)
			}
			if lost := sample.Errors["lost"]; len(sample.Errors) > 0 && (lost == 0 || !tt.failed) {
				t.Errorf("got %v, want no failure but images lost by a cut", sample.Errors)
			}
			if sample.Images+c.LostImages != 60 || run.Incomplete != "" {
				t.Errorf("got %d images and %d lost, incomplete %q, want 60 together", sample.Images, c.LostImages, run.Incomplete)
			}
		})
	}
}

func TestServerThatRefusesHalf(t *testing.T) {
	srv := serve(t, message.echo)
	srv.admits = func(n int64) int {
		for wait := 0; srv.connections() < 2 && n > 2 && wait < 100; wait++ {
			time.Sleep(5 * time.Millisecond) // until the first two are there
		}
		if n > 2 {
			time.Sleep(20 * time.Millisecond)
			return http.StatusForbidden
		}
		return 0
	}
	s := asked(t, srv.url)
	s.Clients, s.Load, s.Duration = 4, loadgen.Load{Think: time.Millisecond}, 100*time.Millisecond
	run, err := Run(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if notes := strings.Join(run.Notes, "\n"); !strings.Contains(notes, loadgen.ErrVacant.Error()) || !strings.Contains(notes, "2 of 4") {
		t.Errorf("got notes %q, want how many of how many have a connection", run.Notes)
	}
	if c := run.Cells[0].Connecting; c.Connected != 2 || c.Vacant != 2 {
		t.Errorf("connecting: got %+v, want two connected and two vacant", c)
	}
	sample := run.Cells[0].Samples[0]
	if sample.Images == 0 || sample.Errors["handshake-403"] == 0 || run.Incomplete != "" {
		t.Errorf("got %d images, %v and incomplete %q, want a whole run of those that could, and refusals", sample.Images, sample.Errors, run.Incomplete)
	}
}

func TestServerThatGoesAwayAndComesBack(t *testing.T) {
	srv := serve(t, message.echo)
	srv.tells.Store(true)
	s := asked(t, srv.url)
	s.Load.Plan[0].Length, s.every = 600*time.Millisecond, 100*time.Millisecond
	s.Backoff = churn.Backoff{Base: 5 * time.Millisecond, Most: 20 * time.Millisecond}
	var outage sync.WaitGroup
	s.Progress = onMeasuring(func() {
		outage.Go(func() {
			time.Sleep(60 * time.Millisecond)
			srv.die()
			time.Sleep(60 * time.Millisecond)
			srv.rise(t)
		})
	})
	run, sample := carriedOut(t, s)
	outage.Wait()
	if run.Incomplete != "" || len(sample.Errors) == 0 {
		t.Errorf("got incomplete %q and errors %v, want a whole run with failures", run.Incomplete, sample.Errors)
	}
	last := sample.Series[len(sample.Series)-1]
	if again := srv.sent.Load() - srv.born.Load(); again == 0 || deref(last.Connected) != 2 {
		t.Errorf("got %d images once it was back and %d clients connected in the end, want some and both", again, deref(last.Connected))
	}
	if sample.TargetCPUNs != nil {
		t.Errorf("got %d ns of CPU, of two processes", *sample.TargetCPUNs)
	}
	unknown := 0
	for i, p := range sample.Series {
		switch {
		case p.TargetCPUNs == nil:
			unknown++
		case *p.TargetCPUNs < 0:
			t.Errorf("point %d: got %d ns of CPU", i, *p.TargetCPUNs)
		}
	}
	if unknown == 0 || unknown == len(sample.Series) {
		t.Errorf("the CPU of %d of %d points is unknown, want those of the outage alone", unknown, len(sample.Series))
	}
}
