package gate

import (
	"log/slog"
	"sync"
	"time"
)

// tellEvery is how often it is told how many connections were let go.
const tellEvery = time.Minute

// letGo counts the connections that lost their place to others.
type letGo struct {
	log *slog.Logger

	mu    sync.Mutex
	count uint64    // since the beginning
	told  time.Time // the last time that it was logged
}

// add counts one more, and tells how many they are, at most once in tellEvery.
func (g *letGo) add(now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.count++
	if now.Sub(g.told) < tellEvery {
		return
	}
	g.told = now
	g.log.Warn("connections that sent no request are reset to make room for others: somebody opens more of them than are used; see from where with ss -tn", "silent_for_at_least", patience, "reset_so_far", g.count)
}
