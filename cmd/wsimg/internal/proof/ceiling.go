package proof

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/wsimg/wsimg/loadgen/alarm"
)

// ceiling is an echo server with a ceiling that is known: it saves a few images at
// a time, and each takes the same time. Those that wait are saved in the order of
// their arrival. Its sessions run in this process; close ends them.
type ceiling struct {
	url   string
	slots int
	save  time.Duration

	mu   sync.Mutex
	free []time.Time // when each slot will be

	http     *http.Server
	ctx      context.Context // done: sessions end
	cancel   context.CancelFunc
	sessions sync.WaitGroup
}

// serveCeiling starts a server on a free port of 127.0.0.1.
func serveCeiling(slots int, save time.Duration) (*ceiling, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start the server with a ceiling: %w", err)
	}
	c := &ceiling{url: fmt.Sprintf("ws://%s/", l.Addr()), slots: slots, save: save, free: make([]time.Time, slots)}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	c.http = &http.Server{Handler: c, ReadHeaderTimeout: 5 * time.Second}
	c.sessions.Go(func() { _ = c.http.Serve(l) })
	return c, nil
}

// most is how many images a second it can save.
func (c *ceiling) most() float64 { return float64(c.slots) / c.save.Seconds() }

// close ends the server.
func (c *ceiling) close() {
	c.mu.Lock() // after which no session begins
	c.cancel()
	c.mu.Unlock()
	_ = c.http.Close()
	c.sessions.Wait()
}

// take gives an image that arrives now the slot that is free first, and returns
// when it will have been saved.
func (c *ceiling) take(now time.Time) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	first := 0
	for i, at := range c.free {
		if at.Before(c.free[first]) {
			first = i
		}
	}
	begins := c.free[first]
	if begins.Before(now) {
		begins = now
	}
	c.free[first] = begins.Add(c.save)
	return c.free[first]
}

// ServeHTTP runs a session until its connection or the server ends.
func (c *ceiling) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !websocket.IsWebSocketUpgrade(r) {
		http.NotFound(w, r) // wsimg looks for a side channel
		return
	}
	c.mu.Lock()
	if c.ctx.Err() != nil {
		c.mu.Unlock()
		return
	}
	c.sessions.Add(1)
	c.mu.Unlock()
	defer c.sessions.Done()
	up := websocket.Upgrader{ReadBufferSize: 64 << 10}
	conn, err := up.Upgrade(w, r, nil)
	if err != nil {
		return // told the client
	}
	defer conn.Close()
	defer context.AfterFunc(c.ctx, func() { conn.Close() })()
	_ = c.session(conn) // that a client goes is how sessions end
}

// session saves and echoes until the connection ends, which is its error.
func (c *ceiling) session(conn *websocket.Conn) error {
	clock, err := alarm.New()
	if err != nil {
		return err
	}
	defer clock.Close()
	for {
		kind, message, err := conn.ReadMessage()
		if err != nil {
			return err
		}
		saved := c.take(time.Now())
		clock.Set(saved)
		for time.Until(saved) > 0 {
			clock.Wait()
		}
		if err := conn.WriteMessage(kind, message); err != nil {
			return err
		}
	}
}
