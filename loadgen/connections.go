package loadgen

import (
	"sync"
	"sync/atomic"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/wsimg/wsimg/loadgen/connect"
	"github.com/wsimg/wsimg/loadgen/record"
)

// connections counts what becomes of a fleet's connections. It is safe for
// concurrent use.
type connections struct {
	dialed, connected         atomic.Uint64
	lost, retired, cut        atomic.Uint64
	replaced                  atomic.Uint64 // of connected: in the place of another
	lostImages, delayedImages atomic.Uint64
	used                      atomic.Int64 // instant at which the last connection ended that was of use
	phases                    connect.Recorder

	mu        sync.Mutex
	reconnect *hdrhistogram.Histogram // nil: nobody came back
}

// came counts a connection, with what its phases took.
func (c *connections) came(p connect.Phases) {
	c.connected.Add(1)
	c.phases.Add(p)
}

// back records a client that can send again after so long.
func (c *connections) back(after int64) {
	c.replaced.Add(1)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.reconnect == nil {
		c.reconnect = record.NewHistogram()
	}
	_ = c.reconnect.RecordValue(min(max(after, 1), int64(record.Highest))) // within the range
}

// take returns what was counted since it was last called.
func (c *connections) take() (record.Connections, error) {
	r := record.Connections{
		Dialed: c.dialed.Swap(0), Connected: c.connected.Swap(0),
		Lost: c.lost.Swap(0), Retired: c.retired.Swap(0), Cut: c.cut.Swap(0),
		LostImages: c.lostImages.Swap(0), DelayedImages: c.delayedImages.Swap(0),
	}
	c.replaced.Store(0)
	if err := c.phases.Take(&r); err != nil {
		return r, err
	}
	c.mu.Lock()
	h := c.reconnect
	c.reconnect = nil
	c.mu.Unlock()
	if h == nil {
		return r, nil
	}
	var err error
	r.Reconnect, err = record.Encode(h)
	return r, err
}
