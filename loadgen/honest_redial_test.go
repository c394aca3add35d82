package loadgen

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wsimg/wsimg/loadgen/churn"
	"github.com/wsimg/wsimg/loadgen/record"
)

// TestFailuresCostNoPause has a server that is wrong once in 25 times. The
// clients come back at once: the rate is the server's, and not that of wsimg's
// patience.
func TestFailuresCostNoPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVirtual(t, func(s *session, m message) {
			time.Sleep(10 * time.Millisecond)
			if m.n%25 == 24 {
				m.data[0] ^= 1
			}
			s.echo(m)
		})
		got := play(t, v, Settings{Clients: 4}, Block{Length: 10 * time.Second, Redial: true})
		// 100 a second and client, one in 25 of them wrong.
		if rate := got.Credit / got.Seconds; rate < 350 || rate > 400 {
			t.Errorf("got %.0f images/s, want nearly 384", rate)
		}
		if got.Errors[Flipped]+got.Errors[Misplaced]+got.Errors[Foreign] < 100 {
			t.Errorf("failures: got %v, want more than a hundred", got.Errors)
		}
	})
}

// TestServerThatTakesNothing drops every connection at its first image: it is
// asked again once in a while, and not as fast as connections can fail.
func TestServerThatTakesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVirtual(t, func(s *session, m message) { s.drop() })
		const clients, length = 20, 60 * time.Second
		backoff := churn.Backoff{Base: 100 * time.Millisecond, Most: 2 * time.Second}
		got, err := playFor(t.Context(), t, v, Settings{Clients: clients, Backoff: backoff}, Block{Length: length, Redial: true})
		if !errors.Is(err, errNobody) {
			t.Errorf("got error %v, want %v", err, errNobody)
		}
		// Once the wait has grown it is a second in the mean.
		if n := got.Errors[Dropped]; n < clients*50 || n > clients*80 {
			t.Errorf("failures: got %v, want some 60 to 70 a client", got.Errors)
		}
	})
}

// TestClientsThatHaveNotBegun are not done: with thousands of them the first
// look at all comes before the last has begun.
func TestClientsThatHaveNotBegun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const clients = 2
		v := newVirtual(t, serial(always(swift)))
		f, err := Dial(t.Context(), Settings{URL: "ws://virtual/", open: v.dial, alarm: virtualAlarm, Clients: clients})
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		s := Block{Traffic: newNumbers(t, record.Echo, clients), Length: time.Second}
		b := newBlock(s, f, ramp{})
		b.until = time.Now().Add(time.Hour)
		enlisted := f.enlist(b, ramp{})
		d := newDrive(t.Context(), f, b, s)
		d.each(func(c *client) { c.settle(b) })
		if n := b.waiting.Load(); n != clients {
			t.Errorf("%d of %d clients are still to finish before they have begun", n, clients)
		}
		if err := d.wait(enlisted); err != nil {
			t.Error(err)
		}
		if b.window.seconds() != 1 {
			t.Errorf("the window had %v s, want 1", b.window.seconds())
		}
	})
}
