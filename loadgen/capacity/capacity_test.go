package capacity

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/wsimg/wsimg/loadgen/objective"
	"github.com/wsimg/wsimg/loadgen/payload"
	"github.com/wsimg/wsimg/loadgen/record"
)

var (
	binary = payload.Mode{Kind: payload.Binary}
	text   = payload.Mode{Kind: payload.Text}
)

// objectives reads objectives as they are typed.
func objectives(t *testing.T, texts ...string) (os []objective.Objective) {
	t.Helper()
	for _, text := range texts {
		o, err := objective.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		os = append(os, o)
	}
	return os
}

// asked returns settings of a short search.
func asked(t *testing.T, url string, slos ...string) Settings {
	t.Helper()
	src, err := payload.Synthetic(t.Context(), 2000, 8, 1)
	if err != nil {
		t.Fatal(err)
	}
	return Settings{
		URL: url, Source: src, Modes: []payload.Mode{text, binary}, Baseline: binary, Objectives: objectives(t, slos...),
		Clients: 4, TimeBudget: 2 * time.Second, Warmup: 100 * time.Millisecond, Timeout: 2 * time.Second, Seed: 7, Distinct: 8,
		searching: 240 * time.Millisecond, confirming: 480 * time.Millisecond, patience: 200 * time.Millisecond,
	}
}

// saved returns the run as it is read back: it holds together.
func saved(t *testing.T, run *record.Run) *record.Run {
	t.Helper()
	data := mustJSON(t, run)
	back, err := record.Read(strings.NewReader(data))
	if err != nil {
		t.Fatalf("the run can't be read back: %v", err)
	}
	return back
}

