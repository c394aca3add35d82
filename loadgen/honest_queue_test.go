package loadgen

import (
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wsimg/wsimg/loadgen/schedule"
	"github.com/wsimg/wsimg/loadgen/verdict"
)

// TestWaitsOfQueues meets servers whose mean wait the theory of queues knows:
// one client, one image in flight and Poisson arrivals make the M/G/1 queue of
// Pollaczek and Khinchine, in which
//
//	mean wait = ρ/(1−ρ) · (1+C²)/2 · mean service time
//
// with C² = 1 for exponential service times (M/M/1) and 0 for fixed ones
// (M/D/1). A generator that sends when it can and not when it should waits
// for nothing.
//
// Waits of neighbours resemble each other, the more the higher the load: the
// standard error of the mean wait of n images is √(k/n) of it, with k = 29,
// 124, 14 and 60 below (Daley, The serial correlation coefficients of waiting
// times, 1968, for M/M/1; simulated for M/D/1). Each n makes that 2.5 %.
func TestWaitsOfQueues(t *testing.T) {
	const work = 10 * time.Millisecond // mean service time
	for _, tt := range []struct {
		name        string
		load        float64
		exponential bool
		images      int
		want        time.Duration
	}{
		{"M/M/1 at 50 %", 0.5, true, 46_000, 10 * time.Millisecond},
		{"M/M/1 at 80 %", 0.8, true, 200_000, 40 * time.Millisecond},
		{"M/D/1 at 50 %", 0.5, false, 22_000, 5 * time.Millisecond},
		{"M/D/1 at 80 %", 0.8, false, 96_000, 20 * time.Millisecond},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				images := tt.images
				if testing.Short() || RaceEnabled {
					images /= 20
				}
				draw := rand.New(rand.NewPCG(1, 2))
				works := make([]time.Duration, 2*images)
				for i := range works {
					works[i] = work
					if tt.exponential {
						works[i] = time.Duration(float64(work) * draw.ExpFloat64())
					}
				}
				v := newVirtual(t, serial(func(m message) time.Duration { return works[m.n] }))
				rate := tt.load / work.Seconds()
				load := Load{
					Plan:     schedule.Steady(rate, time.Duration(float64(images)/rate*float64(time.Second))),
					Arrivals: schedule.Poisson, Seed: 3,
				}
				got := play(t, v, Settings{Clients: 1, Timeout: time.Minute}, Block{Load: load})
				foretell(load, 1, func(_, n int, begin time.Duration) time.Duration { return begin + works[n] }).check(t, got.Sample)
				if wait := mean(opened(t, got.Wait)); images == tt.images && !within(0.05, wait, tt.want) {
					t.Errorf("mean wait of %d images: got %v, want %v ± 5 %%", got.Images, wait, tt.want)
				}
			})
		})
	}
}

// TestTwiceTheCapacity sends 200 images a second to a server that can do 100.
//
// Image k is due at 5 ms · k and answered at 10 ms · (k+1): response time grows
// by 5 ms an image, up to half the run, and p50 is half the run in a run of any
// length: 5 s in 10 s, 10 s in 20 s. When patience ends at 3 s after the plan
// (timeout 2 s, twice 0.5 s of grace), 100 images for each second until then
// are answered, and the k-th is the first of which only a lower bound is known.
// The last one due has then waited the shortest, 3 s: so below 3 s there are
// answered images alone, one each 5 ms, and above twice as many a second:
//
//	p50 of 10 s: 1,000 = r/5 ms + (r − 3 s)/5 ms, r = 4 s
//	p50 of 20 s: 2,000 = r/5 ms + (r − 3 s)/5 ms, r = 6.5 s
//
// A generator that forgets them says 2.5 s or so, and calls it a percentile.
func TestTwiceTheCapacity(t *testing.T) {
	const work = 10 * time.Millisecond
	for _, tt := range []struct {
		name     string
		length   time.Duration
		timeout  time.Duration
		p50      time.Duration
		censored uint64
	}{
		{"10 s, all answered", 10 * time.Second, time.Minute, 5 * time.Second, 0},
		{"20 s, all answered", 20 * time.Second, time.Minute, 10 * time.Second, 0},
		{"10 s, with a limit to patience", 10 * time.Second, 2 * time.Second, 4 * time.Second, 700},
		{"20 s, with a limit to patience", 20 * time.Second, 2 * time.Second, 6500 * time.Millisecond, 1700},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v := newVirtual(t, serial(always(work)))
				load := Load{Plan: schedule.Steady(200, tt.length), Arrivals: schedule.Constant}
				got := play(t, v, Settings{Clients: 1, Timeout: tt.timeout}, Block{Load: load})

				response := opened(t, got.Response)
				if p50 := at(response, 50); !within(0.01, p50, tt.p50) {
					t.Errorf("response time p50: got %v, want %v", p50, tt.p50)
				}
				if n := uint64(response.TotalCount()); n != got.Scheduled || n != uint64(tt.length.Seconds())*200 {
					t.Errorf("%d response times of %d images that were due, want 200 a second of %v", n, got.Scheduled, tt.length)
				}
				if got.Images+got.Censored != got.Scheduled {
					t.Errorf("%d images and %d lower bounds make not %d due", got.Images, got.Censored, got.Scheduled)
				}
				// The drain ends with the first look at the clock after its time, and
				// looks lie as far apart as the server takes for 5 images. An answer of
				// that very instant may be read before or after it.
				const looks, instant = uint64(oftenest / work), 1
				if most := tt.censored + instant; tt.censored == 0 && got.Censored > 0 || got.Censored > most || got.Censored+looks+instant < tt.censored {
					t.Errorf("censored: got %d, want %d to %d", got.Censored, max(looks+instant, tt.censored)-looks-instant, most)
				}
				if got.Errors[Unsent]+got.Errors[Unanswered] != got.Censored || got.Errors[Unanswered] > 1 || got.failed() != got.Censored {
					t.Errorf("failures: got %v, want %d %s, of which one may be %s", got.Errors, got.Censored, Unsent, Unanswered)
				}
				if want := 3 * time.Second; tt.censored > 0 {
					if from := time.Duration(got.CensoredFromNs); from < want || from > want+60*time.Millisecond {
						t.Errorf("censored from %v, want %v: what was due last", from, want)
					}
				}
				if late := opened(t, got.Lateness).Max(); late != 0 {
					t.Errorf("lateness: got up to %v, want none: the server is late", time.Duration(late))
				}
				if j := judged(false, got.Sample); j.Kind != verdict.Valid {
					t.Errorf("verdict: got %+v, want %s: the server is the limit", j, verdict.Valid)
				}
			})
		})
	}
}
