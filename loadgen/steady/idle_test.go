package steady

import (
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wsimg/wsimg/loadgen"
	"github.com/wsimg/wsimg/loadgen/churn"
	"github.com/wsimg/wsimg/loadgen/machine"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/schedule"
)

// crowded is asked for 100 ms, with four idle clients beside the two that send.
func crowded(t *testing.T, url string) Settings {
	s := asked(t, url)
	s.Clients, s.Active, s.every = 6, 2, time.Hour // a single point
	s.Load.Plan[0].Length = 100 * time.Millisecond
	return s
}

// story is the phases of a run, and how many were connected at the end of those
// that measure.
type story struct {
	phases    []string
	connected []int
}

func (s *story) tell(p Progress) {
	switch n := len(s.phases); {
	case p.Point != nil:
		s.connected = append(s.connected, p.Connected)
	case n == 0 || s.phases[n-1] != p.Phase:
		s.phases = append(s.phases, p.Phase)
	}
}

func TestIdleClients(t *testing.T) {
	for _, tt := range []struct {
		name       string
		change     func(*Settings)
		phases     []string
		connecting uint64 // clients, before the load
		alone      int    // blocks
	}{
		{"an open load", func(*Settings) {},
			[]string{Connecting, WarmingUp, AloneBefore, Connecting, Measuring, AloneAfter}, 6, 2},
		{"a closed load", func(s *Settings) {
			s.Load, s.Duration = loadgen.Load{Think: 5 * time.Millisecond}, 100*time.Millisecond
			s.Source = images(t, 12) // two for each client, and none for the idle
		}, []string{Connecting, WarmingUp, AloneBefore, Connecting, Measuring, AloneAfter}, 6, 2},
		{"a ramp", func(s *Settings) { s.Ramp = 50 * time.Millisecond },
			[]string{Connecting, WarmingUp, AloneBefore, Measuring, AloneAfter}, 2, 2},
		{"stages", func(s *Settings) {
			s.Load.Plan = schedule.Plan{{From: 400, To: 400, Length: 50 * time.Millisecond}, {From: 400, To: 200, Length: 50 * time.Millisecond}}
		}, []string{Connecting, WarmingUp, Connecting, Measuring}, 6, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			srv := serve(t, message.echo)
			srv.tells.Store(true)
			s := crowded(t, srv.url)
			tt.change(&s)
			var told story
			s.Progress = told.tell
			run, sample := carriedOut(t, s)
			if diff := cmp.Diff(tt.phases, told.phases); diff != "" {
				t.Errorf("phases (-want +got):\n%s", diff)
			}
			connected := []int{2, 6, 2}
			if tt.alone == 0 {
				connected = []int{6}
			}
			if diff := cmp.Diff(connected, told.connected); diff != "" {
				t.Errorf("connected when measured (-want +got):\n%s", diff)
			}
			if run.Settings.Active != 2 || run.Settings.Clients != 6 {
				t.Errorf("recorded %d of %d clients active, want 2 of 6", run.Settings.Active, run.Settings.Clients)
			}
			if c := run.Cells[0].Connecting; c == nil || c.Connected != tt.connecting {
				t.Errorf("connecting: got %+v, want %d connected", c, tt.connecting)
			}
			idle := run.Idle
			if idle == nil || idle.Clients != 4 || len(idle.Alone) != tt.alone {
				t.Fatalf("got idle %+v, want 4 clients and %d blocks without them", idle, tt.alone)
			}
			for i, alone := range idle.Alone {
				if alone.Scheduled*2 != sample.Scheduled || alone.Images == 0 || len(alone.Errors) > 0 {
					t.Errorf("alone, %d: got %d of %d images with %v, want half as many as the %d of the load", i, alone.Images, alone.Scheduled, alone.Errors, sample.Scheduled)
				}
				n := sum(alone.Series, func(p record.Point) uint64 { return p.Images })
				if n != alone.BlockImages || alone.TargetCPUNs == nil || alone.Round != i {
					t.Errorf("alone, %d: the series holds %d of %d images, CPU %v, round %d", i, n, alone.BlockImages, alone.TargetCPUNs, alone.Round)
				}
			}
			if staged := tt.alone == 0; len(run.Notes) > 1 || staged != strings.Contains(strings.Join(run.Notes, ""), "it takes a load of one rate") || !staged && len(run.Notes) > 0 {
				t.Errorf("got notes %q, want why nobody was measured alone, if so, and nothing of images that were not sent", run.Notes)
			}
			if before, with := idle.Before.Target, idle.With.Target; before == nil || with == nil || *before != 1e6+2000 || *with != 1e6+6000 {
				t.Errorf("the target had %v and then %v bytes, want 1 KB more for each client", deref(before), deref(with))
			}
			if _, ok := machine.Resident(); ok && (deref(idle.Before.Generator) == 0 || deref(idle.With.Generator) == 0) {
				t.Errorf("generator: got %+v and %+v, want its memory", idle.Before, idle.With)
			}
		})
	}
}

