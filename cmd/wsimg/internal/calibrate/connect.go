package calibrate

import (
	"context"
	"fmt"
	"net"
	"runtime"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/wsimg/wsimg/loadgen"
	"github.com/wsimg/wsimg/loadgen/record"
	"github.com/wsimg/wsimg/loadgen/stats"
)

const (
	// dialed connections are opened at the same time, as a fleet does it.
	dialed = 32
	// mostDialed bounds a repetition: a closed connection keeps its port for a
	// minute, and there are 28,000.
	mostDialed = 1600
)

// connects is how fast connections open.
type connects struct {
	name, note string
	// dial opens dialed connections, and returns what closes them.
	dial     func(ctx context.Context) (closing func(), err error)
	readings []float64
}

func (c *connects) slots() []slot { return []slot{{connectWeight, c.measure}} }

func (c *connects) measure(ctx context.Context, d time.Duration) error {
	opened, took := 0, time.Duration(0)
	for start := time.Now(); opened == 0 || time.Since(start) < d && opened < mostDialed; opened += dialed {
		began := time.Now()
		closing, err := c.dial(ctx)
		took += time.Since(began)
		if err != nil {
			return fmt.Errorf("measure %s: %w", c.name, err)
		}
		closing()
	}
	c.readings = append(c.readings, float64(opened)/took.Seconds())
	return nil
}

func (c *connects) record() (record.Ceiling, bool) {
	found := record.Ceiling{Name: c.name, Kind: record.ConnectCeiling, Cores: runtime.GOMAXPROCS(0), Note: c.note}
	if len(c.readings) == 0 {
		return found, false
	}
	median := stats.Median(c.readings)
	found.Figures = []record.Figure{figure("opened", "/s", &median, c.readings)}
	return found, true
}

// connecting returns how fast connections to the yardstick and to the target
// open.
func connecting(addr, url string) []ceiling {
	return []ceiling{
		&connects{
			name: "TCP connect", note: fmt.Sprintf("%d at the same time", dialed),
			dial: func(ctx context.Context) (func(), error) { return dialTCP(ctx, addr) },
		},
		&connects{
			name: "WebSocket connect", note: fmt.Sprintf("TCP and upgrade, %d at the same time", dialed),
			dial: func(ctx context.Context) (func(), error) {
				fleet, err := loadgen.Dial(ctx, loadgen.Settings{URL: url, Clients: dialed})
				if err != nil {
					return nil, err
				}
				return func() { fleet.Close() }, nil
			},
		},
	}
}

func dialTCP(ctx context.Context, addr string) (closing func(), err error) {
	conns := make([]net.Conn, dialed)
	closing = func() {
		for _, c := range conns {
			if c != nil {
				// Reset, or the port stays taken for a minute.
				_ = c.(*net.TCPConn).SetLinger(0)
				c.Close()
			}
		}
	}
	g, ctx := errgroup.WithContext(ctx)
	for i := range conns {
		g.Go(func() (err error) {
			var d net.Dialer
			conns[i], err = d.DialContext(ctx, "tcp", addr)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		closing()
		return nil, err
	}
	return closing, nil
}
