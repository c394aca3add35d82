//go:build slow

package siege

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"strconv"
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

// usage returns the CPU time that a process used so far, its own and the kernel's
// for it; they add up to what it used, and only the division is in steps of 10 ms
// (proc_pid_stat(5), fields 14 and 15).
func usage(t *testing.T, pid int) (user, system time.Duration) {
	t.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	// The name, in brackets, may have blanks in it.
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	const first, utime, stime = 3, 14, 15
	ticks := func(field int) time.Duration {
		n, err := strconv.ParseInt(fields[field-first], 10, 64)
		if err != nil {
			t.Fatalf("read the CPU time of process %d: %v", pid, err)
		}
		return time.Duration(n) * 10 * time.Millisecond
	}
	return ticks(utime), ticks(stime)
}

// resident is the memory of the machine that the generator has, in bytes.
func (g *generator) resident(t *testing.T) int64 {
	t.Helper()
	bytes, err := rss(g.pid())
	if err != nil {
		t.Fatal(err)
	}
	return bytes
}

// look collects the garbage, and tells what of the generator's memory is what,
// and how much is resident. The profile is that of examine.
func (g *generator) look(t *testing.T, profile string) (anatomy, int64) {
	t.Helper()
	a, err := g.examine(profile)
	if err != nil {
		t.Fatal(err)
	}
	return a, g.resident(t)
}

// vitals are what the generator holds on to; its sessions are those that the
// target has.
func (g *generator) vitals(t *testing.T, subject *patient) vital {
	t.Helper()
	s, err := ask(t.Context(), subject.addr)
	if err != nil {
		t.Fatal(err)
	}
	files, err := descriptors(g.pid())
	if err != nil {
		t.Fatal(err)
	}
	a, err := g.examine("")
	if err != nil {
		t.Fatal(err)
	}
	return vital{int(s.Connections.Open), files, a.Goroutines, a.Heap}
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