func TestModesTakeTurns(t *testing.T) {
	t.Parallel()
	srv := serve(t, 2, 4*time.Millisecond)
	srv.tells = true
	s := asked(t, srv.url, "response_p90<60ms")
	var told []Progress
	s.Progress = func(p Progress) { told = append(told, p) }
	run, err := Run(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	run = saved(t, run)
	probes := run.Capacity.Probes
	if len(probes) < 2 {
		t.Fatalf("got %d probes, want some of each mode", len(probes))
	}
	for i, p := range probes {
		if p.Round != i {
			t.Errorf("probe %d: round is %d, want its number", i, p.Round)
		}
		cell, sample := run.Probed(p)
		if sample == nil || cell.RatePerS != p.Load || cell.Load != record.Open || cell.Clients != 4 {
			t.Fatalf("probe %d: got cell %+v, want one of its load", i, cell)
		}
		if sample.Connections == nil || sample.Connections.Connected < 4 {
			t.Errorf("probe %d: got connections %+v, want 4 of its own", i, sample.Connections)
		}
		if p.TargetResidentBytes == nil || sample.TargetCPUNs == nil {
			t.Errorf("probe %d: the side channel was not read", i)
		}
	}
	if probes[0].Mode != "text" || probes[1].Mode != "binary" {
		t.Errorf("got %s and %s first, want text and binary", probes[0].Mode, probes[1].Mode)
	}
	if len(probes) > 3 && (probes[2].Mode != "binary" || probes[3].Mode != "text") {
		t.Errorf("got %s and %s in the second turn, want them the other way round", probes[2].Mode, probes[3].Mode)
	}
	m := run.Capacity.Memory
	if m == nil || m.Connections < 1 || m.WithBytes-m.BaseBytes < 900*uint64(m.Connections) {
		t.Errorf("got memory %+v, want about 1,000 bytes a connection", m)
	}
	if run.Settings.Sender != "prepared" || run.Settings.Command != "capacity" || run.Capacity.Objectives[0] != "response_p90<60ms" {
		t.Errorf("recorded %+v and %v", run.Settings, run.Capacity.Objectives)
	}
	if last := told[len(told)-1]; last.Probes != len(probes)-1 || len(last.Brackets) != 2 {
		t.Errorf("told %+v at last, want what was known before the last probe", last)
	}
}

func TestNeverMetIsFoundOutSoon(t *testing.T) {
	t.Parallel()
	srv := serve(t, 8, time.Millisecond)
	s := asked(t, srv.url, "response_p50<1us")
	s.Least = 50
	run, err := Run(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range saved(t, run).Capacity.Probes {
		if p.Verdict == record.Pass || p.Load < 50 {
			t.Errorf("got %+v, want none that passes, and none below the least", p)
		}
	}
	if run.Incomplete != "" {
		t.Errorf("incomplete: %s", run.Incomplete)
	}
}

func TestAlwaysMetEndsAtTheMost(t *testing.T) {
	t.Parallel()
	srv := serve(t, 8, time.Millisecond)
	s := asked(t, srv.url, "response_p50<10s")
	s.Least, s.Most, s.TimeBudget = 100, 400, 5*time.Second
	run, err := Run(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	probes := saved(t, run).Capacity.Probes
	for _, p := range probes {
		if p.Load > 400 {
			t.Errorf("got %+v, want no more than the most", p)
		}
	}
	if run.Ended == record.EndedTime {
		t.Skip("this machine is too busy to tell in time")
	}
	if last := probes[len(probes)-1]; last.Load != 400 || last.Verdict != record.Pass {
		t.Errorf("got %+v at last, want a pass at 400/s", last)
	}
}

func TestClients(t *testing.T) {
	for _, tt := range []struct {
		name string
		pace func(*Settings)
		load string
	}{
		{"by a pace", func(s *Settings) { s.PerClient = 20 }, record.Open},
		{"that think", func(s *Settings) { s.Think = 50 * time.Millisecond }, record.Closed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			srv := serve(t, 1, 4*time.Millisecond)
			s := asked(t, srv.url, "response_p90<60ms")
			s.Find, s.Clients, s.Most = record.FindClients, 0, 64
			s.Modes = []payload.Mode{binary}
			tt.pace(&s)
			run, err := Run(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			run = saved(t, run)
			if len(run.Capacity.Probes) == 0 {
				t.Fatal("no probes")
			}
			for _, p := range run.Capacity.Probes {
				cell, sample := run.Probed(p)
				if cell.Load != tt.load || float64(cell.Clients) != p.Load || cell.RatePerS != p.Load*s.PerClient {
					t.Errorf("got cell %+v for %+v, want its clients", cell, p)
				}
				if sample.Connections.Connected < uint64(p.Load) {
					t.Errorf("%g clients: got %d connections", p.Load, sample.Connections.Connected)
				}
			}
		})
	}
}

func TestInterrupted(t *testing.T) {
	t.Parallel()
	srv := serve(t, 2, 4*time.Millisecond)
	s := asked(t, srv.url, "response_p90<60ms")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s.Progress = func(p Progress) {
		if p.Probes == 1 {
			cancel()
		}
	}
	run, err := Run(ctx, s)
	if !errors.Is(err, context.Canceled) || run == nil || run.Incomplete != "interrupted" {
		t.Fatalf("got %v, want a run that was interrupted", err)
	}
	if n := len(saved(t, run).Capacity.Probes); n != 1 {
		t.Errorf("got %d probes, want the one that had ended", n)
	}
}

func TestServerThatDies(t *testing.T) {
	t.Parallel()
	srv := serve(t, 2, 4*time.Millisecond)
	s := asked(t, srv.url, "response_p90<60ms")
	s.Timeout = time.Second
	s.Progress = func(p Progress) {
		if p.Probes == 1 {
			srv.http.CloseClientConnections()
			srv.http.Listener.Close()
		}
	}
	run, err := Run(t.Context(), s)
	if err == nil || run == nil || run.Incomplete == "" || errors.Is(err, context.Canceled) {
		t.Fatalf("got %v, want what was measured until then and why it ended", err)
	}
	saved(t, run)
}

func TestServerThatIsNotThere(t *testing.T) {
	t.Parallel()
	if run, err := Run(t.Context(), asked(t, "ws://127.0.0.1:1/", "response_p99<1s")); run != nil || err == nil {
		t.Errorf("got %v and %v, want an error alone", run, err)
	}
}

func TestWrongRepliesAreCounted(t *testing.T) {
	t.Parallel()
	srv := serve(t, 8, time.Millisecond)
	srv.spoil = func(n int64) string {
		if n%50 == 0 {
			return "no image"
		}
		return ""
	}
	s := asked(t, srv.url, "response_p90<1s", "errors<50%")
	s.Modes = []payload.Mode{binary}
	run, err := Run(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	var n uint64
	for _, c := range saved(t, run).Cells {
		for _, s := range c.Samples {
			n += s.Errors["short"]
		}
		n += c.WarmupErrors["short"]
	}
	if want := uint64(srv.sent.Load() / 50); n != want {
		t.Errorf("counted %d wrong replies of %d", n, want)
	}
}

func TestTooFewImagesAreRefused(t *testing.T) {
	t.Parallel()
	s := asked(t, serve(t, 8, time.Millisecond).url, "response_p99<1s")
	s.Most = 20
	if run, err := Run(t.Context(), s); run != nil || !errors.Is(err, ErrObjective) || !strings.Contains(fmt.Sprint(err), "lower percentile") {
		t.Errorf("got %v and %v, want that no load up to 20/s can be judged", run, err)
	}
	s.Most = 0
	run, err := Run(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	least := s.withDefaults().judgeable()
	if run.Capacity.Least != least || !strings.Contains(strings.Join(run.Notes, "\n"), "were not tried") {
		t.Errorf("got loads from %g and notes %q, want them from %g and why", run.Capacity.Least, run.Notes, least)
	}
	for _, p := range run.Capacity.Probes {
		if p.Load < least {
			t.Errorf("got %+v, want none below %g", p, least)
		}
	}
}

func TestServerThatRefusesSome(t *testing.T) {
	t.Parallel()
	srv := serve(t, 8, time.Millisecond)
	srv.admit = func(int64) bool { return srv.open.Load() < 8 }
	s := asked(t, srv.url, "response_p90<1s")
	s.Find, s.Clients, s.PerClient, s.Most = record.FindClients, 0, 10, 64
	s.Modes = []payload.Mode{binary}
	run, err := Run(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	var refused bool
	for _, p := range saved(t, run).Capacity.Probes {
		if p.Load > 8 && p.Verdict == record.Pass {
			t.Errorf("got %+v, want no pass beyond 8 clients", p)
		}
		refused = refused || p.Decided == unconnected
	}
	if !refused {
		t.Error("no probe failed for its connections")
	}
}
