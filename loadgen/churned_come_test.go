package loadgen

import (
	"errors"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wsimg/wsimg/loadgen/churn"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/schedule"
)

// fleetOf makes a fleet of a virtual server that the test's end closes.
func fleetOf(t *testing.T, v *virtual, s Settings) *Fleet {
	t.Helper()
	s.URL, s.open, s.alarm = "ws://virtual/", v.dial, virtualAlarm
	f, err := New(s)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestRampBringsClientsEvenly has 40 clients come over 4 s, under both loops.
func TestRampBringsClientsEvenly(t *testing.T) {
	const clients, ramp, length = 40, 4 * time.Second, 3 * time.Second
	for name, load := range map[string]Load{
		"closed loop": {Think: 99 * time.Millisecond},
		"open loop":   {Plan: schedule.Steady(400, length), Arrivals: schedule.Constant},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := newVirtual(t, serial(always(time.Millisecond)))
				f := fleetOf(t, v, Settings{Clients: clients})
				defer f.Close()
				b := watched(Block{Load: load, Redial: true, Ramp: ramp, Traffic: newNumbers(t, record.Echo, clients)})
				if !load.Open() {
					b.Length = length
				}
				sample, _, err := f.Run(t.Context(), b)
				if err != nil {
					t.Fatal(err)
				}
				got := result{Sample: sample}
				balanced(t, got)
				if got.failed() > 0 || got.Connections.Connected != clients || !within(1e-9, time.Duration(got.Seconds*1e9), length) {
					t.Errorf("got %d connections, a window of %v s, failures %v; want %d, %v and none", got.Connections.Connected, got.Seconds, got.Errors, clients, length)
				}
				for i, p := range got.Series {
					here, rate := min(clients, (i+1)*10), min(400, 50+100*i)
					if n := int(*p.Connected); n < here-1 || n > here+1 {
						t.Errorf("after %d s %d are connected, want %d", i+1, n, here)
					}
					if n := int(p.Images); i < 7 && (n < rate-12 || n > rate+12) {
						t.Errorf("second %d: %d images, want some %d", i+1, n, rate)
					}
					for k, h := range latencies(&p) {
						if n := opened(t, *h).TotalCount(); n != int64(p.Images) {
							t.Errorf("second %d: histogram %d is of %d images, want those of %d", i+1, k, n, p.Images)
						}
					}
				}
				r := got.Ramp
				if r == nil || r.Seconds != ramp.Seconds() || r.Images+got.Images != got.BlockImages || r.Images < 770 || r.Images > 830 {
					t.Fatalf("ramp: got %+v and %d of %d images, want %v and some 800", r, got.Images, got.BlockImages, ramp)
				}
				if n := uint64(opened(t, r.Response).TotalCount()); n != r.Images {
					t.Errorf("ramp: %d response times of %d images", n, r.Images)
				}
				if load.Open() && (got.Scheduled != 1200 || r.Scheduled != r.Images) {
					t.Errorf("%d were due, and %d in the ramp; want 1200 and %d", got.Scheduled, r.Scheduled, r.Images)
				}
			})
		})
	}
}

// TestRampToAServerThatIsNotThere fails at once: that is a mistyped address.
func TestRampToAServerThatIsNotThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVirtual(t, serial(always(swift)))
		v.fall()
		f := fleetOf(t, v, Settings{Clients: 40})
		defer f.Close()
		began := time.Now()
		_, _, err := f.Run(t.Context(), Block{Traffic: newNumbers(t, record.Echo, 40), Length: time.Second, Redial: true, Ramp: time.Minute})
		if Kind(err) != Refused || time.Since(began) > 0 {
			t.Errorf("got %v after %v, want it to be refused at once", err, time.Since(began))
		}
	})
}

