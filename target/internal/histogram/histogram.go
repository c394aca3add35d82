// Package histogram counts durations without a lock.
//
// HdrHistogram's own recorder is not safe for concurrent use, and a lock is
// what a server that counts four durations an image can least afford. This
// recorder has the bucket layout of an HdrHistogram with two significant
// digits, each bucket an atomic counter, and becomes a real one when read:
// some 10 ns a value.
package histogram

import (
	"math/bits"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// The range and precision: 1 ns to 60 s within 1 %. What lies outside is
// counted at the edge.
const (
	Highest = 60 * time.Second
	Digits  = 2
)

const (
	// halfBits and half describe the layout: values below 2*half have a bucket
	// each, and each doubling beyond is cut into half buckets.
	halfBits = 7
	half     = 1 << halfBits
	// doublings reaches beyond Highest, 36 bits of nanoseconds.
	doublings = 36 - halfBits
	buckets   = (doublings + 1) * half
)

// Recorder counts durations. The zero value is ready; it takes 30 KB and is
// safe for concurrent use, fastest when each core has one of its own.
type Recorder struct {
	counts [buckets]atomic.Uint64
}

// Record counts one duration.
func (r *Recorder) Record(d time.Duration) {
	r.counts[index(d)].Add(1)
}

// AddTo adds what was counted to h, which must come from New. Values recorded
// meanwhile may be missed.
func (r *Recorder) AddTo(h *hdrhistogram.Histogram) error {
	for i := range r.counts {
		n := r.counts[i].Load()
		if n == 0 {
			continue
		}
		if err := h.RecordValues(min(value(i), int64(Highest)), int64(n)); err != nil {
			return err
		}
	}
	return nil
}

// New returns an empty histogram in nanoseconds for AddTo.
func New() *hdrhistogram.Histogram {
	return hdrhistogram.New(1, int64(Highest), Digits)
}

// index returns the bucket of d. With s the number of bits beyond the first
// halfBits+1, the bucket is the top halfBits+1 bits of d, offset by s*half.
func index(d time.Duration) int {
	v := uint64(max(0, min(d, Highest)))
	s := bits.Len64(v|(2*half-1)) - (halfBits + 1)
	return s<<halfBits + int(v>>s)
}

// value returns the lowest duration of bucket i, in nanoseconds.
func value(i int) int64 {
	s := max(0, i>>halfBits-1)
	return int64(i-s<<halfBits) << s
}
