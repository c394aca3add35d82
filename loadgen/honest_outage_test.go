package loadgen

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wsimg/wsimg/loadgen/churn"
	"github.com/wsimg/wsimg/loadgen/schedule"
)

// TestNothingDriftsInAnHour looks at when each image of an hour arrives: image
// k at k seconds, the last one as exactly as the first.
func TestNothingDriftsInAnHour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var came []time.Duration
		v := newVirtual(t, func(s *session, m message) {
			mu.Lock()
			came = append(came, s.server.since(m.at))
			mu.Unlock()
			time.Sleep(300 * time.Millisecond)
			s.echo(m)
		})
		load := Load{Plan: schedule.Steady(1, time.Hour), Arrivals: schedule.Constant}
		play(t, v, Settings{Clients: 7}, Block{Load: load})
		slices.Sort(came)
		if len(came) != 3600 {
			t.Fatalf("%d images came, want 3600", len(came))
		}
		for k, got := range came {
			if want := time.Duration(k) * time.Second; got != want {
				t.Fatalf("image %d came at %v, want %v", k, got, want)
			}
		}
	})
}

// TestInterruptedOpenLoop stops a plan of 10 s after 5 s: what was due until
// then is measured or accounted for, the rest was never due.
func TestInterruptedOpenLoop(t *testing.T) {
	for _, tt := range []struct {
		name     string
		work     time.Duration
		censored uint64
	}{
		{"a server that keeps up", time.Millisecond, 0},
		// It does 100 images/s of 200, and 3 s longer: 800 of 999.
		{"a server at twice its capacity", 10 * time.Millisecond, 199},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := newVirtual(t, serial(always(tt.work)))
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
				defer cancel()
				load := Load{Plan: schedule.Steady(200, 10*time.Second), Arrivals: schedule.Constant}
				got, err := playFor(ctx, t, v, Settings{Clients: 1}, Block{Load: load})
				if !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("got error %v, want %v", err, context.DeadlineExceeded)
				}
				if want := (5*time.Second - lead).Seconds(); got.Seconds != want {
					t.Errorf("the window has %v s, want %v", got.Seconds, want)
				}
				if got.Scheduled != 999 || got.Images+got.Censored != got.Scheduled {
					t.Errorf("%d images and %d lower bounds of %d due, want 999", got.Images, got.Censored, got.Scheduled)
				}
				if slack := uint64(6); got.Censored > tt.censored+1 || got.Censored+slack < tt.censored {
					t.Errorf("censored: got %d, want %d or a few less", got.Censored, tt.censored)
				}
				if got.failed() != got.Censored {
					t.Errorf("failures: got %v, want %d", got.Errors, got.Censored)
				}
				if n := uint64(opened(t, got.Response).TotalCount()); n != got.Scheduled {
					t.Errorf("%d response times, want one for each of %d images due", n, got.Scheduled)
				}
			})
		})
	}
}

