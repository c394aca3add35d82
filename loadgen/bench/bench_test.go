package bench

import (
	"context"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/wsimg/wsimg/loadgen"
	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/loadgen/record"
)

// echoServer answers every message with itself, does not compress, and has no
// side channel. It tells who came.
func echoServer(t *testing.T) (url string, agents func() []string) {
	t.Helper()
	var (
		mu       sync.Mutex
		came     []string
		sessions sync.WaitGroup
	)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sessions.Add(1)
		defer sessions.Done()
		ws, err := new(websocket.Upgrader).Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer ws.Close()
		mu.Lock()
		came = append(came, r.UserAgent())
		mu.Unlock()
		for {
			typ, message, err := ws.ReadMessage()
			if err != nil || ws.WriteMessage(typ, message) != nil {
				return
			}
		}
	}))
	t.Cleanup(func() {
		srv.Close()
		sessions.Wait()
	})
	return "ws" + strings.TrimPrefix(srv.URL, "http"), func() []string {
		mu.Lock()
		defer mu.Unlock()
		slices.Sort(came)
		return slices.Compact(slices.Clone(came))
	}
}

// quick returns settings of a run that takes no time.
func quick(t *testing.T, url string, modes ...string) Settings {
	t.Helper()
	s := comparing(t, modes...)
	source, err := payload.Synthetic(t.Context(), 3000, 4, 1)
	if err != nil {
		t.Fatal(err)
	}
	s.URL, s.Sources, s.Clients, s.Baseline = url, []*payload.Source{source}, 2, s.Modes[0]
	s.Loads = []string{record.Closed, record.Single}
	s.Block, s.Warmup, s.Timeout = 5*time.Millisecond, 20*time.Millisecond, 2*time.Second
	s.Precision, s.TimeBudget = 0, 0
	return s
}

func TestRunOfSoManyRounds(t *testing.T) {
	url, agents := echoServer(t)
	s := quick(t, url, "binary", "text", "binary")
	s.Rounds = 2
	var phases []string
	s.Progress = func(p Progress) {
		phases = append(phases, p.Phase)
		if p.Rounds != 0 && p.Rounds != 2 {
			t.Errorf("progress tells of %d rounds, want 2", p.Rounds)
		}
	}
	run, err := Run(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if run.Ended != record.EndedRounds || run.Settings.Precision != 0 || run.Settings.TimeBudgetSeconds != 0 {
		t.Errorf("ended by %q with %+v, want by rounds, without precision and budget", run.Ended, run.Settings)
	}
	if want := []string{"connecting", "warming up", "measuring"}; !slices.Equal(slices.Compact(phases), want) {
		t.Errorf("got phases %v, want %v", slices.Compact(phases), want)
	}
	for _, c := range run.Cells {
		if n := kept(c); n != 2 {
			t.Errorf("%s, %s: got %d blocks, want 2", c.Mode, c.Load, n)
		}
		if first, then := c.Samples[0].Order, c.Samples[1].Order; first+then != 2 {
			t.Errorf("%s, %s: came as number %d and then as number %d of three, want the order reversed", c.Mode, c.Load, first, then)
		}
		steps := c.Samples[0].Steps
		if c.Load != record.Closed {
			if steps != nil {
				t.Errorf("%s, %s: has steps, which belong to the closed load", c.Mode, c.Load)
			}
			continue
		}
		if _, encodes := steps[record.EncodeStep]; encodes != (c.Mode == "text") {
			t.Errorf("%s: got steps %v, want the encoding of text and of nothing else", c.Mode, steps)
		}
	}
	if got, want := agents(), []string{"wsimg/1.2.0 (binary#2)", "wsimg/1.2.0 (binary, text)"}; !slices.Equal(got, want) {
		t.Errorf("got user agents %q, want %q", got, want)
	}
}

// kept counts the samples that are not repeated.
func kept(c record.Cell) int {
	n := 0
	for _, s := range c.Samples {
		if !s.Repeated {
			n++
		}
	}
	return n
}

// Whatever the machine does, half-widths below the number of images in a block
// can't be had, nor can they be above 99 % for long.
func TestRunEndsByTimeOrPrecision(t *testing.T) {
	url, _ := echoServer(t)
	for _, tt := range []struct {
		name      string
		precision float64
		budget    time.Duration
		loads     []string
		ended     string
		least     int // rounds of each closed cell
	}{
		{"a precision that can't be had", 1e-9, 300 * time.Millisecond, []string{record.Closed, record.Single}, record.EndedTime, 1},
		{"one that can", 0.99, time.Minute, []string{record.Closed, record.Single}, record.EndedPrecise, 16},
		{"no primaries", 0.99, 200 * time.Millisecond, []string{record.Single}, record.EndedTime, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := quick(t, url, "binary", "text")
			s.Precision, s.TimeBudget, s.Loads = tt.precision, tt.budget, tt.loads
			run, err := Run(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			if run.Ended != tt.ended {
				t.Errorf("ended by %q, want by %q", run.Ended, tt.ended)
			}
			if run.Settings.Precision != tt.precision || run.Settings.TimeBudgetSeconds != tt.budget.Seconds() {
				t.Errorf("recorded a precision of %v and a budget of %v s, want %v and %v",
					run.Settings.Precision, run.Settings.TimeBudgetSeconds, tt.precision, tt.budget.Seconds())
			}
			for _, c := range run.Cells {
				if c.Load == record.Closed && kept(c) < tt.least {
					t.Errorf("%s: got %d rounds, want at least %d", c.Mode, kept(c), tt.least)
				}
				if n := kept(c); tt.ended == record.EndedPrecise && c.Load == record.Single && n > 2*enoughSingles {
					t.Errorf("%s: got %d rounds of the single load, which the closed one did not need any more", c.Mode, n)
				}
				if len(c.Samples) == 0 {
					t.Errorf("%s, %s: nothing was measured", c.Mode, c.Load)
				}
			}
		})
	}
}

func TestServerThatDeclinesToCompress(t *testing.T) {
	url, _ := echoServer(t)
	t.Run("fails the modes that ask for it", func(t *testing.T) {
		s := quick(t, url, "binary", "text+deflate", "text")
		s.Loads, s.Rounds = nil, 2 // at equal load, too
		run, err := Run(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range run.Cells {
			declined := strings.Contains(c.Failed, "declines permessage-deflate")
			if want := c.Mode == "text+deflate"; declined != want || want != (c.WarmupErrors[loadgen.Declined] == 1) || want != (len(c.Samples) == 0) {
				t.Errorf("%s, %s: failed %q, errors %v, %d blocks", c.Mode, c.Load, c.Failed, c.WarmupErrors, len(c.Samples))
			}
		}
	})
	t.Run("ends a run of nothing else", func(t *testing.T) {
		run, err := Run(t.Context(), quick(t, url, "text+deflate"))
		if run != nil || err == nil || !strings.Contains(err.Error(), "leave +deflate out") {
			t.Errorf("got a run: %v, and %v; want none and what to do", run != nil, err)
		}
	})
}

func TestInterruptedRunDoesNotSayHowItEnded(t *testing.T) {
	url, _ := echoServer(t)
	ctx, cancel := context.WithCancel(t.Context())
	s := quick(t, url, "binary")
	s.Rounds = math.MaxInt32
	s.Progress = func(p Progress) {
		if p.Round == 3 {
			cancel()
		}
	}
	run, err := Run(ctx, s)
	if err == nil || run == nil || run.Incomplete != "interrupted" || run.Ended != "" {
		t.Errorf("got %v and %+v, want an interrupted run that has not ended by itself", err, run)
	}
}
