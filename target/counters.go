package target

import (
	"net/http"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/wsimg/wsimg/target/internal/histogram"
)

// mode is how an image travels.
type mode int

const (
	text mode = iota
	binary
	modes
)

func (m mode) String() string { return [...]string{"text", "binary"}[m] }

// stage is a part of the target's work on a message.
type stage int

const (
	receive stage = iota // the first bytes are there → the whole message is in memory
	inflate              // the message, out of a compressed one
	decode               // Base64 → image
	save                 // the call of the store
	deflate              // the reply, compressed
	echo                 // making and writing the reply, whichever it is
	stages
)

// counters is everything counted since the start. Each session adds to one of
// several shards, with atomics that hardly ever meet another core's.
type counters struct {
	shards []shard
	open   atomic.Int64
	total  atomic.Uint64
	cut    atomic.Uint64
	// refused counts HTTP refusals by status.
	refused [maxRefusal - minRefusal + 1]atomic.Uint64
}

type shard struct {
	modes  [modes]modeCounters
	closes [maxCloseCode - minCloseCode + 1]atomic.Uint64
	_      [64]byte // keeps neighbours' atomics off this cache line
}

// modeCounters counts the images of one mode. An image is counted as it comes to
// hand, and then as taken or refused, never both and never later than its reply.
type modeCounters struct {
	entered             atomic.Uint64
	taken, takenBytes   atomic.Uint64
	echoed, echoedBytes atomic.Uint64
	refused             atomic.Uint64
	stages              [stages]stageCounter
}

type stageCounter struct {
	count   atomic.Uint64
	totalNs atomic.Int64
	times   histogram.Recorder
}

func (c *stageCounter) add(d time.Duration) {
	c.count.Add(1)
	c.totalNs.Add(int64(d))
	c.times.Record(d)
}

// Close codes of RFC 6455 section 7.4.1, the ones that are counted.
const (
	minCloseCode = 1000
	maxCloseCode = 1015
)

// The HTTP statuses of refusals before a session, 401, 403, 429 and 503, lie
// between these.
const (
	minRefusal = http.StatusUnauthorized
	maxRefusal = http.StatusServiceUnavailable
)

// refusals are those that are counted.
var refusals = [...]int{http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests, http.StatusServiceUnavailable}

// maxShards bounds the memory and the time that summing up takes.
const maxShards = 16

func newCounters() *counters {
	return &counters{shards: make([]shard, min(runtime.GOMAXPROCS(0), maxShards))}
}

// shard returns the shard that a session adds to.
func (c *counters) shard(session uint64) *shard {
	return &c.shards[session%uint64(len(c.shards))]
}

// sum adds all shards up.
func (c *counters) sum(s *Stats) {
	s.Connections = ConnectionStats{Open: c.open.Load(), Total: c.total.Load(), Cut: c.cut.Load()}
	s.CloseCodes, s.Refused = map[int]uint64{}, map[int]uint64{}
	for _, status := range refusals {
		s.Refused[status] = c.refused[status-minRefusal].Load()
	}
	for i := range c.shards {
		shard := &c.shards[i]
		shard.modes[text].sum(&s.Images.Text, &s.Bytes, &s.Stages.Text)
		shard.modes[binary].sum(&s.Images.Binary, &s.Bytes, &s.Stages.Binary)
		for i := range shard.closes {
			if n := shard.closes[i].Load(); n > 0 {
				s.CloseCodes[minCloseCode+i] += n
			}
		}
	}
	s.Images.ImageCounts = s.Images.Text.plus(s.Images.Binary)
}

func (m *modeCounters) sum(images *ImageCounts, bytes *ByteStats, stages *StageStats) {
	// What follows is read first, and so is never seen ahead: echoed comes after
	// taken, which comes after entered.
	echoed, echoedBytes := m.echoed.Load(), m.echoedBytes.Load()
	taken, takenBytes, refused := m.taken.Load(), m.takenBytes.Load(), m.refused.Load()
	received := taken + refused
	*images = images.plus(ImageCounts{
		Received: received, Saved: taken, Echoed: echoed, Refused: refused, InHand: m.entered.Load() - received,
	})
	bytes.Received += takenBytes
	bytes.Saved += takenBytes
	bytes.Echoed += echoedBytes
	for i, s := range stages.all() {
		s.Count += m.stages[i].count.Load()
		s.TotalNs += m.stages[i].totalNs.Load()
	}
}

// histogram merges what all shards recorded of one stage.
func (c *counters) histogram(m mode, s stage) (*hdrhistogram.Histogram, error) {
	h := histogram.New()
	for i := range c.shards {
		if err := c.shards[i].modes[m].stages[s].times.AddTo(h); err != nil {
			return nil, err
		}
	}
	return h, nil
}

// turnedAway counts an HTTP refusal.
func (c *counters) turnedAway(status int) { c.refused[status-minRefusal].Add(1) }

// closed counts a close frame sent.
func (s *shard) closed(code int) {
	if code >= minCloseCode && code <= maxCloseCode {
		s.closes[code-minCloseCode].Add(1)
	}
}
