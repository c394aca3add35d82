package loadgen

import (
	"runtime"
	"sync"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/wsimg/wsimg/loadgen/record"
)

// roundTrip is one verified image, instants on the fleet's clock.
type roundTrip struct {
	owed
	end      int64 // the read that returned the last byte
	verified int64 // the comparison was done
	bytes    int   // of the raw image
	received int64 // WebSocket bytes
}

// recorder keeps what a block measures, in a few shards that clients share:
// never one histogram a connection. What the shards hold moves to the total
// when the block has drained, and before whenever somebody wants to know.
type recorder struct {
	shards []shard
	mu     sync.Mutex // guards total
	total  tally
	spare  *histograms // changes places with a shard's when a step is taken
}

type shard struct {
	mu  sync.Mutex
	now tally
	_   [64]byte // keeps neighbours off this cache line
}

// tally is what is counted, and the histograms.
type tally struct {
	counts
	*histograms
}

type counts struct {
	images      uint64
	credit      float64
	creditBytes float64
	blockImages uint64
	blockBytes  uint64
	sent        uint64
	received    uint64
	encode      int64
	clamped     uint64

	censored     uint64
	censoredFrom int64 // the least; 0: none
}

type histograms struct {
	response, service, wait, lateness *hdrhistogram.Histogram
}

func newHistograms() *histograms {
	return &histograms{record.NewHistogram(), record.NewHistogram(), record.NewHistogram(), record.NewHistogram()}
}

func (h *histograms) all() [4]*hdrhistogram.Histogram {
	return [4]*hdrhistogram.Histogram{h.response, h.service, h.wait, h.lateness}
}

func newRecorder(clients int) *recorder {
	r := &recorder{shards: make([]shard, min(clients, 2*runtime.GOMAXPROCS(0)))}
	for i := range r.shards {
		r.shards[i].now.histograms = newHistograms()
	}
	r.total.histograms = newHistograms()
	return r
}

func (r *recorder) shard(client int) *shard { return &r.shards[client%len(r.shards)] }

// add records one round trip of a client, of which share lies in the window;
// it belongs to the window if it was due in it.
func (r *recorder) add(client int, t *roundTrip, share float64, inWindow bool) {
	s := r.shard(client)
	s.mu.Lock()
	n := &s.now
	n.blockImages++
	n.blockBytes += uint64(t.bytes)
	n.sent += uint64(t.sent)
	n.received += uint64(t.received)
	n.encode += t.start - t.begin
	n.credit += share
	n.creditBytes += share * float64(t.bytes)
	if inWindow {
		n.images++
		n.note(n.response, t.end-t.due)
		n.note(n.service, t.end-t.start)
		n.note(n.wait, t.ready-t.due)
		n.note(n.lateness, t.late())
	}
	s.mu.Unlock()
}

// credit adds what the window was owed of a round trip recorded before the
// window was known to be open.
func (r *recorder) credit(client int, bytes int, share float64) {
	s := r.shard(client)
	s.mu.Lock()
	s.now.credit += share
	s.now.creditBytes += share * float64(bytes)
	s.mu.Unlock()
}

// censor records an image that was given up after so long: its response time
// is at least that. It is in the total alone: a step holds what was answered
// in it.
func (r *recorder) censor(waited int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.total.note(r.total.response, waited)
	r.total.bound(max(1, waited))
	r.total.censored++
}

// note records ns, at the edge of the range when it lies outside. A wait or a
// lateness of nothing is no news, and not counted as such.
func (t *tally) note(h *hdrhistogram.Histogram, ns int64) {
	if ns > int64(record.Highest) {
		ns = int64(record.Highest)
		t.clamped++
	}
	_ = h.RecordValue(max(0, ns)) // cannot fail within the range
}

// bound lowers the least of what is censored to ns.
func (c *counts) bound(ns int64) {
	if ns > 0 && (c.censoredFrom == 0 || ns < c.censoredFrom) {
		c.censoredFrom = ns
	}
}

// add adds what o counted.
func (c *counts) add(o counts) {
	c.images += o.images
	c.credit += o.credit
	c.creditBytes += o.creditBytes
	c.blockImages += o.blockImages
	c.blockBytes += o.blockBytes
	c.sent += o.sent
	c.received += o.received
	c.encode += o.encode
	c.clamped += o.clamped
	c.censored += o.censored
	c.bound(o.censoredFrom)
}

// merge adds what the histograms of from hold to h.
func (h *histograms) merge(from *histograms) {
	into := h.all()
	for i, f := range from.all() {
		if f.TotalCount() > 0 {
			into[i].Merge(f)
		}
	}
}

// drain moves what the histograms of from hold into h.
func (h *histograms) drain(from *histograms) {
	h.merge(from)
	for _, f := range from.all() {
		if f.TotalCount() > 0 {
			f.Reset()
		}
	}
}

// step moves what the shards hold to the total, and returns it apart; into is
// empty, or nil. Clients may go on recording: a shard is locked for no longer
// than it takes to change its histograms.
func (r *recorder) step(into *histograms) counts {
	var sum counts
	if r.spare == nil {
		r.spare = newHistograms()
	}
	for i := range r.shards {
		s := &r.shards[i]
		s.mu.Lock()
		taken := s.now
		s.now = tally{histograms: r.spare}
		s.mu.Unlock()
		sum.add(taken.counts)
		if into != nil {
			into.drain(taken.histograms)
		} else {
			r.mu.Lock()
			r.total.drain(taken.histograms)
			r.mu.Unlock()
		}
		r.spare = taken.histograms
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.total.add(sum)
	if into != nil {
		r.total.merge(into)
	}
	return sum
}

// merge moves all that was recorded into a sample and empties the recorder.
func (r *recorder) merge(into *record.Sample) error {
	r.step(nil)
	t := r.total.counts
	r.total.counts = counts{}
	into.Images, into.Credit, into.CreditBytes = t.images, t.credit, t.creditBytes
	into.BlockImages, into.BlockBytes = t.blockImages, t.blockBytes
	into.WireSentBytes, into.WireReceivedBytes = t.sent, t.received
	into.EncodeNs, into.Clamped = t.encode, t.clamped
	into.Censored, into.CensoredFromNs = t.censored, t.censoredFrom
	for i, to := range []*record.Histogram{&into.Response, &into.Service, &into.Wait, &into.Lateness} {
		h := r.total.all()[i]
		frozen, err := record.Encode(h)
		if err != nil {
			return err
		}
		*to = frozen
		h.Reset()
	}
	return nil
}
