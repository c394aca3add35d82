package machine

import (
	"time"

	"github.com/wsimg/wsimg/loadgen/record"
)

// MinSpan is the shortest span over which a disturbance should be judged. The
// kernel counts CPU in ticks of 10 ms, and on most systems by looking once a
// tick at who is running: over 1 s of two cores that is good to about 1 %.
const MinSpan = time.Second

// tick is USER_HZ, in which /proc/stat counts, on every architecture Go has.
const tick = 10 * time.Millisecond

// Monitor takes snapshots of what the machine's CPUs do. It keeps its files
// and buffers, so that a snapshot costs a few reads, some 10 µs on a small
// machine, and allocates nothing. Not safe for concurrent use.
type Monitor struct {
	probe probe
}

// NewMonitor returns a Monitor of this machine. Where nothing can be measured
// its snapshots are empty. Close it after use.
func NewMonitor() *Monitor { return &Monitor{probe: openProbe()} }

// Snapshot reads the machine's counters as they stand. What can't be read
// makes it empty.
func (m *Monitor) Snapshot() Snapshot {
	s := m.probe.read()
	s.at = time.Now()
	return s
}

// Close releases the files. Snapshots already taken stay good.
func (m *Monitor) Close() { m.probe.close() }

// Snapshot is the machine's CPU counters at an instant: a plain value, of use
// only to Between. The zero value is one that could not be read.
type Snapshot struct {
	at        time.Time
	stat      stat          // zero when not readable
	throttled time.Duration // of this process's tightest control group, all cores together
	// interruptsApart says that the CPU time of processes does not include
	// the interrupts that arrived while they ran. See probe.
	interruptsApart bool
}

// Between returns what was taken from a run between a and b, as shares of all
// the machine's cores. own is the CPU time that both ends of the test used
// meanwhile (that of the generator alone, when the target runs elsewhere);
// what the machine was busy with beyond it is Foreign.
//
// Shares are within 0 and 1; all is zero, SpanSeconds too, when either snapshot
// is empty or b is not later than a. Spans shorter than MinSpan are answered
// but coarse.
//
// Where the kernel accounts interrupts apart from processes, those of our own
// traffic can't be told from others', and none count as Foreign.
func Between(a, b Snapshot, own time.Duration) record.Disturbance {
	span := b.at.Sub(a.at)
	if a.stat.cores == 0 || b.stat.cores == 0 || span <= 0 {
		return record.Disturbance{}
	}
	busy := ticks(a.stat.tasks, b.stat.tasks)
	if !b.interruptsApart {
		busy += ticks(a.stat.interrupts, b.stat.interrupts)
	}
	all := span.Seconds() * float64(b.stat.cores)
	share := func(d time.Duration) float64 { return min(max(d.Seconds()/all, 0), 1) }
	return record.Disturbance{
		SpanSeconds: span.Seconds(),
		Steal:       share(ticks(a.stat.steal, b.stat.steal)),
		Throttled:   share(b.throttled - a.throttled),
		Foreign:     share(busy - own),
	}
}

// ticks returns the time from one counter to a later one, and 0 when it went
// back, as /proc/stat may do by a tick or when a core is unplugged.
func ticks(from, to uint64) time.Duration {
	if to <= from {
		return 0
	}
	return time.Duration(to-from) * tick
}