// TestImageThatIsNotAnswered loses one reply of client 2, which is due at 2.02 s.
// Its others stay due when they were, whatever becomes of the connection, and
// wait for it or for the next.
func TestImageThatIsNotAnswered(t *testing.T) {
	const clients, timeout, comes = 4, time.Second, 1200 * time.Millisecond
	for _, tt := range []struct {
		name      string
		wrong     func(s *session, m message)
		want      map[string]uint64
		censored  uint64
		from      time.Duration // what is known of it
		gap       time.Duration // from when it came until the client goes on
		reconnect time.Duration
	}{
		{"the connection fails", func(s *session, m message) { s.drop() },
			map[string]uint64{Dropped: 1}, 0, 0, 500 * time.Millisecond, 500 * time.Millisecond},
		{"it comes too late", func(s *session, m message) { time.Sleep(comes); s.echo(m) },
			map[string]uint64{Late: 1}, 1, timeout, comes, 0},
		{"it never comes", func(*session, message) {},
			map[string]uint64{Unanswered: 1}, 1, timeout, timeout + grace, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				done := false
				v := newVirtual(t, func(s *session, m message) {
					if !done && m.n == 50 && ownerOf(m.image, clients) == 2 {
						done = true
						s.server.delay(tt.reconnect)
						tt.wrong(s, m)
						return
					}
					time.Sleep(swift)
					s.echo(m)
				})
				load := Load{Plan: schedule.Steady(100, 10*time.Second), Arrivals: schedule.Constant}
				got := play(t, v, Settings{Clients: clients, Timeout: timeout}, Block{Load: load})
				if diff := cmp.Diff(tt.want, got.Errors); diff != "" {
					t.Errorf("failures (-want +got):\n%s%v", diff, got.examples)
				}
				if got.Scheduled != 1000 || got.Images != 999 || got.Redials != 1 || got.Censored != tt.censored {
					t.Errorf("got %d of %d images, %d redials and %d lower bounds; want 999 of 1000, 1 and %d",
						got.Images, got.Scheduled, got.Redials, got.Censored, tt.censored)
				}
				// The next image is due 40 ms later.
				const look = 50 * time.Millisecond
				wait := opened(t, got.Wait)
				if w, want := time.Duration(wait.Max()), tt.gap-40*time.Millisecond; w < want-look/5 || w > want+2*look {
					t.Errorf("wait: got up to %v, want %v", w, want)
				}
				if s := time.Duration(opened(t, got.Service).Max()); !within(0.001, s, swift) {
					t.Errorf("service time: got up to %v, want %v: what failed is not timed", s, swift)
				}
				if d := time.Duration(got.CensoredFromNs); d < tt.from || d > tt.from+look {
					t.Errorf("censored from %v, want %v", d, tt.from)
				}
				if n := uint64(opened(t, got.Response).TotalCount()); n != got.Images+got.Censored {
					t.Errorf("%d response times, want %d and %d lower bounds", n, got.Images, got.Censored)
				}
			})
		})
	}
}

// TestServerThatIsGone takes the server away for 5 s. Every client comes back
// within its back-off, and what was due meanwhile has waited all the time, in
// response time.
func TestServerThatIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const clients, from, until = 32, 3951500 * time.Microsecond, 8951500 * time.Microsecond
		backoff := churn.Backoff{Base: 100 * time.Millisecond, Most: 2 * time.Second}
		var mu sync.Mutex
		back := make([]time.Duration, clients) // when each client sent for the first time after the outage
		v := newVirtual(t, func(s *session, m message) {
			owner, came := ownerOf(m.image, clients), s.server.since(m.at)
			mu.Lock()
			if back[owner] == 0 && came > from {
				back[owner] = came
			}
			mu.Unlock()
			time.Sleep(swift)
			s.echo(m)
		})
		time.AfterFunc(from+lead, v.fall)
		time.AfterFunc(until+lead, v.rise)
		load := Load{Plan: schedule.Steady(500, 15*time.Second), Arrivals: schedule.Constant}
		got := play(t, v, Settings{Clients: clients, Backoff: backoff}, Block{Load: load, Redial: true})
		for c, at := range back {
			if at < until || at > until+backoff.Most {
				t.Errorf("client %d came back at %v, want within %v of %v", c, at, backoff.Most, until)
			}
		}
		want := foretell(load, clients, func(c, _ int, begin time.Duration) time.Duration {
			if begin >= from && begin < back[c] {
				begin = back[c]
			}
			return begin + swift
		})
		if response := opened(t, got.Response); !response.Equals(want.response) {
			t.Errorf("response time is not from when images were due: mean, p90 and max are %v %v %v, want %v %v %v",
				mean(response), at(response, 90), at(response, 100), mean(want.response), at(want.response, 90), at(want.response, 100))
		}
		if got.Images != 7500 || got.Scheduled != 7500 || got.Redials != clients {
			t.Errorf("got %d of %d images and %d redials, want 7500 of 7500 and %d", got.Images, got.Scheduled, got.Redials, clients)
		}
		dropped, refused := got.Errors[Dropped], got.Errors[Refused]
		if dropped != clients || refused == 0 || got.failed() != dropped+refused {
			t.Errorf("failures: got %v, want %d %s, and %s some times", got.Errors, clients, Dropped, Refused)
		}
		if late := opened(t, got.Lateness).Max(); late != 0 {
			t.Errorf("lateness: got up to %v, want none", time.Duration(late))
		}
	})
}
