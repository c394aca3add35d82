package loadgen

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wsimg/wsimg/loadgen/churn"
	"github.com/wsimg/wsimg/loadgen/schedule"
)

// TestClientsComeBackByTheirBackoff has a server gone for 2 s: its clients come
// back spread evenly over the wait that each draws for itself.
func TestClientsComeBackByTheirBackoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const clients, wait = 200, time.Second
		down, up := time.Second, 3*time.Second
		var came []time.Duration
		v := newVirtual(t, serial(always(time.Millisecond)))
		v.met = func() func(http.ResponseWriter) {
			if d := v.since(time.Now()); d > down {
				came = append(came, d-up)
			}
			return nil
		}
		time.AfterFunc(down, v.fall)
		time.AfterFunc(up, v.rise)
		load := Load{Plan: schedule.Steady(200, 6*time.Second), Arrivals: schedule.Constant}
		got := play(t, v, Settings{Clients: clients, Backoff: churn.Backoff{Base: wait, Most: wait}}, watched(Block{Load: load, Redial: true}))
		balanced(t, got)
		v.mu.Lock()
		defer v.mu.Unlock()
		slices.Sort(came)
		if len(came) != clients || came[clients-1] > wait {
			t.Fatalf("%d came back, the last %v after the server; want %d within %v", len(came), came[len(came)-1], clients, wait)
		}
		// Who tries every 0.5 s on average, evenly up to 1 s, is found to wait for a
		// third of a second; in the median for 0.29 s.
		if median := came[clients/2]; median < wait/5 || median > wait/2 {
			t.Errorf("half of the clients came within %v, want some 0.3 s", median)
		}
		if n := got.ConnectionErrors[Refused]; n < 2*clients {
			t.Errorf("%d attempts were refused, want every client's own in 2 s, some %d", n, 4*clients)
		}
	})
}

// TestWhoIsToldToComeLaterDoes cuts all connections and has a server let in
// every second client; the others are told to come again in 2 s.
func TestWhoIsToldToComeLaterDoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const clients, later = 40, 2 * time.Second
		backoff := churn.Backoff{Base: 500 * time.Millisecond, Most: 500 * time.Millisecond}
		cut := time.Second
		var told, early, late int
		v := newVirtual(t, serial(always(time.Millisecond)))
		v.met = func() func(http.ResponseWriter) {
			d := v.since(time.Now()) - cut
			switch {
			case d <= 0: // at first
			case d < later && (told+early)%2 == 0:
				told++
				return func(w http.ResponseWriter) {
					w.Header().Set("Retry-After", "2")
					w.WriteHeader(http.StatusServiceUnavailable)
				}
			case d < later:
				early++
			case d < later+2*backoff.Most:
				late++
			default:
				t.Errorf("a client came %v after the cut", d)
			}
			return nil
		}
		load := Load{Plan: schedule.Steady(100, 6*time.Second), Arrivals: schedule.Constant}
		got := play(t, v, Settings{Clients: clients, Backoff: backoff}, watched(Block{Load: load, Redial: true, Cuts: []time.Duration{cut}}))
		balanced(t, got)
		if told != clients/2 || early != clients/2 || late != clients/2 {
			t.Errorf("%d were told to come later, %d came at first, %d later; want half of %d each", told, early, late, clients)
		}
	})
}

// TestInterruptedAttemptsDidNotFail interrupts a block in which clients wait for
// a server that takes its time to let them in: nobody refused them.
func TestInterruptedAttemptsDidNotFail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const clients = 8
		v := newVirtual(t, serial(always(time.Millisecond)))
		time.AfterFunc(500*time.Millisecond, func() { v.delay(5 * time.Second) })
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		load := Load{Plan: schedule.Steady(100, 6*time.Second), Arrivals: schedule.Constant}
		got, err := playFor(ctx, t, v, Settings{Clients: clients, Storm: true}, watched(Block{Load: load, Redial: true, Cuts: []time.Duration{time.Second}}))
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got error %v, want %v", err, context.DeadlineExceeded)
		}
		balanced(t, got)
		if c := got.Connections; c.Cut != clients || c.Dialed != 0 || c.Connected != 0 || c.Vacant != clients {
			t.Errorf("%d cut, %d dialed, %d connected, %d vacant; want %d cut and vacant, and no attempt", c.Cut, c.Dialed, c.Connected, c.Vacant, clients)
		}
		if len(got.ConnectionErrors) > 0 {
			t.Errorf("got %v, want no connection to have failed", got.ConnectionErrors)
		}
	})
}
