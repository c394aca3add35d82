package loadgen

import (
	"math"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/schedule"
	"github.com/wsimg/wsimg/loadgen/verdict"
)

// expected is what an honest generator measures.
type expected struct {
	*histograms
	images uint64
}

// foretell computes it without a generator, client by client, with one image in
// flight: the recursion of Lindley (The theory of queues with a single server,
// 1952). An image of a client, its n-th, is sent when it is due and the one
// before was answered; done says when a server answers what it gets at begin.
func foretell(load Load, clients int, done func(client, n int, begin time.Duration) time.Duration) expected {
	e := expected{histograms: newHistograms()}
	for c := range clients {
		arrivals := schedule.NewArrivals(load.Arrivals, load.Plan, c, clients, load.Seed)
		var free time.Duration
		n := 0
		for due, ok := arrivals.Next(); ok; due, ok = arrivals.Next() {
			begin := max(due, free)
			end := done(c, n, begin)
			_ = e.response.RecordValue(int64(end - due))
			_ = e.service.RecordValue(int64(end - begin))
			_ = e.wait.RecordValue(int64(begin - due))
			_ = e.lateness.RecordValue(0)
			free = end
			n++
		}
		e.images += uint64(n)
	}
	return e
}

// check holds a sample to e: image by image, to the precision of a histogram.
func (e expected) check(t *testing.T, s record.Sample) {
	t.Helper()
	if s.Images != e.images || s.Scheduled != e.images || s.Censored != 0 || len(s.Errors) > 0 {
		t.Errorf("got %d images, %d scheduled, %d censored and failures %v; want %d, all verified",
			s.Images, s.Scheduled, s.Censored, s.Errors, e.images)
	}
	for _, h := range []struct {
		name string
		got  record.Histogram
		want *hdrhistogram.Histogram
	}{
		{"response time", s.Response, e.response}, {"service time", s.Service, e.service},
		{"wait", s.Wait, e.wait}, {"lateness", s.Lateness, e.lateness},
	} {
		got := opened(t, h.got)
		if got.Equals(h.want) {
			continue
		}
		t.Errorf("%s is not that of the same arrivals computed by hand: n, mean, p50, p99 and max are %d %v %v %v %v, want %d %v %v %v %v", h.name,
			got.TotalCount(), mean(got), at(got, 50), at(got, 99), at(got, 100),
			h.want.TotalCount(), mean(h.want), at(h.want, 50), at(h.want, 99), at(h.want, 100))
	}
}

func opened(t *testing.T, h record.Histogram) *hdrhistogram.Histogram {
	t.Helper()
	d, err := h.Decode()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// at is the p-th percentile.
func at(h *hdrhistogram.Histogram, p float64) time.Duration {
	return time.Duration(h.ValueAtQuantile(p))
}

func mean(h *hdrhistogram.Histogram) time.Duration { return time.Duration(h.Mean()) }

// within reports whether got is want, give or take a share of it.
func within(share float64, got, want time.Duration) bool {
	return math.Abs(float64(got-want)) <= share*math.Abs(float64(want))
}

// judged puts samples of an open load together as a run and judges them.
func judged(shared bool, samples ...record.Sample) verdict.Verdict {
	return verdict.Judge(&record.Run{
		Environment: record.Environment{Cores: 2, Shared: shared},
		Cells:       []record.Cell{{Mode: "binary", Load: record.Open, Clients: 4, RatePerS: 100, Samples: samples}},
	})
}