func deref(n *uint64) uint64 {
	if n == nil {
		return 0
	}
	return *n
}

// TestFailuresBesideTheLoadCount: what fails while the active are alone is
// among what failed.
func TestFailuresBesideTheLoadCount(t *testing.T) {
	var wrong atomic.Bool
	srv := serve(t, func(m message) {
		if wrong.CompareAndSwap(true, false) {
			m.body[9] ^= 1
		}
		m.echo()
	})
	s := crowded(t, srv.url)
	s.Load.Plan[0].Length = 40 * time.Millisecond
	s.Progress = func(p Progress) {
		if p.Point == nil && (p.Phase == AloneBefore || p.Phase == AloneAfter) {
			wrong.Store(true)
		}
	}
	run, sample := carriedOut(t, s)
	if before, after := run.Cells[0].WarmupErrors[loadgen.Flipped], sample.Errors[loadgen.Flipped]; before != 1 || after != 1 {
		t.Errorf("got %d failures before the load and %d with it, want one each", before, after)
	}
	for i, alone := range run.Idle.Alone {
		if alone.Errors[loadgen.Flipped] != 1 {
			t.Errorf("alone, %d: got %v, want its one failure", i, alone.Errors)
		}
	}
}

// TestConnectionsLostBesideTheLoadCount: those that are lost while the active are
// alone are in the block itself, and with what came before or with the load.
func TestConnectionsLostBesideTheLoadCount(t *testing.T) {
	t.Parallel()
	var hangUp atomic.Bool
	srv := serve(t, func(m message) {
		if hangUp.CompareAndSwap(true, false) {
			m.Close()
			return
		}
		m.echo()
	})
	s := crowded(t, srv.url)
	s.Backoff = churn.Backoff{Base: time.Millisecond, Most: 5 * time.Millisecond}
	s.Progress = func(p Progress) {
		if p.Point == nil && (p.Phase == AloneBefore || p.Phase == AloneAfter) {
			hangUp.Store(true)
		}
	}
	run, sample := carriedOut(t, s)
	for i, alone := range run.Idle.Alone {
		if c := alone.Connections; c == nil || c.Lost != 1 || c.LostImages != 1 || c.Connected != 1 {
			t.Errorf("alone, %d: got %+v, want one that was lost and came back", i, c)
		}
	}
	if c := run.Cells[0].Connecting; c.Lost != 1 || c.LostImages != 1 || c.Connected != 6 || c.Vacant != 0 {
		t.Errorf("connecting: got %+v, want six that were connected, and the one lost before the load", c)
	}
	if c := sample.Connections; c.Lost != 1 || c.LostImages != 1 || c.Connected != 0 {
		t.Errorf("the load: got %+v, want the one lost behind it", c)
	}
	for _, want := range []string{"1 connection was lost before the load, while", "1 connection was lost behind the load, while"} {
		if !strings.Contains(strings.Join(run.Notes, "\n"), want) {
			t.Errorf("got notes %q, want %q", run.Notes, want)
		}
	}
}

