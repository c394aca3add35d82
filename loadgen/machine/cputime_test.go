package machine

import (
	"testing"
	"time"
)

func TestCPUTimeCountsWorkAndNotSleep(t *testing.T) {
	start, ok := CPUTime()
	if !ok {
		t.Skip("this system does not tell")
	}
	burn(60 * time.Millisecond)
	worked, _ := CPUTime()
	if got := worked - start; got < 20*time.Millisecond {
		t.Errorf("60 ms of work: got %v of CPU", got)
	}
	time.Sleep(60 * time.Millisecond)
	slept, _ := CPUTime()
	if got := slept - worked; got > 40*time.Millisecond {
		t.Errorf("60 ms of sleep: got %v of CPU", got)
	}
}

func TestCPUTimeNeverDecreases(t *testing.T) {
	last, _ := CPUTime()
	for range 10_000 {
		now, _ := CPUTime()
		if now < last {
			t.Fatalf("got %v after %v", now, last)
		}
		last = now
	}
}

// burn keeps one core busy for d of wall time.
func burn(d time.Duration) {
	for start := time.Now(); time.Since(start) < d; {
	}
}

func BenchmarkCPUTime(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		CPUTime()
	}
}
