package loadgen

import (
	"runtime"
	"sync"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/wsimg/wsimg/loadgen/record"
)

// roundTrip is one verified image, instants on the fleet's clock.
type roundTrip struct {
	due      int64 // when it should have been sent
	begin    int64 // when its client turned to it, before encoding
	start    int64 // the write call
	end      int64 // the read that returned the last byte
	verified int64 // the comparison was done
	bytes    int   // of the raw image
	sent     int   // WebSocket bytes
	received int64
}

// recorder keeps what a block measures, in a few shards that clients share:
// never one histogram a connection. The shards are merged when the block has
// drained.
type recorder struct {
	shards []shard
}

type shard struct {
	mu                          sync.Mutex
	response, service, lateness *hdrhistogram.Histogram
	sum                         tally
	_                           [64]byte // keeps neighbours off this cache line
}

// tally is what a shard counts.
type tally struct {
	images      uint64
	credit      float64
	creditBytes float64
	blockImages uint64
	blockBytes  uint64
	sent        uint64
	received    uint64
	clamped     uint64
}

func newRecorder() *recorder {
	r := &recorder{shards: make([]shard, 2*runtime.GOMAXPROCS(0))}
	for i := range r.shards {
		s := &r.shards[i]
		s.response, s.service, s.lateness = record.NewHistogram(), record.NewHistogram(), record.NewHistogram()
	}
	return r
}

// add records one round trip of a client, of which share lies in the window;
// it belongs to the window if it was due in it.
func (r *recorder) add(client int, t *roundTrip, share float64, inWindow bool) {
	s := &r.shards[client%len(r.shards)]
	s.mu.Lock()
	s.sum.blockImages++
	s.sum.blockBytes += uint64(t.bytes)
	s.sum.sent += uint64(t.sent)
	s.sum.received += uint64(t.received)
	s.sum.credit += share
	s.sum.creditBytes += share * float64(t.bytes)
	if inWindow {
		s.sum.images++
		s.sum.note(s.response, t.end-t.due)
		s.sum.note(s.service, t.end-t.start)
		s.sum.note(s.lateness, t.begin-t.due)
	}
	s.mu.Unlock()
}

// credit adds what the window was owed of a round trip recorded before the
// window was known to be open.
func (r *recorder) credit(client int, bytes int, share float64) {
	s := &r.shards[client%len(r.shards)]
	s.mu.Lock()
	s.sum.credit += share
	s.sum.creditBytes += share * float64(bytes)
	s.mu.Unlock()
}

// note records ns, at the edge of the range when it lies outside. Lateness may
// well be less than the lowest: that is no news, and not counted.
func (t *tally) note(h *hdrhistogram.Histogram, ns int64) {
	if v := min(max(ns, int64(record.Lowest)), int64(record.Highest)); v != ns {
		if ns > v {
			t.clamped++
		}
		ns = v
	}
	_ = h.RecordValue(ns) // cannot fail within the range
}

// merge moves all that was recorded into a sample and empties the recorder.
func (r *recorder) merge(into *record.Sample) error {
	var sum tally
	first := &r.shards[0]
	for i := range r.shards {
		s := &r.shards[i]
		s.mu.Lock()
		sum.images += s.sum.images
		sum.credit += s.sum.credit
		sum.creditBytes += s.sum.creditBytes
		sum.blockImages += s.sum.blockImages
		sum.blockBytes += s.sum.blockBytes
		sum.sent += s.sum.sent
		sum.received += s.sum.received
		sum.clamped += s.sum.clamped
		s.sum = tally{}
		if i > 0 {
			for _, p := range [][2]*hdrhistogram.Histogram{
				{first.response, s.response}, {first.service, s.service}, {first.lateness, s.lateness},
			} {
				if p[1].TotalCount() > 0 {
					p[0].Merge(p[1])
					p[1].Reset()
				}
			}
		}
		s.mu.Unlock()
	}
	into.Images, into.Credit, into.CreditBytes = sum.images, sum.credit, sum.creditBytes
	into.BlockImages, into.BlockBytes = sum.blockImages, sum.blockBytes
	into.WireSentBytes, into.WireReceivedBytes = sum.sent, sum.received
	into.Clamped = sum.clamped
	for _, h := range []struct {
		from *hdrhistogram.Histogram
		to   *record.Histogram
	}{{first.response, &into.Response}, {first.service, &into.Service}, {first.lateness, &into.Lateness}} {
		frozen, err := record.Encode(h.from)
		if err != nil {
			return err
		}
		*h.to = frozen
		h.from.Reset()
	}
	return nil
}
