package machine

import (
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

// The busy loop is foreign when it isn't declared, and not when it is. Other
// work on the machine can only add to both, so their difference is judged.
func TestMonitorSeesWhatIsNotOurs(t *testing.T) {
	m := NewMonitor()
	defer m.Close()
	a := m.Snapshot()
	cpu, _ := CPUTime()
	burn(400 * time.Millisecond)
	used, _ := CPUTime()
	b := m.Snapshot()
	if a.stat.cores == 0 {
		t.Skip("/proc/stat is not readable here")
	}
	own := used - cpu
	declared, undeclared := Between(a, b, own), Between(a, b, 0)
	if declared.SpanSeconds < 0.4 || declared.SpanSeconds > 5 {
		t.Errorf("span: got %v s, want a little over 0.4 s", declared.SpanSeconds)
	}
	share := own.Seconds() / declared.SpanSeconds / float64(b.stat.cores)
	if got := undeclared.Foreign - declared.Foreign; got < share/2 {
		t.Errorf("declaring %.2f of the machine as own took off %.2f (%.2f, then %.2f)",
			share, got, undeclared.Foreign, declared.Foreign)
	}
}

func TestMonitorAfterCloseIsEmpty(t *testing.T) {
	m := NewMonitor()
	m.Close()
	m.Close()
	if s := m.Snapshot(); s.stat != (stat{}) {
		t.Errorf("got %+v", s)
	}
}

func TestSnapshotAllocatesNothing(t *testing.T) {
	m := NewMonitor()
	defer m.Close()
	if n := testing.AllocsPerRun(100, func() { m.Snapshot() }); n != 0 {
		t.Errorf("got %v allocations", n)
	}
}

func TestProbeReadsTheTightestLimit(t *testing.T) {
	group := func(files map[string]string) string { return folder(t, files) }
	p := probe{group: make([]byte, 4<<10)}
	p.groups = openThrottled([]string{
		group(map[string]string{"cpu.max": "max 100000\n", "cpu.stat": "throttled_usec 9000\n"}),
		group(map[string]string{"cpu.max": "50000 100000\n", "cpu.stat": "throttled_usec 2000\n"}),
		group(map[string]string{"cpu.cfs_quota_us": "50000\n", "cpu.cfs_period_us": "100000\n", "cpu.stat": "throttled_time 3000000\n"}),
		group(map[string]string{"cpu.max": "50000 100000\n"}),
		filepath.Join(t.TempDir(), "gone"),
	})
	if got, want := len(p.groups), 2; got != want {
		t.Errorf("opened %d groups, want the %d that are limited and tell", got, want)
	}
	if got, want := p.readThrottled(), 3*time.Millisecond; got != want {
		t.Errorf("throttled: got %v, want %v", got, want)
	}
	p.close()
}

func TestMonitorCountsTheCores(t *testing.T) {
	m := NewMonitor()
	defer m.Close()
	s := m.Snapshot()
	if s.stat.cores == 0 {
		t.Skip("/proc/stat is not readable here")
	}
	if s.stat.cores < runtime.NumCPU() {
		t.Errorf("got %d cores, fewer than the %d this process may use", s.stat.cores, runtime.NumCPU())
	}
}

func BenchmarkSnapshot(b *testing.B) {
	m := NewMonitor()
	defer m.Close()
	b.ReportAllocs()
	for b.Loop() {
		m.Snapshot()
	}
}
