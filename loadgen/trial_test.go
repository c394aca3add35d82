package loadgen

import (
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wsimg/wsimg/loadgen/churn"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/schedule"
)

// TestBlockIsNotHeldUp has a server let in 10 of 60 clients, and refuse the
// others or keep them waiting: the block that follows begins soon, with those
// that there are, and every attempt that failed is counted.
func TestBlockIsNotHeldUp(t *testing.T) {
	const clients, taken, length = 60, 10, time.Second
	for name, tt := range map[string]struct {
		hang bool
		kind string
		most time.Duration // until the block begins
	}{
		"refused":              {false, Handshake + "-503", 0},
		"left without a reply": {true, Timeout, trialTime},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := newVirtual(t, serial(always(20*time.Millisecond)))
				over := make(chan struct{})
				defer close(over)
				met, grown := 0, false
				v.met = func() func(http.ResponseWriter) {
					if met++; met <= taken {
						return nil
					}
					return func(w http.ResponseWriter) {
						v.mu.Lock()
						hang := tt.hang && grown
						v.mu.Unlock()
						if hang {
							<-over
							return
						}
						w.Header().Set("Retry-After", "2")
						w.WriteHeader(http.StatusServiceUnavailable)
					}
				}
				f := fleetOf(t, v, Settings{Clients: clients})
				defer f.Close()
				if err := f.Grow(t.Context(), clients); !errors.Is(err, ErrVacant) {
					t.Fatalf("got %v, want %v", err, ErrVacant)
				}
				f.failures.take()
				v.mu.Lock()
				grown = true
				v.mu.Unlock()
				began := time.Now()
				s, _, err := f.Run(t.Context(), Block{Traffic: newNumbers(t, record.Echo, clients), Length: length})
				if err != nil {
					t.Fatal(err)
				}
				if took := time.Since(began); took > length+tt.most+100*time.Millisecond {
					t.Errorf("a block of %v took %v, want no more than %v before it", length, took, tt.most)
				}
				if s.Images == 0 || s.Errors[tt.kind] != clients-taken || s.ConnectionErrors[tt.kind] != clients-taken {
					t.Errorf("%d images, failures %v, of connections %v; want some, and %d %s in both", s.Images, s.Errors, s.ConnectionErrors, clients-taken, tt.kind)
				}
			})
		})
	}
}

// TestTrialHasAnEnd gives one client a second a turn, where 100 are to come: in
// the block, where they can.
func TestTrialHasAnEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const clients = 100
		v := newVirtual(t, serial(always(time.Millisecond)))
		v.fall()
		f := fleetOf(t, v, Settings{Clients: clients, ConnectRate: 1})
		defer f.Close()
		if err := f.Grow(t.Context(), clients); err == nil {
			t.Fatal("got no error from a server that is not there")
		}
		v.rise()
		began := time.Now()
		load := Load{Plan: schedule.Steady(10, 3*time.Second), Arrivals: schedule.Constant}
		s, _, err := f.Run(t.Context(), watched(Block{Traffic: newNumbers(t, record.Echo, clients), Load: load, Redial: true}))
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took > trialMost+3*time.Second+DefaultTimeout+2*time.Second {
			t.Errorf("the block took %v, want no more than %v before it", took, trialMost)
		}
		if n := s.Connections.Connected; n < 8 {
			t.Errorf("%d got a connection, want those of the trial and of the block", n)
		}
	})
}

// TestVainTrialOpensNoDoor: who never had a connection sends a vanguard, though
// a trial was made in between.
func TestVainTrialOpensNoDoor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const clients = 3 * vanguard
		v := newVirtual(t, serial(always(swift)))
		v.fall()
		f := fleetOf(t, v, Settings{Clients: clients})
		defer f.Close()
		for range 2 {
			before := f.Dialed()
			if err := f.Grow(t.Context(), clients); Kind(err) != Refused {
				t.Fatalf("got %v, want it refused", err)
			}
			if n := f.Dialed() - before; n != vanguard {
				t.Errorf("%d clients tried, want %d", n, vanguard)
			}
			if err := f.Redial(t.Context()); Kind(err) != Refused {
				t.Errorf("redial: got %v, want it refused", err)
			}
		}
	})
}

// TestGrowWaitsForEverybodysTurn has long waits between attempts, and nobody
// given up while they last.
func TestGrowWaitsForEverybodysTurn(t *testing.T) {
	for name, tt := range map[string]struct {
		settings Settings
		refused  func(met int) bool
		slow     time.Duration // from the second success on
	}{
		"a long back-off": {Settings{Clients: 8, Backoff: churn.Backoff{Base: 30 * time.Second, Most: time.Minute}},
			func(met int) bool { return met > 1 && met <= 8 }, 0},
		"a low rate, and one failure at first": {Settings{Clients: 3, ConnectRate: 0.05},
			func(met int) bool { return met == 1 }, 0},
		"a low rate, an old failure, and slow answers": {Settings{Clients: 3, ConnectRate: 0.05},
			func(met int) bool { return met == 1 }, 8 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := newVirtual(t, serial(always(swift)))
				met := 0
				v.met = func() func(http.ResponseWriter) {
					if met++; tt.refused(met) {
						return func(w http.ResponseWriter) { w.WriteHeader(http.StatusServiceUnavailable) }
					}
					v.slow = tt.slow
					return nil
				}
				f := fleetOf(t, v, tt.settings)
				defer f.Close()
				if err := f.Grow(t.Context(), tt.settings.Clients); err != nil || f.Connected() != tt.settings.Clients {
					t.Errorf("got %d of %d clients, %v", f.Connected(), tt.settings.Clients, err)
				}
			})
		})
	}
}
