package loadgen

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"github.com/wsimg/wsimg/loadgen/churn"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/schedule"
)

// watched has a block keep its points.
func watched(b Block) Block {
	b.Watch, b.Every = func(*record.Point) {}, time.Second
	return b
}

// balanced checks what must be true whatever connections do: of all images that
// were sent or due each is verified or counted as one failure, the histogram
// holds what was verified or given up, and the points add up to the sample.
func balanced(t *testing.T, got result) {
	t.Helper()
	c := got.Connections
	if c == nil {
		t.Fatal("nothing is told of connections")
	}
	var sum record.Point
	for _, p := range got.Series {
		sum.Scheduled += p.Scheduled
		sum.Images += p.Images
		sum.Dialed += p.Dialed
		sum.Lost += p.Lost
	}
	scheduled := got.Scheduled
	if got.Ramp != nil {
		scheduled += got.Ramp.Scheduled
	}
	if sum.Scheduled != scheduled || sum.Images != got.BlockImages || sum.Dialed != c.Dialed || sum.Lost != c.Lost {
		t.Errorf("the points have %d due, %d verified, %d dialed and %d lost; the sample %d, %d, %d and %d",
			sum.Scheduled, sum.Images, sum.Dialed, sum.Lost, scheduled, got.BlockImages, c.Dialed, c.Lost)
	}
	if n := uint64(opened(t, got.Response).TotalCount()); n != got.Images+got.Censored {
		t.Errorf("%d response times, want %d and %d lower bounds", n, got.Images, got.Censored)
	}
	if n := uint64(opened(t, c.Reconnect).TotalCount()); n > c.Connected || n > c.Lost+c.Cut+c.Retired {
		t.Errorf("%d clients came back of %d connections, %d lost, %d cut and %d retired", n, c.Connected, c.Lost, c.Cut, c.Retired)
	}
	if c.Connected > c.Dialed {
		t.Errorf("%d connections of %d attempts", c.Connected, c.Dialed)
	}
}

// farewells counts how sessions of a server ended.
type farewells struct {
	mu     sync.Mutex
	normal int   // with close code 1000
	images []int // that each session carried
}

// bid is what a server is told when a session says goodbye.
func (f *farewells) bid(code int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if code == websocket.CloseNormalClosure {
		f.normal++
	}
}

// conduct answers after swift and takes note.
func (f *farewells) conduct(s *session, m message) {
	if m.n == 0 {
		f.mu.Lock()
		f.images = append(f.images, 0)
		s.nth = len(f.images) - 1
		f.mu.Unlock()
	}
	f.mu.Lock()
	f.images[s.nth]++
	f.mu.Unlock()
	time.Sleep(swift)
	s.echo(m)
}

// TestLifetimeInImages ends every connection after exactly 10 images, but for
// the first ones, whose ages are spread. The server takes 30 ms to connect: the
// image that is due meanwhile has waited for it.
func TestLifetimeInImages(t *testing.T) {
	for _, inFlight := range []int{1, 4} {
		synctest.Test(t, func(t *testing.T) {
			const clients, images, connecting = 5, 10, 30 * time.Millisecond
			var f farewells
			v := newVirtual(t, f.conduct)
			v.bid = f.bid
			v.delay(connecting)
			got := play(t, v, Settings{Clients: clients, InFlight: inFlight},
				watched(Block{Length: 2 * time.Second, Redial: true, Lifetime: churn.Lifetime{Images: images}}))
			synctest.Wait() // for the server
			balanced(t, got)
			c := got.Connections
			if got.failed() != 0 || c.Lost != 0 || c.Retired < 100 {
				t.Errorf("%d in flight: got failures %v, %d lost, %d retired; want none, none, more than a hundred", inFlight, got.Errors, c.Lost, c.Retired)
			}
			whole := 0
			for i, n := range f.images {
				switch {
				case n > images:
					t.Errorf("%d in flight: session %d carried %d images, want at most %d", inFlight, i, n, images)
				case n == images:
					whole++
				}
			}
			if others := len(f.images) - whole; others > 2*clients {
				t.Errorf("%d in flight: %d sessions did not carry %d images, want the first and last ones alone", inFlight, others, images)
			}
			if uint64(f.normal) < c.Retired {
				t.Errorf("%d in flight: the server saw %d close frames 1000, want %d and those of the end", inFlight, f.normal, c.Retired)
			}
			back := opened(t, c.Reconnect)
			if least, most := time.Duration(back.Min()), time.Duration(back.Max()); !within(0.01, least, connecting) || !within(0.01, most, connecting) {
				t.Errorf("%d in flight: reconnecting took %v to %v, want %v", inFlight, least, most, connecting)
			}
			if most := time.Duration(opened(t, got.Response).Max()); inFlight == 1 && !within(0.01, most, connecting+swift) {
				t.Errorf("response time: got up to %v, want %v: reconnecting is in it", most, connecting+swift)
			}
		})
	}
}

