package loadgen

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/schedule"
)

// distribution is one of service times: the time that a share p of them does
// not exceed.
type distribution struct {
	name    string
	inverse func(p float64) time.Duration
}

var distributions = []distribution{
	{"fixed", func(float64) time.Duration { return 5 * time.Millisecond }},
	{"exponential", func(p float64) time.Duration {
		return time.Duration(-math.Log(1-p) * float64(5*time.Millisecond))
	}},
	{"bimodal", func(p float64) time.Duration { // 2 ms or 10 ms, a tenth to either side
		if p < 0.8 {
			return time.Duration((1.8 + 0.4*p/0.8) * float64(time.Millisecond))
		}
		return time.Duration((9 + 2*(p-0.8)/0.2) * float64(time.Millisecond))
	}},
}

// deck deals n service times, one from each n-th of the distribution, shuffled:
// their p99.9 is the distribution's, where that of n drawn ones would be 5 %
// off. It begins anew when it is through.
func (d distribution) deck(n int) func() time.Duration {
	times := make([]time.Duration, n)
	for i := range times {
		times[i] = d.inverse((float64(i) + 0.5) / float64(n))
	}
	rand.New(rand.NewPCG(1, 1)).Shuffle(n, func(i, j int) { times[i], times[j] = times[j], times[i] })
	var mu sync.Mutex
	next := 0
	return func() time.Duration {
		mu.Lock()
		defer mu.Unlock()
		next++
		return times[(next-1)%n]
	}
}

// TestKnownServiceTimesComeBack holds service times to what the server knows
// of them. With one image in flight they are the deck's, within 1 %. With four,
// an image that a slower one goes before waits for its turn to be answered: the
// server notes how long it kept each.
func TestKnownServiceTimesComeBack(t *testing.T) {
	images := 10_000
	if testing.Short() || RaceEnabled {
		images /= 10
	}
	for _, d := range distributions {
		for _, inFlight := range []int{1, 4} {
			for _, open := range []bool{false, true} {
				name := fmt.Sprintf("%s, %d in flight, closed", d.name, inFlight)
				if open {
					name = fmt.Sprintf("%s, %d in flight, open", d.name, inFlight)
				}
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) { serviceTimes(t, d, inFlight, open, images) })
				})
			}
		}
	}
}

func serviceTimes(t *testing.T, d distribution, inFlight int, open bool, images int) {
	const clients = 4
	var mu sync.Mutex
	kept := record.NewHistogram()
	deal := d.deck(images)
	v := newVirtual(t, func(s *session, m message) {
		time.Sleep(time.Until(m.at.Add(deal()))) // from when it came, behind those before it
		mu.Lock()
		_ = kept.RecordValue(int64(time.Since(m.at)))
		mu.Unlock()
		s.echo(m)
	})
	// Four clients do 800 images a second one by one. A closed loop is let go
	// on until the deck is through.
	b := Block{Length: time.Duration(images) * time.Second / 800 / time.Duration(inFlight)}
	if open {
		const rate = 400
		b = Block{Load: Load{Plan: schedule.Steady(rate, time.Duration(images)*time.Second/rate), Arrivals: schedule.Constant}}
	}
	got := play(t, v, Settings{Clients: clients, InFlight: inFlight}, b)
	if len(got.Errors) > 0 {
		t.Fatalf("failures: got %v, want none", got.examples)
	}
	service := opened(t, got.Service)
	if open && (got.Images != uint64(images) || !service.Equals(kept)) {
		t.Errorf("%d service times: p50, p99 and p99.9 are %v %v %v; the server kept %d images %v %v %v", got.Images,
			at(service, 50), at(service, 99), at(service, 99.9), kept.TotalCount(), at(kept, 50), at(kept, 99), at(kept, 99.9))
	}
	percentiles := []float64{50, 99, 99.9}
	if images < 10_000 {
		percentiles = []float64{50} // the deck's others are not the distribution's within 1 %
	}
	for _, p := range percentiles {
		want := at(kept, p)
		if inFlight == 1 {
			want = d.inverse(p / 100)
		}
		if s := at(service, p); !within(0.01, s, want) {
			t.Errorf("service time p%v: got %v, want %v ± 1 %%", p, s, want)
		}
	}
}
