package bench

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/loadgen/record"
)

func TestModesApartGetNewConnectionsEachRound(t *testing.T) {
	const clients, rounds = 2, 4
	for _, tt := range []struct {
		name  string
		modes []string
		want  map[string]int // connections by user agent
	}{
		{"on the same connections they stay", []string{"text", "binary"}, map[string]int{"wsimg/test (text, binary)": clients}},
		{"on their own they are new each round", []string{"binary", "binary"}, map[string]int{
			"wsimg/test (binary)": clients * (1 + rounds), "wsimg/test (binary#2)": clients * (1 + rounds),
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var (
				mu       sync.Mutex
				seen     = map[string]int{}
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
				seen[r.UserAgent()]++
				mu.Unlock()
				for {
					typ, message, err := ws.ReadMessage()
					if err != nil || ws.WriteMessage(typ, message) != nil {
						return
					}
				}
			}))
			defer sessions.Wait()
			defer srv.Close()

			source, err := payload.Synthetic(t.Context(), 2000, 8, 1)
			if err != nil {
				t.Fatal(err)
			}
			modes, err := payload.ParseModes(tt.modes)
			if err != nil {
				t.Fatal(err)
			}
			run, err := Run(t.Context(), Settings{
				URL: "ws" + srv.URL[len("http"):], Sources: []*payload.Source{source}, Modes: modes, Baseline: modes[0],
				Clients: clients, Loads: []string{record.Closed}, Rounds: rounds, Block: 10 * time.Millisecond,
				Warmup: 20 * time.Millisecond, Version: "test",
			})
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range run.Cells {
				if len(c.Samples) < rounds || len(c.WarmupErrors) > 0 {
					t.Errorf("%s: got %d samples and warm-up errors %v, want %d and none", c.Mode, len(c.Samples), c.WarmupErrors, rounds)
				}
				for _, s := range c.Samples {
					if s.BlockImages == 0 || len(s.Errors) > 0 || s.Redials > 0 {
						t.Errorf("%s, round %d: got %d images, errors %v, %d redials; want images alone", c.Mode, s.Round, s.BlockImages, s.Errors, s.Redials)
					}
				}
			}
			mu.Lock()
			defer mu.Unlock()
			// A disturbed round is measured again, and so dials again.
			for agent, n := range tt.want {
				again := len(run.Cells[0].Samples) - rounds
				if len(tt.want) > 1 {
					n += again * clients
				}
				if seen[agent] != n {
					t.Errorf("%s: got %d connections, want %d", agent, seen[agent], n)
				}
			}
			if len(seen) != len(tt.want) {
				t.Errorf("got %s, want %d user agents", fmt.Sprint(seen), len(tt.want))
			}
		})
	}
}

func TestFailuresWhileSettlingCountWithTheBlockThatFollows(t *testing.T) {
	const clients, fleets, rounds = 2, 2, 3
	var (
		dialled  atomic.Int64
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
		// The first that is dialled for round 1, warm-up and round 0 over.
		bad := dialled.Add(1) == 2*fleets*clients+1
		for {
			typ, message, err := ws.ReadMessage()
			if err != nil {
				return
			}
			if bad {
				message[len(message)-1] ^= 1
				bad = false
			}
			if ws.WriteMessage(typ, message) != nil {
				return
			}
		}
	}))
	defer sessions.Wait()
	defer srv.Close()
	s := quick(t, "ws"+srv.URL[len("http"):], "binary", "binary")
	s.Loads, s.Rounds, s.Clients = []string{record.Closed}, rounds, clients
	run, err := Run(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	failures := map[int]uint64{} // by round
	for _, c := range run.Cells {
		if len(c.WarmupErrors) > 0 {
			t.Errorf("%s: got warm-up errors %v, want none", c.Mode, c.WarmupErrors)
		}
		for _, sample := range c.Samples {
			for kind, n := range sample.Errors {
				failures[sample.Round] += n
				if e := c.Examples[kind]; e.Round != 1 {
					t.Errorf("%s: the example of %s is of round %d, want 1", c.Mode, kind, e.Round)
				}
			}
		}
	}
	if failures[1] == 0 || len(failures) != 1 {
		t.Errorf("got failures by round %v, want some in round 1 alone", failures)
	}
}
