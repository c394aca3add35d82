package objective

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/wsimg/wsimg/loadgen/record"
)

// queue is a server that works on one image after the other, and the load on it:
// what a probe of it measures is computed and not waited for.
type queue struct {
	rate    float64       // images due a second
	work    time.Duration // an image, mean
	poisson bool          // else evenly due
	random  bool          // work is exponential; else always the same
	delay   time.Duration // on top of each response, holding up nobody
	stalls  []stall
	fails   func(n int) bool // image n fails when it is answered; nil: none does

	length, rampIn, every time.Duration // filled in where 0
	cut                   bool          // it ends when Backlog says so
	objectives            []Objective   // that it is asked of
	seed                  uint64
	bare                  bool // without histograms, which take most of the time
}

// stall is a time in which the server stands still.
type stall struct{ from, length time.Duration }

// past returns when what begins at an instant, and takes so long, is done.
func (q queue) past(begin, takes time.Duration) time.Duration {
	for _, s := range q.stalls {
		if begin < s.from+s.length && begin+takes > s.from {
			if begin < s.from {
				takes -= s.from - begin
			}
			begin = s.from + s.length
		}
	}
	return begin + takes
}

// image is what becomes of one.
type image struct {
	due, begin, done time.Duration
	failed           bool
}

// images plays the load.
func (q queue) images() []image {
	draw := rand.New(rand.NewPCG(q.seed, 1))
	var all []image
	var due, free time.Duration
	for n := 0; ; n++ {
		gap := 1.0
		if q.poisson {
			gap = draw.ExpFloat64()
		}
		if n > 0 || q.poisson {
			due += time.Duration(gap / q.rate * 1e9)
		}
		if due >= q.length {
			return all
		}
		work := q.work
		if q.random {
			work = time.Duration(draw.ExpFloat64() * float64(q.work))
		}
		begin := max(due, free)
		free = q.past(begin, work)
		all = append(all, image{due, begin, free + q.delay, q.fails != nil && q.fails(n)})
	}
}

// probe is what a probe of it measured, and whether it was ended early.
func (q queue) probe(t testing.TB) (*record.Sample, bool) {
	if q.length == 0 {
		q.length = 2200 * time.Millisecond
	}
	if q.every == 0 {
		q.every = 100 * time.Millisecond
	}
	if q.rampIn == 0 {
		q.rampIn = 200 * time.Millisecond
	}
	images := q.images()
	var points []record.Point
	stop, stopped := q.length, false
	b := NewBacklog(q.objectives)
	for from := time.Duration(0); from < q.length && !stopped; from += q.every {
		p := q.point(t, images, from, from+q.every, stop)
		points = append(points, p)
		if q.cut && b.Add(p) {
			stop, stopped = from+q.every, true
		}
	}
	end := stop
	s := &record.Sample{Seconds: (stop - q.rampIn).Seconds(), Errors: map[string]uint64{}}
	var all []time.Duration
	for _, m := range images {
		if m.due >= stop {
			continue
		}
		end = max(end, m.done)
		s.BlockImages++
		if m.done >= q.rampIn && m.done < stop && !m.failed {
			s.Credit++
		}
		if m.due >= q.rampIn {
			s.Scheduled++
		}
		if m.failed {
			s.BlockImages--
			s.Errors["flipped"]++
		} else if m.due >= q.rampIn {
			s.Images++
			all = append(all, m.done-m.due)
		}
	}
	for from := stop; from < end; from += q.every {
		points = append(points, q.point(t, images, from, min(end+1, from+q.every), stop))
	}
	s.Drain = &record.Stretch{Seconds: points[len(points)-1].AtSeconds - stop.Seconds() + 0.007} // as late as a fleet is
	s.Series = points
	if !q.bare {
		s.Response = frozen(t, all)
	}
	return s, stopped
}

// point is what happened in one step.
func (q queue) point(t testing.TB, images []image, from, to, stop time.Duration) record.Point {
	p := record.Point{AtSeconds: to.Seconds(), Seconds: (to - from).Seconds(), Errors: map[string]uint64{}}
	var response, service, wait []time.Duration
	for _, m := range images {
		if m.due >= to {
			break
		}
		if m.due >= stop {
			continue
		}
		if m.due >= from {
			p.Scheduled++
		}
		switch {
		case m.done < from || m.done >= to:
		case m.failed:
			p.Errors["flipped"]++
		default:
			p.Images++
			response = append(response, m.done-m.due)
			service = append(service, m.done-m.begin)
			wait = append(wait, m.begin-m.due)
		}
	}
	cpu := int64(float64(p.Images) * float64(q.work))
	p.GeneratorCPUNs, p.TargetCPUNs = cpu/2, &cpu
	if !q.bare {
		p.Response, p.Service, p.Wait = frozen(t, response), frozen(t, service), frozen(t, wait)
	}
	return p
}

// frozen is a histogram of times.
func frozen(t testing.TB, times []time.Duration) record.Histogram {
	t.Helper()
	h := record.NewHistogram()
	for _, d := range times {
		_ = h.RecordValue(int64(d))
	}
	f, err := record.Encode(h)
	if err != nil {
		t.Fatal(err)
	}
	return f
}
