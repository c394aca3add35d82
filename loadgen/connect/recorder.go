package connect

import (
	"fmt"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/wsimg/wsimg/loadgen/record"
)

// Recorder keeps histograms of phases. The zero value is ready. It is safe for
// concurrent use, and takes memory, some 900 KB, only while there is something
// to tell.
type Recorder struct {
	mu sync.Mutex
	h  *histograms // nil: nothing was added
}

// histograms are those of the phases, in ns.
type histograms struct {
	tcp, tls, upgrade, connect *hdrhistogram.Histogram
}

// Add records what a connection took that came to be.
func (r *Recorder) Add(p Phases) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.h == nil {
		r.h = &histograms{
			tcp: record.NewHistogram(), tls: record.NewHistogram(),
			upgrade: record.NewHistogram(), connect: record.NewHistogram(),
		}
	}
	add(r.h.tcp, p.TCP)
	if p.TLS > 0 {
		add(r.h.tls, p.TLS)
	}
	add(r.h.upgrade, p.Upgrade)
	add(r.h.connect, p.Total())
}

// add clamps to the range of a histogram, which then takes every value.
func add(h *hdrhistogram.Histogram, d time.Duration) {
	_ = h.RecordValue(int64(min(max(d, 1), record.Highest)))
}

// Take puts what was added since it was last called into the histograms TCP,
// TLS, Upgrade and Connect of c; the rest of c is left alone.
func (r *Recorder) Take(c *record.Connections) error {
	r.mu.Lock()
	h := r.h
	r.h = nil
	r.mu.Unlock()
	c.TCP, c.TLS, c.Upgrade, c.Connect = record.Histogram{}, record.Histogram{}, record.Histogram{}, record.Histogram{}
	if h == nil {
		return nil
	}
	for _, phase := range []struct {
		name string
		from *hdrhistogram.Histogram
		to   *record.Histogram
	}{
		{"TCP", h.tcp, &c.TCP}, {"TLS", h.tls, &c.TLS}, {"upgrade", h.upgrade, &c.Upgrade}, {"connect", h.connect, &c.Connect},
	} {
		var err error
		if *phase.to, err = record.Encode(phase.from); err != nil {
			return fmt.Errorf("phase %s: %w", phase.name, err)
		}
	}
	return nil
}
