package loadgen

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/wsimg/wsimg/loadgen/schedule"
	"github.com/wsimg/wsimg/loadgen/verdict"
)

// A server that takes 1 ms an image and stands still for 2 s of every 10 s,
// from the fourth on.
const (
	stallEvery = 10 * time.Second
	stallFrom  = 4 * time.Second
	stall      = 2 * time.Second
	swift      = time.Millisecond
)

// thawed is when it has done the work that it begins at an instant: it begins
// again after the stall with what that interrupts.
func thawed(begin time.Duration) time.Duration {
	done := begin + swift
	cycle := begin.Truncate(stallEvery)
	if from := cycle + stallFrom; done > from && begin < from+stall {
		return from + stall + swift
	}
	return done
}

// TestServerThatFreezes is what a load generator is for: 100 images a second
// over 4 clients, against a server that freezes 2 s in every 10 s.
//
// Each freeze catches the 4 images that are on their way, or the next of each
// client; another 196 fall due meanwhile and wait. Of a client's images, one
// each 40 ms, the one due u after the beginning of the freeze has u/40 ms before
// it, which after the thaw take 1 ms each: its response time is 2 s − u + u/40.
// So a share of (2 s − r)/(0.975 · 10 s) of all images takes longer than r, and
//
//	p90 = 2 s − 0.1 · 9.75 s = 1.025 s    p99 = 2 s − 0.01 · 9.75 s = 1.9025 s
//
// of response time, give or take the 40 ms, and of the wait, for which the images
// that were caught do not count, give or take twice that. But only 4 in 1,000
// images have a service time of more than 1 ms. A generator that leaves out what
// it should have sent meanwhile, or counts from the instant it did, sees just
// those 4.
func TestServerThatFreezes(t *testing.T) {
	for _, tt := range []struct {
		name     string
		arrivals string
		freezes  func(c int) bool // for that client
		p90, p99 time.Duration
		margin   time.Duration // Poisson: some standard errors of the share that waits
		caught   int64         // images with a long service time at most, a freeze
	}{
		{"for all, constant arrivals", schedule.Constant, everybody, 1025 * time.Millisecond, 1902 * time.Millisecond, 80 * time.Millisecond, 4},
		{"for all, Poisson arrivals", schedule.Poisson, everybody, 1025 * time.Millisecond, 1902 * time.Millisecond, 200 * time.Millisecond, 4},
		// A quarter of the images: p99 = 2 s − 0.04 · 9.75 s. Another client's
		// being idle is no help.
		{"for one client of four, constant arrivals", schedule.Constant, func(c int) bool { return c == 2 }, swift, 1610 * time.Millisecond, 80 * time.Millisecond, 1},
		{"for one client of four, Poisson arrivals", schedule.Poisson, func(c int) bool { return c == 2 }, swift, 1610 * time.Millisecond, 300 * time.Millisecond, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				const clients, cycles = 4, 6
				done := func(client int, begin time.Duration) time.Duration {
					if tt.freezes(client) {
						return thawed(begin)
					}
					return begin + swift
				}
				v := newVirtual(t, func(s *session, m message) {
					begin := s.server.since(time.Now())
					time.Sleep(done(ownerOf(m.image, clients), begin) - begin)
					s.echo(m)
				})
				load := Load{Plan: schedule.Steady(100, cycles*stallEvery), Arrivals: tt.arrivals, Seed: 1}
				got := play(t, v, Settings{Clients: clients}, Block{Load: load})

				foretell(load, clients, func(c, _ int, begin time.Duration) time.Duration { return done(c, begin) }).check(t, got.Sample)
				response, service, wait := opened(t, got.Response), opened(t, got.Service), opened(t, got.Wait)
				for _, q := range []struct {
					p    float64
					want time.Duration
				}{{90, tt.p90}, {99, tt.p99}} {
					margin := tt.margin
					if q.want == swift {
						margin = swift
					}
					if r := at(response, q.p); (r - q.want).Abs() > margin {
						t.Errorf("response time p%v: got %v, want %v ± %v: the freeze must show", q.p, r, q.want, margin)
					}
					if w := at(wait, q.p); (w + swift - q.want).Abs() > margin {
						t.Errorf("wait p%v: got %v, want %v ± %v: the freeze is why", q.p, w, q.want-swift, margin)
					}
					if s := at(service, q.p); !within(0.01, s, swift) {
						t.Errorf("service time p%v: got %v, want %v: few images are on their way in a freeze", q.p, s, swift)
					}
				}
				var long int64
				for _, bar := range service.Distribution() {
					if bar.From > int64(2*swift) {
						long += bar.Count
					}
				}
				if most := tt.caught * cycles; long == 0 || long > most {
					t.Errorf("%d images have a long service time, want 1 to %d", long, most)
				}
				if late := opened(t, got.Lateness).Max(); late != 0 {
					t.Errorf("lateness: got up to %v, want none: the server is late", time.Duration(late))
				}
				if j := judged(false, got.Sample); j.Kind != verdict.Valid {
					t.Errorf("verdict: got %+v, want %s: the freeze is not the generator's", j, verdict.Valid)
				}
			})
		})
	}
}

func everybody(int) bool { return true }