// TestLifetimeInTime ends connections at their age, those of idle clients too,
// and none that owes a reply: the server takes 300 ms, and the pause between
// two images is short.
func TestLifetimeInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const clients, active, life, length = 20, 10, 2 * time.Second, 8 * time.Second
		v := newVirtual(t, serial(always(300*time.Millisecond)))
		load := Load{Plan: schedule.Steady(30, length), Arrivals: schedule.Constant}
		got := play(t, v, Settings{Clients: clients},
			watched(Block{Load: load, Active: active, Traffic: newNumbers(t, record.Echo, clients), Lifetime: churn.Lifetime{Time: life}}))
		balanced(t, got)
		c := got.Connections
		if got.failed() != 0 || got.Images != 240 {
			t.Errorf("got %d images and failures %v, want 240 and none: a connection that owes a reply does not end", got.Images, got.Errors)
		}
		// The first ones are a life apart in all, so that they end evenly.
		if want := uint64(clients * length / life); c.Retired < want-2*clients || c.Retired > want {
			t.Errorf("%d retired, want nearly %d", c.Retired, want)
		}
		for i, p := range got.Series[1:] {
			if p.Dialed < clients/4 || p.Dialed > clients*3/4 {
				t.Errorf("second %d: %d dialed, want some %d, as in each", i+1, p.Dialed, clients/2)
			}
		}
	})
}

// TestCutEndsAllAtOnce cuts all connections at an instant: what is in flight is
// lost and counted, and nothing else is a failure.
func TestCutEndsAllAtOnce(t *testing.T) {
	for _, storm := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			const clients, at = 50, 2455 * time.Millisecond
			backoff := churn.Backoff{Base: time.Second, Most: 4 * time.Second}
			var mu sync.Mutex
			var came []time.Duration
			v := newVirtual(t, serial(always(100*time.Millisecond)))
			v.met = func() func(http.ResponseWriter) {
				mu.Lock()
				defer mu.Unlock()
				if d := v.since(time.Now()); d > at {
					came = append(came, d)
				}
				return nil
			}
			load := Load{Plan: schedule.Steady(100, 6*time.Second), Arrivals: schedule.Constant}
			got := play(t, v, Settings{Clients: clients, Backoff: backoff, Storm: storm}, watched(Block{Load: load, Redial: true, Cuts: []time.Duration{at}}))
			balanced(t, got)
			c := got.Connections
			if c.Cut != clients || c.Lost != 0 || c.Connected != clients || c.Vacant != 0 || got.Redials != clients {
				t.Errorf("storm %v: %d cut, %d lost, %d connected, %d vacant, %d redials; want %d, 0, all, 0 and all",
					storm, c.Cut, c.Lost, c.Connected, c.Vacant, got.Redials, clients)
			}
			if c.LostImages == 0 || c.LostImages != got.Errors[Lost] || got.failed() != c.LostImages {
				t.Errorf("storm %v: %d images were in flight, failures: %v; want some, all %s", storm, c.LostImages, got.Errors, Lost)
			}
			if e := got.examples[Lost]; e.Local == "" || e.Remote == "" || !strings.HasPrefix(e.Remedy, "nothing") {
				t.Errorf("storm %v: got example %+v, want both ends, and that there is nothing to do", storm, e)
			}
			if got.Images+c.LostImages != got.Scheduled {
				t.Errorf("storm %v: %d verified and %d lost of %d due", storm, got.Images, c.LostImages, got.Scheduled)
			}
			if len(came) != clients {
				t.Fatalf("storm %v: %d sessions came after the cut, want %d", storm, len(came), clients)
			}
			// In a storm all wait as long, and one image is due each 10 ms.
			gone := (came[clients-1] - at) / (10 * time.Millisecond)
			if n := time.Duration(c.DelayedImages); storm && (n < gone-1 || n > gone+1) || !storm && (n == 0 || n > gone) {
				t.Errorf("storm %v: %d images waited for a connection, want %d in a storm, else some of them", storm, n, gone)
			}
			// One is told of before the others; they come together in a storm.
			spread := came[clients-1] - came[1]
			if storm && spread > 0 || !storm && (spread < backoff.Base/2 || spread > backoff.Base) {
				t.Errorf("storm %v: the clients came back over %v", storm, spread)
			}
			var least *uint64
			for _, p := range got.Series {
				if least == nil || *p.Connected < *least {
					least = p.Connected
				}
			}
			if *least >= clients && !storm {
				t.Errorf("no point tells that there were fewer than %d connections", clients)
			}
		})
	}
}
