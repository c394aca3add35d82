package steady

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/wsimg/wsimg/loadgen"
	"github.com/wsimg/wsimg/loadgen/schedule"
)

// TestWarmUpBeforeAnOpenLoadIsGentle: of many clients only some send before the
// load begins, for all at the same time would be a load that nobody asked for.
func TestWarmUpBeforeAnOpenLoadIsGentle(t *testing.T) {
	t.Parallel()
	var (
		mu     sync.Mutex
		warmed = make(map[*websocket.Conn]int) // images
		over   bool
	)
	srv := serve(t, func(m message) {
		mu.Lock()
		if !over {
			warmed[m.Conn]++
		}
		mu.Unlock()
		m.echo()
	})
	s := asked(t, srv.url)
	s.Clients = gentleClients + 4
	s.Load.Plan = schedule.Steady(400, 50*time.Millisecond)
	s.Progress = onMeasuring(func() {
		mu.Lock()
		over = true
		mu.Unlock()
	})
	carriedOut(t, s)
	if len(warmed) == 0 || len(warmed) > gentleClients {
		t.Errorf("%d of %d clients were warmed up, want at most %d", len(warmed), s.Clients, gentleClients)
	}
}

// TestWarmUpEndsInTime: a client that has lost its connection, and gets no answer
// to its request for another, does not hold it up for as long as it may wait.
func TestWarmUpEndsInTime(t *testing.T) {
	t.Parallel()
	measuring := make(chan struct{})
	srv := serve(t, func(m message) {
		if m.n == 1 {
			m.Close()
			return
		}
		time.Sleep(5 * time.Millisecond)
		m.echo()
	})
	srv.admits = func(n int64) int {
		if n > 2 {
			<-measuring
		}
		return 0
	}
	s := asked(t, srv.url)
	s.Load, s.Duration = loadgen.Load{Think: time.Millisecond}, 200*time.Millisecond
	s.Source = images(t, 200) // more than are sent before that client is missed
	s.Timeout, s.Warmup = 100*time.Millisecond, 150*time.Millisecond
	answer := sync.OnceFunc(func() { close(measuring) })
	t.Cleanup(answer) // whatever happens
	s.Progress = onMeasuring(answer)
	run, sample := carriedOut(t, s)
	cell := run.Cells[0]
	if cell.WarmupErrors[loadgen.Timeout] > 0 || sample.Images == 0 {
		t.Errorf("got %d images behind a warm-up with %v, want some, and no attempt that was waited for to its end", sample.Images, cell.WarmupErrors)
	}
	if c := cell.Connecting; c.Lost == 0 || c.LostImages == 0 || c.Connected != 2 {
		t.Errorf("connecting: got %+v, want two that were connected, and one lost in the warm-up with its image", c)
	}
	if want := "lost in the warm-up."; !strings.Contains(strings.Join(run.Notes, "\n"), want) {
		t.Errorf("got notes %q, want one of connections %s", run.Notes, want)
	}
}