// TestMemoryOfAnotherProcess does not take the difference of two.
func TestMemoryOfAnotherProcess(t *testing.T) {
	srv := serve(t, message.echo)
	srv.tells.Store(true)
	s := crowded(t, srv.url)
	s.Load.Plan = append(s.Load.Plan, schedule.Stage{From: 400, To: 0, Length: time.Millisecond}) // nobody is measured alone
	s.Progress = func(p Progress) {
		if p.Phase == Connecting && p.Clients == 6 {
			srv.pid.Store(2)
		}
	}
	run, _ := carriedOut(t, s)
	if idle := run.Idle; idle.Before.Target != nil || idle.With.Target != nil {
		t.Errorf("got %v and %v bytes at the target, want none", deref(idle.Before.Target), deref(idle.With.Target))
	}
}

// TestInterrupted keeps what there is, whatever phase it was in.
func TestInterrupted(t *testing.T) {
	srv := serve(t, message.echo)
	srv.tells.Store(true)
	for _, tt := range []struct {
		name    string
		phase   string
		nth     int
		run     bool
		samples int
		alone   int
		with    bool // the memory with the idle is known
	}{
		{"before anything", Connecting, 1, false, 0, 0, false},
		{"in the warm-up", WarmingUp, 1, true, 0, 0, false},
		{"while the active are alone", AloneBefore, 1, true, 0, 1, false},
		{"while the idle come", Connecting, 2, true, 0, 1, false},
		{"in the load", Measuring, 1, true, 1, 1, true},
		{"while the active are alone again", AloneAfter, 1, true, 1, 2, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := crowded(t, srv.url)
			nth, last := 0, ""
			run := interrupted(t, s, func(p Progress) bool {
				if p.Phase == tt.phase && p.Phase != last {
					nth++
				}
				last = p.Phase
				return nth == tt.nth && p.Phase == tt.phase
			})
			if (run != nil) != tt.run {
				t.Fatalf("got a run: %v, want %v", run != nil, tt.run)
			}
			if run == nil {
				return
			}
			if run.Incomplete != "interrupted" || len(run.Cells[0].Samples) != tt.samples {
				t.Errorf("incomplete: got %q with %d samples, want an interruption with %d", run.Incomplete, len(run.Cells[0].Samples), tt.samples)
			}
			if idle := run.Idle; idle != nil && (len(idle.Alone) != tt.alone || (idle.With.Target != nil) != tt.with) || idle == nil && tt.alone > 0 {
				t.Errorf("got idle %+v, want %d blocks of the active alone, and memory with the others: %v", idle, tt.alone, tt.with)
			}
			for _, sample := range run.Cells[0].Samples {
				for _, p := range sample.Series {
					if p.AtSeconds < 0 {
						t.Errorf("a step ends at %g s, before the load begins", p.AtSeconds)
					}
				}
			}
			if run.Cells[0].Connecting == nil {
				t.Error("nothing is said of connecting")
			}
		})
	}
	if n := srv.connections(); n > 6 {
		t.Errorf("%d connections are open", n)
	}
}

func TestInterruptedWhileItConnects(t *testing.T) {
	srv := serve(t, message.echo)
	hold := make(chan struct{})
	srv.admits = func(n int64) int {
		if n > 1 {
			<-hold
		}
		return 0
	}
	s := asked(t, srv.url)
	var seen []int
	run := interrupted(t, s, func(p Progress) bool {
		seen = append(seen, p.Connected)
		return p.Connected == 1
	})
	close(hold)
	if run == nil || run.Incomplete != "interrupted" || run.Cells[0].Connecting.Connected != 1 {
		t.Errorf("got %+v, want a run with the one connection there was", run)
	}
	if !slices.IsSorted(seen) || seen[0] != 0 {
		t.Errorf("progress told of %v connections, want it to begin with none", seen)
	}
}
