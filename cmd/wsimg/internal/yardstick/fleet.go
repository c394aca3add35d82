package yardstick

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

// Fleet is clients with an open connection each that drive a server back to
// back, block after block. Not safe for concurrent use, Close excepted.
//
// The first two seconds or so are to be thrown away: the kernel opens the
// receive windows bit by bit, and until then 100 KB runs at half the rate.
type Fleet struct {
	clients []*client
}

// Dial opens n connections to the server at addr. The messages, from Messages,
// are shared by the clients and only read. Close the Fleet after use.
func Dial(ctx context.Context, addr string, n int, messages [][]byte) (*Fleet, error) {
	f := &Fleet{}
	pool := newPool()
	for i := range n {
		c, err := dial(ctx, addr, pool)
		if err != nil {
			f.Close()
			return nil, fmt.Errorf("dial client %d of %d: %w", i+1, n, err)
		}
		c.messages, c.next = messages, i%len(messages)
		f.clients = append(f.clients, c)
	}
	return f, nil
}

// Close closes the connections. It may be called again, and while Run runs.
func (f *Fleet) Close() {
	for _, c := range f.clients {
		c.conn.Close()
	}
}

// Block is what a Fleet did in one Run.
type Block struct {
	// Messages counts those that returned and were verified, the last one of
	// each client by the share of its round trip that lies within Seconds.
	Messages float64
	// Seconds is how long round trips were started.
	Seconds float64
}

// Run has all clients make round trips for d and returns when each has its
// last reply. A client stops at its first fault, a wrong byte or a broken
// connection; err joins the faults, and the Fleet is of no more use then. When
// ctx is done the connections are closed, and err says why.
func (f *Fleet) Run(ctx context.Context, d time.Duration) (Block, error) {
	defer context.AfterFunc(ctx, f.Close)()
	stop := time.Now().Add(d)
	messages := make([]float64, len(f.clients))
	faults := make([]error, len(f.clients))
	var running sync.WaitGroup
	for i, c := range f.clients {
		running.Go(func() {
			var err error
			if messages[i], err = c.run(stop); err != nil {
				faults[i] = fmt.Errorf("client %d: %w", i, err)
			}
		})
	}
	running.Wait()
	b := Block{Seconds: d.Seconds()}
	for _, n := range messages {
		b.Messages += n
	}
	if ctx.Err() != nil {
		return b, context.Cause(ctx)
	}
	return b, errors.Join(faults...)
}

// client is one connection.
type client struct {
	conn     *net.TCPConn
	in       *arrival
	pool     *sync.Pool
	messages [][]byte
	next     int // in messages
}

func dial(ctx context.Context, addr string, pool *sync.Pool) (*client, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	tcp := conn.(*net.TCPConn)
	in, err := newArrival(tcp, pool)
	if err != nil {
		conn.Close()
		return nil, err
	}
	return &client{conn: tcp, in: in, pool: pool}, nil
}