// TestActiveClientsAloneSend has 3 of 12 send. The others lose their
// connections in the middle and come back, and nobody waits for them.
func TestActiveClientsAloneSend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const clients, active = 12, 3
		var mu sync.Mutex
		owners := map[int]int{}
		v := newVirtual(t, func(s *session, m message) {
			mu.Lock()
			owners[m.image*clients/tiny]++
			mu.Unlock()
			time.Sleep(10 * time.Millisecond)
			s.echo(m)
		})
		time.AfterFunc(500*time.Millisecond, func() { v.fall(); v.rise() })
		got := play(t, v, Settings{Clients: clients}, watched(Block{Length: 2 * time.Second, Redial: true, Active: active}))
		balanced(t, got)
		if len(owners) > active+1 { // images are dealt unevenly
			t.Errorf("the images of %d clients came, want those of %d: %v", len(owners), active, owners)
		}
		c := got.Connections
		if c.Lost != clients || c.Connected != clients || c.Vacant != 0 || got.Redials != clients {
			t.Errorf("%d lost, %d came back, %d vacant; want %d, all and none", c.Lost, c.Connected, c.Vacant, clients)
		}
		if got.Images < 500 || got.Seconds > 2.001 {
			t.Errorf("got %d images in %v s, want some 570 in 2", got.Images, got.Seconds)
		}
		if all, none := got.Errors[Dropped], got.ConnectionErrors[Dropped]; all != clients || none != clients-active || c.LostImages != active {
			t.Errorf("%d %s, of which %d took no image, and %d images lost; want %d, %d and %d", all, Dropped, none, c.LostImages, clients, clients-active, active)
		}
	})
}

// TestForsakenClientsStayAway loses all connections of a fleet that does not
// come back: the closed loop ends, and says why.
func TestForsakenClientsStayAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const clients = 5
		v := newVirtual(t, serial(always(10*time.Millisecond)))
		time.AfterFunc(300*time.Millisecond, func() { v.fall(); v.rise() })
		got, err := playFor(t.Context(), t, v, Settings{Clients: clients, Forsake: true}, watched(Block{Length: 2 * time.Second, Redial: true}))
		if !errors.Is(err, errNobody) {
			t.Errorf("got error %v, want %v", err, errNobody)
		}
		if c := got.Connections; c.Lost != clients || c.Dialed != 0 || c.Vacant != clients {
			t.Errorf("%d lost, %d dialed, %d vacant; want %d, none and %[1]d", c.Lost, c.Dialed, c.Vacant, clients)
		}
	})
}

// TestGrowWaitsForAServerThatIsBusy takes 10 of 30 clients and asks the others
// to come again in 2 s: they do, and all get in.
func TestGrowWaitsForAServerThatIsBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const clients, taken = 30, 10
		v := newVirtual(t, serial(always(swift)))
		met := 0
		busy := func(w http.ResponseWriter) {
			w.Header().Set("Retry-After", "2")
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		v.met = func() func(http.ResponseWriter) {
			if met++; met > taken {
				return busy
			}
			return nil
		}
		time.AfterFunc(5*time.Second, func() {
			v.mu.Lock()
			defer v.mu.Unlock()
			v.met = nil
		})
		f := fleetOf(t, v, Settings{Clients: clients})
		if err := f.Grow(t.Context(), clients); err != nil {
			t.Fatal(err)
		}
		c, err := f.Connecting()
		if err != nil || f.Connected() != clients || c.Connected != clients || c.Vacant != 0 || c.Dialed <= clients || c.Seconds < 5 {
			t.Errorf("got %d of %d clients over %d attempts in %v s, %v", c.Connected, clients, c.Dialed, c.Seconds, err)
		}
		if n := opened(t, c.Connect).TotalCount(); n != clients {
			t.Errorf("%d are in the histogram of connecting, want %d", n, clients)
		}
		f.Shrink(7)
		if f.Connected() != 7 {
			t.Errorf("%d are connected after shrinking to 7", f.Connected())
		}
		if errs, _ := f.Close(); errs[Handshake+"-503"]+errs[Handshake] != c.Dialed-clients || f.Connected() != 0 {
			t.Errorf("failures %v, %d connected at the end; want %d and none", errs, f.Connected(), c.Dialed-clients)
		}
	})
}

