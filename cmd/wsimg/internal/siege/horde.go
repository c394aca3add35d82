package siege

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"
)

// group is so many clients of one kind.
type group struct {
	Kind    string // of kinds
	Clients int
	// Again has a client come back when its connection has ended, after Pause
	// on average.
	Again bool
	Pause time.Duration
}

// horde is what clients there are to be, and where they go.
type horde struct {
	Addr   string // host:port
	Groups []group
}

// endings counts how connections ended, by kind of client.
type endings map[string]map[ending]int

// dialing is how many clients of a horde are connecting at the same time.
const dialing = 64

// run has all clients do what they do until ctx ends, or all of them that don't
// come back have ended. Standing is called when each of them has a connection, or
// failed to get one.
func (h horde) run(ctx context.Context, standing func()) (endings, error) {
	var (
		tally   = endings{}
		mu      sync.Mutex
		clients sync.WaitGroup
		absent  atomic.Int64
		slots   = make(chan struct{}, dialing)
	)
	for _, g := range h.Groups {
		if _, ok := kinds[g.Kind]; !ok {
			return nil, fmt.Errorf("no kind of client is called %q", g.Kind)
		}
		absent.Add(int64(g.Clients))
	}
	for _, g := range h.Groups {
		k := kinds[g.Kind]
		for range g.Clients {
			clients.Go(func() {
				arrive := sync.OnceFunc(func() {
					if absent.Add(-1) == 0 {
						standing()
					}
				})
				for {
					how := visit(ctx, h.Addr, k, slots, arrive)
					arrive()
					mu.Lock()
					if tally[g.Kind] == nil {
						tally[g.Kind] = map[ending]int{}
					}
					tally[g.Kind][how]++
					mu.Unlock()
					pause := time.Duration(float64(g.Pause) * (0.5 + rand.Float64()))
					if !g.Again || !sleep(ctx, pause) {
						return
					}
				}
			})
		}
	}
	clients.Wait()
	return tally, nil
}

// visit is one connection of a client, from beginning to end.
func visit(ctx context.Context, addr string, k kind, slots chan struct{}, arrived func()) ending {
	select {
	case slots <- struct{}{}:
	case <-ctx.Done():
		return held
	}
	l, err := dial(ctx, addr)
	if err != nil {
		<-slots
		if ctx.Err() != nil {
			return held
		}
		return unreached
	}
	defer l.hangUp()
	if k.upgrades {
		err = l.upgrade("/", k.extensions)
	}
	<-slots
	if err != nil {
		return failed(ctx, err)
	}
	arrived()
	return k.client.behave(ctx, l)
}

// sleep waits, and reports whether it was to the end.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// hordeVariable holds the horde that a test binary is to be when it is started
// again.
const hordeVariable = "WSIMG_SIEGE_HORDE"

// life is the longest that a horde or a generator lives, whatever becomes of who
// started it.
const life = 2 * time.Hour

// camp is a horde in a process of its own.
type camp struct{ *process }

// start starts a horde, which stands when it returns. It ends when it is
// dismissed, and also when this process does.
func (h horde) start(ctx context.Context) (camp, error) {
	var stands bool
	p, err := restart(ctx, hordeVariable, h, &stands)
	if err != nil {
		return camp{}, fmt.Errorf("start a horde: %w", err)
	}
	return camp{p}, nil
}

// dismiss ends the horde and returns how its connections ended.
func (c camp) dismiss() (endings, error) {
	var tally endings
	if err := c.end(&tally); err != nil {
		return tally, fmt.Errorf("dismiss a horde: %w", err)
	}
	return tally, nil
}

// beHorde is what such a process does.
func beHorde(order string, stdin io.Reader, stdout io.Writer) error {
	var h horde
	if err := json.Unmarshal([]byte(order), &h); err != nil {
		return err
	}
	ctx, stop := context.WithTimeout(context.Background(), life)
	defer stop()
	go func() {
		io.Copy(io.Discard, stdin)
		stop()
	}()
	say := json.NewEncoder(stdout)
	tally, err := h.run(ctx, func() { say.Encode(true) })
	if err != nil {
		return err
	}
	<-ctx.Done() // who reads expects to be the one that ends it
	return say.Encode(tally)
}
