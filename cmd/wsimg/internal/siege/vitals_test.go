//go:build slow

package siege

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// rss returns how much of the machine's memory a process has, in bytes.
func rss(pid int) (int64, error) {
	f, err := os.Open(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		return 0, fmt.Errorf("see how much memory the target has: %w", err)
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if rest, ok := strings.CutPrefix(lines.Text(), "Rss:"); ok {
			var kB int64
			_, err := fmt.Sscanf(rest, "%d kB", &kB)
			return kB << 10, err
		}
	}
	return 0, fmt.Errorf("see how much memory the target has: %s names no Rss", f.Name())
}

// descriptors returns how many files a process has open.
func descriptors(pid int) (int, error) {
	open, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	return len(open), err
}

// needProc skips a program where it can't see how another process is.
func needProc(t *testing.T) {
	t.Helper()
	if _, err := rss(os.Getpid()); err != nil {
		t.Skipf("this program needs Linux's /proc: %v", err)
	}
}

// peak watches the memory of a process until it is told to stop, and returns the
// most there was.
type peak struct {
	stop chan struct{}
	most chan int64
}

func watch(pid int) peak {
	p := peak{make(chan struct{}), make(chan int64, 1)}
	go func() {
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		var most int64
		for {
			if now, err := rss(pid); err == nil {
				most = max(most, now)
			}
			select {
			case <-tick.C:
			case <-p.stop:
				p.most <- most
				return
			}
		}
	}()
	return p
}

// end returns the most memory that was seen, in bytes.
func (p peak) end() int64 {
	close(p.stop)
	return <-p.most
}