// TestGrowGivesUp says how many came, when no more do.
func TestGrowGivesUp(t *testing.T) {
	for name, tt := range map[string]struct {
		taken   int
		status  int
		vacant  bool
		after   time.Duration // at least, and no more than some seconds longer
		clients int
	}{
		"nobody is let in, for the moment":   {0, http.StatusServiceUnavailable, false, 0, 100},
		"nobody is let in, and never will":   {0, http.StatusForbidden, false, 0, 100},
		"some are, the others not for now":   {3, http.StatusServiceUnavailable, true, DefaultDialTimeout, 20},
		"some are, the others never will be": {3, http.StatusForbidden, true, 0, 20},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := newVirtual(t, serial(always(swift)))
				refuse := func(w http.ResponseWriter) {
					time.Sleep(10 * time.Millisecond) // after those who were let in
					w.WriteHeader(tt.status)
				}
				met := 0
				v.met = func() func(http.ResponseWriter) {
					if met++; met > tt.taken {
						return refuse
					}
					return nil
				}
				f := fleetOf(t, v, Settings{Clients: tt.clients})
				defer f.Close()
				began := time.Now()
				err := f.Grow(t.Context(), tt.clients)
				took := time.Since(began)
				var refused *HandshakeError
				if !errors.As(err, &refused) || refused.Status != tt.status || errors.Is(err, ErrVacant) != tt.vacant {
					t.Errorf("got %v, want HTTP %d; that some are vacant: %v", err, tt.status, tt.vacant)
				}
				if took < tt.after || took > tt.after+7*time.Second {
					t.Errorf("gave up after %v, want %v or a little more", took, tt.after)
				}
				if tt.vacant && f.Connected() == 0 {
					t.Error("those who were let in are gone")
				}
			})
		})
	}
}

// TestNobodyIsForgotten breaks connections for ten seconds, with all that
// ends them at once, and looks that every client is back at the end.
func TestNobodyIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const clients = 12
		v := newVirtual(t, func(s *session, m message) {
			time.Sleep(7 * time.Millisecond)
			switch {
			case m.n%23 == 22:
				s.drop()
			case m.n%29 == 28:
				m.data[0] ^= 1
				s.echo(m)
			default:
				s.echo(m)
			}
		})
		time.AfterFunc(4*time.Second, v.fall)
		time.AfterFunc(6*time.Second, v.rise)
		load := Load{Plan: schedule.Steady(200, 10*time.Second), Arrivals: schedule.Poisson}
		got := play(t, v, Settings{Clients: clients, InFlight: 3, Backoff: churn.Backoff{Base: 10 * time.Millisecond, Most: time.Second}},
			watched(Block{Load: load, Lifetime: churn.Lifetime{Images: 40, Time: 3 * time.Second},
				Cuts: []time.Duration{8 * time.Second, 8 * time.Second, 2 * time.Second}}))
		balanced(t, got)
		c := got.Connections
		if c.Vacant != 0 || c.Connected < c.Lost+c.Cut+c.Retired-clients || c.Connected > c.Lost+c.Cut+c.Retired {
			t.Errorf("%d came, %d lost, %d cut, %d retired, %d vacant at the end; want as many to come as went", c.Connected, c.Lost, c.Cut, c.Retired, c.Vacant)
		}
		if c.Lost == 0 || c.Cut == 0 || c.Retired == 0 {
			t.Errorf("%d lost, %d cut, %d retired; want some of each", c.Lost, c.Cut, c.Retired)
		}
		// What was due is verified, or failed; an attempt to connect fails without an image.
		images := got.failed() - got.Errors[Refused]
		if got.Images+images < got.Scheduled || got.Images > got.Scheduled {
			t.Errorf("%d verified and failures %v of %d due", got.Images, got.Errors, got.Scheduled)
		}
	})
}
